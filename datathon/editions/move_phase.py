"""Open or close a phase by hand, or give it back to its calendar."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow, PhaseMove
from datathon.kernel.errors import Invalid, NotFound
from datathon.store import audit
from datathon.store.db import locked

STATES = ("open", "closed", "calendar")


def move_phase(db: Session, *, edition: Edition, phase: str, state: str, person_id: UUID, now: datetime) -> None:
    """Record an organiser's decision on a phase: "open", "closed", or "calendar" to follow the file again.

    The last decision stands whatever the hour; it is one line of the audit log.
    """
    if state not in STATES:
        raise Invalid("Choose to open the phase, to close it, or to follow the calendar.", field="state")
    if all(p.id != phase for p in edition.phases):
        raise NotFound("This edition has no such phase.")
    locked(db, EditionRow, edition.id)
    db.add(PhaseMove(edition_id=edition.id, phase=phase, state=state, decided_at=now, decided_by=person_id))
    audit.record(db, f"phase_{state}", phase, now=now, actor=person_id, edition=edition.id)
