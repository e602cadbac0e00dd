"""The receipt of a submission: what a team keeps to prove what it handed in and to check the published result."""

from collections.abc import Mapping

from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.rules import instant_text
from datathon.web.participant.logbook import Entry


def receipt(edition: Edition, challenge: Challenge, entry: Entry) -> Mapping[str, object]:
    """Return the receipt as a JSON object; digests are SHA-256, instants UTC to the second, values public ones only."""
    submission, score = entry.submission, entry.score
    facts: dict[str, object] = {
        "format": "datathon-receipt/1",
        "edition": edition.id,
        "challenge": challenge.id,
        "team": submission.team_name,
        "submission": str(submission.id),
        "number": submission.number,
        "kind": "predictions" if challenge.program is None else "program",
        "file_name": submission.file_name,
        "size_bytes": submission.size_bytes,
        "sha256": submission.digest,
        "received_at": instant_text(submission.received_at),
        "state": submission.state,
    }
    if score is not None:
        facts |= {
            "scored_at": instant_text(score.scored_at),
            "public": dict(score.values),
            "scorer": {"name": score.scorer, "version": score.scorer_version, "digest": score.scorer_digest},
            "reference": score.reference_digest,
            "environment": score.environment_digest,
            "sandbox": score.sandbox,
        }
    return facts


def receipt_text(facts: Mapping[str, object]) -> str:
    """Return the receipt as lines "name: value" that a person can read and print."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            lines += [f"{name}.{inner}: {value[inner]}" for inner in value]
        else:
            lines.append(f"{name}: {value}")
    return "\n".join(lines) + "\n"
