"""How one team's score on the public part has grown, file by file, as far as boards may show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import cutoff, primary
from datathon.leaderboard.rules import quantise, sort_key
from datathon.leaderboard.standings import owner_key
from datathon.leaderboard.tables import VeiledStanding
from datathon.leaderboard.veil import veiled_board
from datathon.scoring.current import counts, of_its_challenge, shown
from datathon.scoring.ladder import has_step
from datathon.scoring.tables import ChallengeBasis, LadderStep, Score
from datathon.submissions.tables import Submission


@dataclass(frozen=True, slots=True)
class Step:
    """One scored submission: its value, the team's best with it, and how much better or worse it is than the best before.

    ``gain`` is positive where the submission is better, whichever end of the metric is; None for the first one.
    """

    number: int
    at: datetime
    value: float
    best: float
    gain: float | None


def curve(
    db: Session, edition: Edition, challenge: Challenge, team_id: UUID, *, since: datetime | None, now: datetime
) -> tuple[Step, ...]:
    """Return the steps of a team in the order of its files; of a board frozen at ``since`` those the freeze found."""
    if veiled_board(db, edition.id, challenge.id, since=since) is not None:
        kept = db.get(VeiledStanding, (edition.id, challenge.id, owner_key(team_id, "")))
        given = [] if kept is None else kept.steps
        return steps_of(challenge, [(number, datetime.fromisoformat(at), value) for number, at, value in given])
    metric, end = primary(challenge), cutoff(windows_of(db, edition, now=now))
    query = (
        select(Submission.number, Submission.received_at, Score.public, LadderStep.shown)
        .join(Score, counts())
        .join(LadderStep, has_step(), isouter=True)
        .join(ChallengeBasis, of_its_challenge(), isouter=True)
        .where(
            Submission.edition_id == edition.id,
            Submission.challenge_id == challenge.id,
            Submission.team_id == team_id,
            Submission.state == "scored",
        )
        .where(shown())
        .order_by(col(Submission.number))
    )
    if end is not None:
        query = query.where(Submission.received_at < end.at)
    ladder = challenge.board.ladder
    told = ((number, at, level if ladder else p.get(metric.name)) for number, at, p, level in db.exec(query))
    return steps_of(challenge, [(number, at, value) for number, at, value in told if value is not None])


def steps_of(challenge: Challenge, files: Iterable[tuple[int, datetime, float]]) -> tuple[Step, ...]:
    """Return the steps that these files make, given as (number, received, public value) in the order of their numbers."""
    metric = primary(challenge)
    steps: list[Step] = []
    for number, at, raw in files:
        value = quantise(raw, metric.decimals)
        gain = None if not steps else sort_key(steps[-1].best, metric.direction) - sort_key(value, metric.direction)
        best = value if gain is None or gain > 0 else steps[-1].best
        steps.append(Step(number, at, value, best, None if gain is None else quantise(gain, metric.decimals)))
    return tuple(steps)
