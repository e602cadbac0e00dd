"""The value of a metric that counts in the end. Reads private values: for the final ranking only."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import Scored, primary, scored
from datathon.leaderboard.rules import Candidate, final_candidate
from datathon.scoring.tables import LadderStep


@dataclass(frozen=True, slots=True)
class FinalScore:
    """What one team's predictions count for. ``chosen`` tells a choice of the team from the best public score."""

    team_id: UUID
    value: float
    submission_id: UUID
    number: int
    chosen: bool
    received_at: datetime
    submission_digest: str
    reference_digest: str
    scorer: str
    scorer_digest: str
    environment_digest: str


def final_scores(db: Session, edition: Edition, challenge: Challenge) -> dict[UUID, FinalScore]:
    """Return each team's final value of the first metric, by team; teams without a scored submission are absent.

    Best private value among the submissions the team chose (at most ``final_selections``); without a choice, the private
    value of its best public one.
    """
    metric = primary(challenge)
    answered = ladder_shown(db, edition, challenge)
    by_team: dict[UUID, dict[str, Scored]] = {}
    for row in scored(db, edition.id, challenge.id):
        if row.team is not None and _has_both(row, metric.name):
            by_team.setdefault(row.team.id, {})[str(row.submission.id)] = row
    finals: dict[UUID, FinalScore] = {}
    for team_id, rows in by_team.items():
        counted = final_candidate(
            [_candidate(row, metric.name, answered) for row in rows.values()],
            direction=metric.direction,
            decimals=metric.decimals,
            selections=challenge.final_selections,
        )
        if counted is not None:
            finals[team_id] = _final(team_id, rows[counted.submission], counted)
    return finals


def _has_both(row: Scored, metric: str) -> bool:
    values = (row.score.public.get(metric), row.score.private.get(metric))
    return all(value is not None and math.isfinite(value) for value in values)


def ladder_shown(db: Session, edition: Edition, challenge: Challenge) -> dict[UUID, float]:
    """Return what a ladder showed after each submission; nothing where there is no ladder."""
    if not challenge.board.ladder:
        return {}
    here = (LadderStep.edition_id == edition.id, LadderStep.challenge_id == challenge.id)
    found = db.exec(select(LadderStep.submission_id, LadderStep.shown).where(*here))
    return {key: value for key, value in found if value is not None}


def _candidate(row: Scored, metric: str, answered: Mapping[UUID, float]) -> Candidate:
    # Without a choice the file that stands on the board counts: the first that reached what the ladder shows.
    return Candidate(
        str(row.submission.id),
        answered.get(row.submission.id, row.score.public[metric]),
        row.score.private[metric],
        row.submission.received_at,
        row.chosen_at,
    )


def _final(team_id: UUID, row: Scored, counted: Candidate) -> FinalScore:
    return FinalScore(
        team_id=team_id,
        value=counted.private,
        submission_id=row.submission.id,
        number=row.submission.number,
        chosen=counted.chosen_at is not None,
        received_at=row.submission.received_at,
        submission_digest=row.score.submission_digest,
        reference_digest=row.score.reference_digest,
        scorer=f"{row.score.scorer} {row.score.scorer_version}",
        scorer_digest=row.score.scorer_digest,
        environment_digest=row.score.environment_digest,
    )
