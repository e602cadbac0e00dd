"""Sessions of comparisons, read for a page, an act or the final ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.comparison_tables import Comparison, ComparisonJuror, ComparisonStand, ComparisonVote
from datathon.jury.pairwise import Vote
from datathon.jury.queries import GradedTeam, graded_teams
from datathon.jury.tables import ConflictOfInterest
from datathon.people.tables import Person
from datathon.teams.tables import Team

DECIDED = ("left", "right", "equal")


@dataclass(frozen=True, slots=True)
class Seat:
    """A juror in a session: how many pairs they decided, when the last time, and who it is."""

    juror_id: UUID
    name: str
    decided: int
    set_aside: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stand:
    """A prototype in a session; ``status`` is its team's."""

    team_id: UUID
    team: str
    slug: str
    status: str
    prototype: str


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes that count, jurors and teams by their keys as text, and how many do not and why.

    ``conflicts`` counts votes of somebody who has a conflict with one of the two, ``withdrawn`` those on a team that
    withdrew, ``undone`` those taken back, ``aside`` the pairs nobody decided.
    """

    counting: tuple[Vote, ...]
    conflicts: int
    withdrawn: int
    undone: int
    aside: int


def comparisons(db: Session, edition_id: str) -> tuple[Comparison, ...]:
    """Return the sessions of an edition, the latest first."""
    query = select(Comparison).where(Comparison.edition_id == edition_id)
    return tuple(db.exec(query.order_by(col(Comparison.opened_at).desc(), col(Comparison.id))))


def open_for(db: Session, edition_id: str, juror_id: UUID) -> tuple[Comparison, ...]:
    """Return the open sessions in which a juror takes part, the first opened first."""
    query = (
        select(Comparison)
        .join(ComparisonJuror, col(ComparisonJuror.comparison_id) == col(Comparison.id))
        .where(
            Comparison.edition_id == edition_id,
            ComparisonJuror.juror_id == juror_id,
            col(Comparison.closed_at).is_(None),
        )
        .order_by(col(Comparison.opened_at), col(Comparison.id))
    )
    return tuple(db.exec(query))


def the_one_that_counts(db: Session, edition_id: str) -> Comparison | None:
    """Return the session whose result the ranking reads: the one closed last."""
    query = (
        select(Comparison)
        .where(Comparison.edition_id == edition_id, col(Comparison.closed_at).is_not(None))
        .order_by(col(Comparison.closed_at).desc(), col(Comparison.id))
    )
    return db.exec(query.limit(1)).first()


def stands(db: Session, edition: Edition, comparison_id: UUID) -> tuple[Stand, ...]:
    """Return the prototypes of a session by name, those of withdrawn teams too."""
    query = (
        select(Team)
        .join(ComparisonStand, col(ComparisonStand.team_id) == col(Team.id))
        .where(ComparisonStand.comparison_id == comparison_id)
        .order_by(func.lower(col(Team.name)), col(Team.id))
    )
    titles = {graded.team_id: graded.prototype for graded in graded_teams(db, edition)}
    return tuple(Stand(t.id, t.name, t.slug, t.status, titles.get(t.id, t.name)) for t in db.exec(query))


def standing(db: Session, edition: Edition, comparison_id: UUID) -> dict[UUID, GradedTeam]:
    """Return the teams of a session that can still be shown: handed in, not withdrawn."""
    kept = set(db.exec(select(ComparisonStand.team_id).where(ComparisonStand.comparison_id == comparison_id)))
    return {team.team_id: team for team in graded_teams(db, edition) if team.team_id in kept}


def seats(db: Session, comparison_id: UUID) -> tuple[Seat, ...]:
    """Return the jurors of a session by name, with what they did so far."""
    done: dict[UUID, list[ComparisonVote]] = {}
    for vote in _standing_votes(db, comparison_id):
        done.setdefault(vote.juror_id, []).append(vote)
    query = (
        select(Person.id, Person.name)
        .join(ComparisonJuror, col(ComparisonJuror.juror_id) == col(Person.id))
        .where(ComparisonJuror.comparison_id == comparison_id)
        .order_by(func.lower(col(Person.name)), col(Person.id))
    )
    found = []
    for juror, name in db.exec(query):
        votes = done.get(juror, [])
        decided = sum(v.choice in DECIDED for v in votes)
        last = max((v.cast_at for v in votes), default=None)
        found.append(Seat(juror, name, decided, len(votes) - decided, last))
    return tuple(found)


def _standing_votes(db: Session, comparison_id: UUID) -> Sequence[ComparisonVote]:
    query = select(ComparisonVote).where(
        ComparisonVote.comparison_id == comparison_id, col(ComparisonVote.undone_at).is_(None)
    )
    return db.exec(query).all()


def votes(db: Session, comparison: Comparison) -> Votes:
    """Return the votes that count: decided, not taken back, without a conflict, on teams that did not withdraw.

    A conflict that becomes known later takes the votes of that juror on that team away; they stay in the log.
    """
    query = select(ComparisonVote).where(ComparisonVote.comparison_id == comparison.id)
    rows = db.exec(query.order_by(col(ComparisonVote.cast_at), col(ComparisonVote.id))).all()
    kept = [row for row in rows if row.undone_at is None]
    barred = barred_pairs(db, comparison, kept)
    gone = set(db.exec(select(Team.id).where(Team.edition_id == comparison.edition_id, Team.status == "withdrawn")))
    counting, conflicts, withdrawn = [], 0, 0
    for row in kept:
        if row.choice not in DECIDED:
            continue
        if {(row.juror_id, row.left_id), (row.juror_id, row.right_id)} & barred:
            conflicts += 1
        elif {row.left_id, row.right_id} & gone:
            withdrawn += 1
        else:
            counting.append(as_vote(row))
    aside = sum(row.choice not in DECIDED for row in kept)
    return Votes(tuple(counting), conflicts, withdrawn, len(rows) - len(kept), aside)


def as_vote(row: ComparisonVote) -> Vote:
    """Return a decided vote as the mathematics reads it."""
    winner, loser = (row.right_id, row.left_id) if row.choice == "right" else (row.left_id, row.right_id)
    return Vote(str(row.juror_id), str(winner), str(loser), tie=row.choice == "equal")


def barred_pairs(db: Session, comparison: Comparison, kept: Sequence[ComparisonVote]) -> set[tuple[UUID, UUID]]:
    """Return the (juror, team) pairs with a conflict: declared for the edition, or said while comparing."""
    query = select(ConflictOfInterest.juror_id, ConflictOfInterest.team_id).where(
        ConflictOfInterest.edition_id == comparison.edition_id, col(ConflictOfInterest.lifted_at).is_(None)
    )
    said = {(v.juror_id, v.left_id) for v in kept if v.choice == "conflict_left"}
    said |= {(v.juror_id, v.right_id) for v in kept if v.choice == "conflict_right"}
    return {(juror, team) for juror, team in db.exec(query)} | said


def occupied(db: Session, comparison: Comparison, *, but: UUID, now: datetime) -> set[UUID]:
    """Return the stands where somebody other than ``but`` was sent within the session's minutes and did not answer."""
    query = select(ComparisonJuror).where(
        ComparisonJuror.comparison_id == comparison.id, ComparisonJuror.juror_id != but
    )
    since = now - timedelta(minutes=comparison.minutes)
    there = [row for row in db.exec(query) if row.sent_at is not None and row.sent_at > since]
    return {team for row in there for team in (row.left_id, row.right_id) if team is not None}
