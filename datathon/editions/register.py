"""Open an edition of the catalogue on this installation."""

from datetime import datetime

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.editions.windows import first_day


def register(db: Session, edition: Edition, *, now: datetime) -> EditionRow:
    """Return the edition's row, made on first call: its day 0 is fixed then and never moves by itself afterwards."""
    row = db.get(EditionRow, edition.id)
    if row is None:
        row = EditionRow(id=edition.id, starts=first_day(edition, registered=now), registered_at=now)
        db.add(row)
        db.flush()  # others refer to it in the same transaction
    return row
