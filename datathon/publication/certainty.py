"""How sure the order of a metric is on its hidden rows: asked for by the publication, never before, and read with it.

The figures come seconds after the publication, beside the content that its digest names; they never change a rank.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard import intervals
from datathon.leaderboard.final import final_scores
from datathon.leaderboard.rules import shared_ranks, sort_key
from datathon.leaderboard.tables import BoardInterval
from datathon.publication.queries import Publication
from datathon.scoring.losses import made_by
from datathon.teams.tables import Team

BEFORE = "before"
"""Why there are no intervals: the ranking was published before they were computed."""


def ask(db: Session, edition: Edition, results: Mapping[str, Any], *, now: datetime) -> None:
    """Ask for the intervals of every metric that a published ranking has; a worker finds them.

    Only for content that is public: what is found tells the order on the hidden rows. The losses that count are named
    here, so that a later rescoring does not mix in. The caller holds the edition's lock.
    """
    for component in _metrics(results):
        challenge = edition.challenge(component["challenge"])
        if challenge is None:
            continue
        standing = _standing(db, edition, challenge)
        teams = [(row["slug"], standing[row["slug"]]) for row in metric_rows(results, component["id"])]
        request = intervals.request_of(
            teams, made_by=made_by(challenge), decimals=component["metric_decimals"], version=str(results["digest"])
        )
        digests = intervals.losses_of(db, request)
        if not isinstance(digests, str):
            request["digests"] = digests
        known = intervals.want(db, edition.id, challenge.id, intervals.PRIVATE, request, now=now)
        row = db.get(BoardInterval, (edition.id, challenge.id, intervals.PRIVATE))
        if known["state"] == "none" and row is not None and row.request.get("version") != request["version"]:
            # What an earlier version asked for is nobody's any more.
            db.delete(row)
            db.flush()


def with_certainty(db: Session, edition: Edition, published: Publication) -> Publication:
    """Return a publication whose results have ``intervals``: what is known of each metric's order, by component."""
    found = {c["id"]: _known(db, edition, published.results, c) for c in _metrics(published.results)}
    return replace(published, results={**published.results, "intervals": found}) if found else published


def metric_rows(results: Mapping[str, Any], component: str) -> list[dict[str, Any]]:
    """Return the ranked teams by one metric, best first, as rows of a board: rank, team, slug, score, kind."""
    names = {team["id"]: team["name"] for team in results["teams"]}
    direction = next(c["direction"] for c in results["components"] if c["id"] == component)
    values = values_of(results, component)
    there = [
        (sort_key(values[row["team"]], direction), row["team"]) for row in results["ranking"] if row["team"] in values
    ]
    there.sort(key=lambda pair: (pair[0], names[pair[1]], pair[1]))
    ranks = shared_ranks([(key,) for key, _ in there])
    return [
        {"rank": rank, "team": names[team], "slug": team, "score": values[team], "kind": "team", "interval": None}
        for rank, (_, team) in zip(ranks, there, strict=True)
    ]


def values_of(results: Mapping[str, Any], component: str) -> Mapping[str, float]:
    """Return a metric component's values by team, as they were quantised."""
    found: Mapping[str, float] = results.get("metrics", {}).get(component) or results["metric"]
    return found


def _metrics(results: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # Results from before metrics had a name in them have no decimals either.
    return [c for c in results["components"] if c["kind"] == "metric" and "metric_decimals" in c]


def _standing(db: Session, edition: Edition, challenge: Challenge) -> dict[str, UUID]:
    """Return the submission that counts in the end by the slug of its team."""
    slugs = dict(db.exec(select(Team.id, Team.slug).where(Team.edition_id == edition.id)).all())
    return {slugs[team]: final.submission_id for team, final in final_scores(db, edition, challenge).items()}


def _known(
    db: Session, edition: Edition, results: Mapping[str, Any], component: Mapping[str, Any]
) -> Mapping[str, Any]:
    row = db.get(BoardInterval, (edition.id, component["challenge"], intervals.PRIVATE))
    if row is not None and row.request.get("version") == results.get("digest"):
        return dict(row.found) if row.found_for == row.wanted else {"state": "computing"}
    challenge = edition.challenge(component["challenge"])
    if challenge is None or not made_by(challenge):
        reason = intervals.NO_LOSSES_DECLARED
    elif len(metric_rows(results, component["id"])) < 2:
        reason = intervals.TOO_FEW_TEAMS
    else:
        reason = BEFORE
    return {"state": "none", "reason": reason}
