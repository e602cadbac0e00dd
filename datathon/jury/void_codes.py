"""An organiser makes a printed sheet of vote codes void: it was lost, stolen or copied."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.vote import HIDES, held_poll
from datathon.jury.vote_tables import VoteBallot, VoteCode, VoteSheet
from datathon.jury.voting import is_revealed
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store import audit


@dataclass(frozen=True, slots=True)
class Voided:
    """A sheet that is void now: how many of its codes had served, and how many ballots were taken out."""

    served: int
    removed: int


def void_codes(
    db: Session, *, edition: Edition, sheet: int, ballots: str, reason: str, organiser_id: UUID, now: datetime
) -> Voided:
    """Make the codes of a printed sheet void. ``ballots`` says what becomes of those cast with it: "kept" or "removed".

    Raises NotFound for a strange sheet; Conflict when it is void already or the count is known; Invalid, with the field,
    without that choice or a reason, and for ballots of a small sheet, which cannot be told from others.
    """
    held_poll(db, edition)
    row = db.get(VoteSheet, (edition.id, sheet))
    if row is None:
        raise NotFound("No printed sheet of codes has the number %(number)s.", number=sheet)
    if row.voided_at is not None:
        raise Conflict("The sheet no. %(number)s is void already.", number=sheet)
    if is_revealed(db, edition):
        raise Conflict("The count is known; no sheet can be made void any more.")
    if ballots not in {"kept", "removed"}:
        raise Invalid("Choose what becomes of the ballots cast with this sheet.", field="ballots")
    served = db.exec(
        select(func.count()).where(VoteCode.edition_id == edition.id, VoteCode.sheet == sheet, col(VoteCode.used))
    ).one()
    if ballots == "removed" and served and not row.told:
        raise Invalid(
            "A sheet of fewer than %(least)s codes leaves no trace on its ballots, so that nobody is found out: they can only stay.",
            field="ballots",
            least=HIDES,
        )
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="why", limit=REASON_LIMIT)
    of_the_sheet = (col(VoteBallot.edition_id) == edition.id, col(VoteBallot.sheet) == sheet)
    removed = 0
    if ballots == "removed":
        removed = db.exec(select(func.count()).select_from(VoteBallot).where(*of_the_sheet)).one()
        db.exec(delete(VoteBallot).where(*of_the_sheet))
    row.voided_at, row.voided_by, row.voided_why = now, organiser_id, reason.strip()
    row.ballots, row.served = ballots, served
    db.add(row)
    audit.record(
        db,
        "void_codes",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        sheet=sheet,
        codes=row.codes,
        served=served,
        removed=removed,
        reason=reason.strip(),
    )
    db.flush()
    return Voided(served, removed)
