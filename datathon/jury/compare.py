"""A juror compares two prototypes: takes a pair, answers it, takes the last answer back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.comparing import as_vote, barred_pairs, occupied, standing, votes
from datathon.jury.comparison_tables import CHOICES, Comparison, ComparisonJuror, ComparisonVote
from datathon.jury.declare import record_conflict
from datathon.jury.open_comparison import held
from datathon.jury.pairwise import next_pair
from datathon.jury.queries import declared_at
from datathon.jury.secrecy import has_undertaken
from datathon.jury.tables import ConflictOfInterest, JuryClosing
from datathon.kernel.errors import Conflict, Invalid, NotAllowed
from datathon.store import audit
from datathon.store.db import locked_row

SAID = "said while comparing"
"""Reason of a conflict that a juror names in front of a pair."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn that comes now; ``again`` tells that this answer was there already (a double tap, a poor link)."""

    turn: int
    again: bool


def take_pair(db: Session, *, edition: Edition, comparison_id: UUID, juror_id: UUID, now: datetime) -> bool:
    """Give the juror a pair unless one is in front of them; False when no pair is free.

    Raises Conflict when the session is closed or the conflicts were not declared, NotAllowed for somebody who does not
    take part, NotFound for a session of another edition.
    """
    session, seat = _seat(db, edition, comparison_id, juror_id)
    if seat.left_id is not None and not _spoilt(db, edition, session, seat):
        return True
    return _send(db, edition, session, seat, now)


def answer(
    db: Session, *, edition: Edition, comparison_id: UUID, juror_id: UUID, turn: int, choice: str, now: datetime
) -> Answered:
    """Keep the answer to the pair of ``turn`` and give the next pair.

    The same answer sent twice is kept once. ``conflict_left`` and ``conflict_right`` declare a conflict with that team:
    while the jury is open it counts for the sheets too. Raises Invalid for an unknown choice; Conflict when this pair
    has another answer already or may no longer be answered; what ``take_pair`` raises.
    """
    if choice not in CHOICES:
        raise Invalid("Choose one of the two, “equal”, or say why you do not answer.", field="choice")
    session, seat = _seat(db, edition, comparison_id, juror_id)
    if turn != seat.turn or seat.left_id is None or seat.right_id is None:
        earlier = _vote(db, seat, turn)
        if earlier is not None and earlier.choice == choice and earlier.undone_at is None:
            return Answered(seat.turn, again=True)
        raise Conflict("This pair was answered already, or taken back, in another page. Here is the present one.")
    if _spoilt(db, edition, session, seat):
        _send(db, edition, session, seat, now)
        raise Conflict("One of the two can no longer be compared by you. Here is another pair.")
    row = ComparisonVote(
        comparison_id=session.id,
        juror_id=juror_id,
        turn=turn,
        left_id=seat.left_id,
        right_id=seat.right_id,
        choice=choice,
        cast_at=now,
    )
    db.add(row)
    db.flush()
    if choice.startswith("conflict"):
        _declare(db, edition, session, row, now)
    _send(db, edition, session, seat, now)
    return Answered(seat.turn, again=False)


def undo(db: Session, *, edition: Edition, comparison_id: UUID, juror_id: UUID, turn: int, now: datetime) -> int:
    """Take the juror's last answer back, show its pair again and return the new turn; the row stays in the log.

    ``turn`` is the one the page shows: a second tap takes nothing more back. A conflict that was said with that answer
    is lifted with it. Raises Conflict when there is nothing to take back or the page is old; what ``take_pair`` raises.
    """
    session, seat = _seat(db, edition, comparison_id, juror_id)
    last = last_vote(db, session.id, juror_id)
    if turn != seat.turn:
        raise Conflict("This pair was answered already, or taken back, in another page. Here is the present one.")
    if last is None:
        raise Conflict("There is no answer to take back.")
    last.undone_at = now
    db.add(last)
    if last.choice.startswith("conflict"):
        _take_back(db, edition, session, last, now)
    seat.turn += 1
    seat.left_id, seat.right_id, seat.sent_at = last.left_id, last.right_id, now
    db.add(seat)
    db.flush()
    return seat.turn


def last_vote(db: Session, comparison_id: UUID, juror_id: UUID) -> ComparisonVote | None:
    """Return the juror's last answer that was not taken back."""
    query = select(ComparisonVote).where(
        ComparisonVote.comparison_id == comparison_id,
        ComparisonVote.juror_id == juror_id,
        col(ComparisonVote.undone_at).is_(None),
    )
    return db.exec(query.order_by(col(ComparisonVote.turn).desc()).limit(1)).first()


def _seat(db: Session, edition: Edition, comparison_id: UUID, juror_id: UUID) -> tuple[Comparison, ComparisonJuror]:
    session = held(db, edition, comparison_id)
    seat = locked_row(db, ComparisonJuror, (comparison_id, juror_id))
    if seat is None:
        raise NotAllowed("You do not take part in these comparisons.")
    if declared_at(db, edition_id=edition.id, juror_id=juror_id) is None:
        raise Conflict("Declare your conflicts of interest first; the sheets open afterwards.")
    if not has_undertaken(db, edition, juror_id=juror_id):
        raise Conflict("Undertake first to keep the jury’s debates secret; the sheets open afterwards.")
    if session.closed_at is not None:
        raise Conflict("These comparisons are closed; no answer counts any more.")
    return session, seat


