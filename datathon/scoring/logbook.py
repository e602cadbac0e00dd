"""What a team may see of the scoring of its own submissions: public values and provenance, never a private value."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.scoring.current import counts, of_its_challenge, shown
from datathon.scoring.ladder import ladder_values
from datathon.scoring.tables import ChallengeBasis, Score
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission


@dataclass(frozen=True, slots=True)
class PublicScore:
    """The part of a score record that a team may see. ``values`` maps a metric's name to its value on the public rows.

    On a ladder it holds what the ladder shows, nothing while a file before it waits, and ``moved`` tells whether this
    file moved it.
    """

    submission_id: UUID
    values: Mapping[str, float]
    scorer: str
    scorer_version: str
    scorer_digest: str
    reference_digest: str
    environment_digest: str
    sandbox: str
    cpu_s: float
    max_rss_bytes: int
    scored_at: datetime
    on_board: bool
    moved: bool = True


def public_scores(db: Session, submission_ids: Collection[UUID], *, ladder: str) -> dict[UUID, PublicScore]:
    """Return the score that counts of each of these submissions of one challenge by key; what has none is absent.

    ``ladder`` is the metric of a challenge that has one, "" where public values are shown as they are.
    """
    query = select(
        Score.submission_id,
        Score.public,
        Score.scorer,
        Score.scorer_version,
        Score.scorer_digest,
        Score.reference_digest,
        Score.environment_digest,
        Score.sandbox,
        Score.cpu_s,
        Score.max_rss_bytes,
        Score.scored_at,
        shown(),
    )  # type: ignore[call-overload]  # sqlmodel spells out at most four columns; the private ones must not be read at all
    rows = db.exec(
        query.join(Submission, counts())
        .join(ChallengeBasis, of_its_challenge(), isouter=True)
        .where(col(Submission.id).in_(submission_ids))
    )
    scores = {row[0]: PublicScore(*row) for row in rows}
    if not ladder:
        return scores
    answered = ladder_values(db, scores)
    return {key: _on_ladder(score, ladder, *answered.get(key, (None, False))) for key, score in scores.items()}


def _on_ladder(score: PublicScore, metric: str, value: float | None, moved: bool) -> PublicScore:  # noqa: FBT001
    return replace(score, values={} if value is None else {metric: value}, moved=moved)


def baseline_value(
    db: Session, *, edition_id: str, challenge_id: str, metric: str, higher_is_better: bool
) -> float | None:
    """Return the best public value of the organiser's baselines on ``metric``, None when none is scored."""
    query = (
        select(Score.public)
        .join(Submission, counts())
        .join(ChallengeBasis, of_its_challenge(), isouter=True)
        .where(
            shown(),
            Submission.edition_id == edition_id,
            Submission.challenge_id == challenge_id,
            col(Submission.team_id).is_(None),
            Submission.state == State.SCORED,
        )
    )
    values: list[float] = [public[metric] for public in db.exec(query) if metric in public]
    if not values:
        return None
    return max(values) if higher_is_better else min(values)
