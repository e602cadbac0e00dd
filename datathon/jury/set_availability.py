"""A juror says how much they can take, and when; an organiser makes somebody head of the jury."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.jury.declare import check_juror
from datathon.jury.tables import JurorAvailability
from datathon.kernel.errors import Invalid, NotFound
from datathon.people.fields import line
from datathon.people.tables import Person, Role
from datathon.store import audit
from datathon.store.db import locked

MOST_SHEETS = 500


def set_availability(
    db: Session, *, edition_id: str, juror_id: UUID, sheets: int | None, times: str, now: datetime
) -> None:
    """Keep a juror's availability: at most ``sheets`` sheets (None: no limit) and their own words about when.

    Raises NotAllowed for somebody outside the jury, Invalid for a number out of 0..500 or a text that is too long.
    """
    check_juror(db, edition_id=edition_id, juror_id=juror_id)
    if sheets is not None and not 0 <= sheets <= MOST_SHEETS:
        raise Invalid("A number of sheets from 0 to %(most)s expected.", field="sheets", most=MOST_SHEETS)
    words = line(times, field="times", longest=500)
    # One juror's two tabs wait for one another.
    locked(db, Person, juror_id)
    row = db.get(JurorAvailability, (edition_id, juror_id))
    if row is None:
        row = JurorAvailability(edition_id=edition_id, juror_id=juror_id, updated_at=now)
    row.sheets, row.times, row.updated_at = sheets, words, now
    db.add(row)
    db.flush()


def set_president(
    db: Session, *, edition_id: str, juror_id: UUID, president: bool, organiser_id: UUID, now: datetime
) -> None:
    """Make a juror head of the jury, or a plain member again. Raises NotFound for somebody outside the jury."""
    query = select(Role).where(Role.person_id == juror_id, Role.edition_id == edition_id, Role.role == "juror")
    role = db.exec(query.with_for_update()).one_or_none()
    if role is None:
        raise NotFound("There is no such member of the jury.")
    if role.president != president:
        role.president = president
        act = "make_president" if president else "unmake_president"
        audit.record(db, act, str(juror_id), now=now, actor=organiser_id, edition=edition_id)
        db.flush()