def _vote(db: Session, seat: ComparisonJuror, turn: int) -> ComparisonVote | None:
    query = select(ComparisonVote).where(
        ComparisonVote.comparison_id == seat.comparison_id,
        ComparisonVote.juror_id == seat.juror_id,
        ComparisonVote.turn == turn,
    )
    return db.exec(query).one_or_none()


def _own(db: Session, session: Comparison, juror_id: UUID) -> list[ComparisonVote]:
    query = select(ComparisonVote).where(
        ComparisonVote.comparison_id == session.id,
        ComparisonVote.juror_id == juror_id,
        col(ComparisonVote.undone_at).is_(None),
    )
    return list(db.exec(query))


def _conflicts(db: Session, session: Comparison, juror_id: UUID) -> set[UUID]:
    return {team for who, team in barred_pairs(db, session, _own(db, session, juror_id)) if who == juror_id}


def _spoilt(db: Session, edition: Edition, session: Comparison, seat: ComparisonJuror) -> bool:
    """Whether the pair in front of the juror may no longer be compared: a conflict became known, a team left."""
    pair = {seat.left_id, seat.right_id}
    return bool(pair - set(standing(db, edition, session.id)) or pair & _conflicts(db, session, seat.juror_id))


def _send(db: Session, edition: Edition, session: Comparison, seat: ComparisonJuror, now: datetime) -> bool:
    """Put the next pair in front of the juror, or none; the turn rises when a pair leaves."""
    if seat.left_id is not None:
        seat.turn += 1
    own = _own(db, session, seat.juror_id)
    teams = {str(team) for team in standing(db, edition, session.id)}
    known = [v for v in votes(db, session).counting if {v.winner, v.loser} <= teams]
    # A pair that the juror met and a colleague's conflict later took out of the count stays met.
    met = [frozenset((v.winner, v.loser)) for v in map(as_vote, own)]
    pair = next_pair(
        str(seat.juror_id),
        teams,
        known,
        seed=session.seed,
        conflicts={str(team) for team in _conflicts(db, session, seat.juror_id)},
        occupied={str(team) for team in occupied(db, session, but=seat.juror_id, now=now)},
        skipped=met,
    )
    seat.left_id, seat.right_id = (None, None) if pair is None else (UUID(pair[0]), UUID(pair[1]))
    seat.sent_at = None if pair is None else now
    db.add(seat)
    db.flush()
    return pair is not None


def pairs_left(db: Session, edition: Edition, session: Comparison, juror_id: UUID) -> int:
    """Return how many pairs a juror could still be shown, stands that are occupied included."""
    free = set(standing(db, edition, session.id)) - _conflicts(db, session, juror_id)
    met = {frozenset((v.left_id, v.right_id)) for v in _own(db, session, juror_id)}
    return len(free) * (len(free) - 1) // 2 - sum(pair <= free for pair in met)


def _declare(db: Session, edition: Edition, session: Comparison, row: ComparisonVote, now: datetime) -> None:
    """Keep the conflict for the edition while its jury is open; afterwards it counts within the session only."""
    team = row.left_id if row.choice == "conflict_left" else row.right_id
    if db.get(JuryClosing, edition.id) is not None:
        audit.record(
            db, "conflict_comparing", str(team), now=now, actor=row.juror_id, edition=edition.id,
            comparison=str(session.id),
        )  # fmt: skip
        return
    query = select(ConflictOfInterest).where(
        ConflictOfInterest.edition_id == edition.id,
        ConflictOfInterest.juror_id == row.juror_id,
        ConflictOfInterest.team_id == team,
    )
    kept = db.exec(query).one_or_none() or ConflictOfInterest(
        edition_id=edition.id, juror_id=row.juror_id, team_id=team, declared_at=now
    )
    kept.source, kept.reason, kept.declared_by, kept.declared_at = "juror", SAID, row.juror_id, now
    kept.lifted_at, kept.lifted_by, kept.lifted_why = None, None, ""
    db.add(kept)
    db.flush()
    record_conflict(
        db, edition, juror_id=row.juror_id, team_id=team, reason=SAID, source="juror", actor=row.juror_id, now=now
    )


def _take_back(db: Session, edition: Edition, session: Comparison, row: ComparisonVote, now: datetime) -> None:
    team = row.left_id if row.choice == "conflict_left" else row.right_id
    query = select(ConflictOfInterest).where(
        ConflictOfInterest.edition_id == edition.id,
        ConflictOfInterest.juror_id == row.juror_id,
        ConflictOfInterest.team_id == team,
        ConflictOfInterest.source == "juror",
        ConflictOfInterest.reason == SAID,
    )
    kept = db.exec(query).one_or_none()
    if kept is not None:
        if db.get(JuryClosing, edition.id) is not None:
            raise Conflict("The jury closed meanwhile: this conflict stands.")
        db.delete(kept)
    audit.record(
        db, "conflict_taken_back", str(team), now=now, actor=row.juror_id, edition=edition.id,
        comparison=str(session.id),
    )  # fmt: skip
