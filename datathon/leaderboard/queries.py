"""Scored submissions read for boards and rankings. Private values leave here for the final ranking only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.editions.rules import Challenge, Edition, Metric, PhaseKind, PhaseState, Window
from datathon.editions.shipped import direction_of
from datathon.kernel.errors import Invalid
from datathon.leaderboard.rules import Counts, Direction, Order
from datathon.leaderboard.tables import BoardSnapshot
from datathon.scoring.current import counts, of_its_challenge, shown
from datathon.scoring.tables import ChallengeBasis, Score
from datathon.submissions.tables import FinalChoice, Submission
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Primary:
    """A metric as boards show it; the primary one sorts them."""

    name: str
    direction: Direction
    decimals: int


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored submission with its record; ``team`` is None for a baseline, which ``baseline`` then names."""

    submission: Submission
    score: Score
    team: Team | None
    chosen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """A public board as pages show it: ``payload`` is the object of leaderboard.json."""

    version: int
    as_of: datetime
    frozen: bool
    payload: Mapping[str, Any]


def primary(challenge: Challenge) -> Primary:
    """Return the metric that ranks: the first one, in the direction that the challenge or the shipped scorer declares.

    Raises Invalid when there is none or nobody declared its direction: it is never guessed.
    """
    if not challenge.metrics:
        raise Invalid("The challenge %(challenge)s has no metric.", challenge=challenge.id)
    return _named(challenge.metrics[0])


def secondary(challenge: Challenge) -> tuple[Primary, ...]:
    """Return the metrics that are shown beside the one that ranks, in their declared order; raises as ``primary``."""
    return tuple(_named(metric) for metric in challenge.metrics[1:])


def _named(metric: Metric) -> Primary:
    direction = metric.direction or direction_of(metric.function)
    if direction not in ("lower", "higher"):
        raise Invalid("Nobody declared whether less or more is better for %(metric)s.", metric=metric.name)
    return Primary(metric.name, cast("Direction", direction), metric.decimals)


def order_of(challenge: Challenge) -> Order:
    """Return how the board of a challenge compares: its first metric, then what the rules say of ties.

    Raises Invalid as ``primary`` does.
    """
    first, rules = primary(challenge), challenge.board
    by_name = {metric.name: metric for metric in challenge.metrics}
    separating = [_named(by_name[name]) for name in rules.tie_break if name in by_name]
    return Order(
        first.direction,
        first.decimals,
        cast("Counts", rules.counts),
        tuple((metric.name, metric.direction, metric.decimals) for metric in separating),
        earliest="earliest" in rules.tie_break,
    )


def scored(db: Session, edition_id: str, challenge_id: str) -> tuple[Scored, ...]:
    """Return the scored submissions of a challenge with the record that counts, in no particular order.

    Scores of another version than the board shows are left out: they wait for a rescoring to be applied.
    """
    query = (
        select(Submission, Score, Team, FinalChoice.chosen_at)
        .join(Score, counts())
        .join(ChallengeBasis, of_its_challenge(), isouter=True)
        .join(Team, col(Team.id) == col(Submission.team_id), isouter=True)
        .join(FinalChoice, col(FinalChoice.submission_id) == col(Submission.id), isouter=True)
        .where(
            Submission.edition_id == edition_id, Submission.challenge_id == challenge_id, Submission.state == "scored"
        )
        .where(shown())
    )
    return tuple(Scored(*row) for row in db.exec(query))


def pending(db: Session, edition_id: str, challenge_id: str, *, before: datetime | None = None) -> int:
    """Return how many submissions of a challenge, received ``before`` an instant, still wait for their score."""
    query = select(func.count()).where(
        Submission.edition_id == edition_id,
        Submission.challenge_id == challenge_id,
        col(Submission.state).in_(("received", "running")),
    )
    if before is not None:
        query = query.where(Submission.received_at < before)
    return db.exec(query).one()


def closed_since(windows: tuple[Window, ...]) -> datetime | None:
    """Return when the last submissions phase closed, None while one is open or still to come or none was ever open."""
    phases = [w for w in windows if w.phase.kind is PhaseKind.SUBMISSIONS]
    if not phases or any(w.state is not PhaseState.CLOSED or w.closes is None for w in phases):
        return None
    return max(w.closes for w in phases if w.closes is not None)


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What came from ``at`` on does not count on public boards; ``veiled``: for now, until organisers reveal it."""

    at: datetime
    veiled: bool


def cutoff(windows: tuple[Window, ...]) -> Cutoff | None:
    """Return from when on files do not count on boards: since a freeze that is in force, or since submissions closed."""
    closed = closed_since(windows)
    frozen = [w.opens for w in windows if w.phase.kind is PhaseKind.FREEZE and w.state is PhaseState.OPEN]
    if frozen and (closed is None or min(frozen) < closed):
        return Cutoff(min(frozen), veiled=True)
    return None if closed is None else Cutoff(closed, veiled=False)


def board(db: Session, edition: Edition, challenge: Challenge) -> Board | None:
    """Return the public board of a challenge, None before its first score."""
    row = db.get(BoardSnapshot, (edition.id, challenge.id))
    return None if row is None else Board(row.version, row.as_of, row.frozen, row.payload)


def board_version(db: Session, edition: Edition, challenge: Challenge) -> tuple[int, datetime] | None:
    """Return version and instant of a public board without reading its rows, None before its first score."""
    query = select(BoardSnapshot.version, BoardSnapshot.as_of).where(
        BoardSnapshot.edition_id == edition.id, BoardSnapshot.challenge_id == challenge.id
    )
    found = db.exec(query).one_or_none()
    return None if found is None else (found[0], found[1])


def rank_of(shown: Board, team_slug: str) -> int | None:
    """Return the rank a team has on a board, None when it has none."""
    for row in shown.payload["rows"]:
        if row["slug"] == team_slug:
            return cast("int | None", row["rank"])
    return None


def team_keys(rows: tuple[Scored, ...]) -> dict[UUID, str]:
    """Return team id -> slug of the teams that have a scored submission."""
    return {row.team.id: row.team.slug for row in rows if row.team is not None}
