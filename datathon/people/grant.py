"""Give a role over an edition."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.kernel.errors import Invalid, NotFound
from datathon.people.tables import Person, Role
from datathon.store.audit import record
from datathon.store.db import locked

ROLES = ("organiser", "juror", "observer")


def grant(
    db: Session,
    *,
    person_id: UUID,
    role: str,
    edition_id: str,
    now: datetime,
    actor: UUID | None,
    president: bool = False,
) -> bool:
    """Give a role; return False when the person held it already. ``actor`` None: the command line.

    ``president`` marks the head of a jury and is only looked at when the role is new. Raises Invalid for an unknown
    role, NotFound for an unknown person.
    """
    if role not in ROLES:
        raise Invalid(
            "%(role)s is not a role; the roles are %(known)s.", field="role", role=role, known=", ".join(ROLES)
        )
    # Locked, so that two doors do not both find nothing and write it twice.
    if locked(db, Person, person_id) is None:
        raise NotFound("There is no such account.")
    held = select(Role.id).where(Role.person_id == person_id, Role.edition_id == edition_id, Role.role == role)
    if db.exec(held).first() is not None:
        return False
    db.add(Role(person_id=person_id, edition_id=edition_id, role=role, president=president, granted_at=now))
    record(db, "grant_role", str(person_id), now=now, actor=actor, edition=edition_id, role=role)
    db.flush()
    return True
