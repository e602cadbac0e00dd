"""Accounts and what belongs to them, read for a page or an act."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.people.tables import Acceptance, Letter, Person, Role


def person_by_email(db: Session, email: str) -> Person | None:
    """Return the account with this address, given in lower case."""
    return db.exec(select(Person).where(Person.email == email)).first()


def roles_of(db: Session, person_id: UUID) -> Sequence[Role]:
    """Return the roles of a person, by edition."""
    query = select(Role).where(Role.person_id == person_id)
    return db.exec(query.order_by(col(Role.edition_id), col(Role.role))).all()


def acceptances_of(db: Session, person_id: UUID) -> Sequence[Acceptance]:
    """Return what a person accepted, the oldest first."""
    query = select(Acceptance).where(Acceptance.person_id == person_id)
    return db.exec(query.order_by(col(Acceptance.accepted_at), col(Acceptance.document))).all()


def letters_of(db: Session, person_id: UUID) -> Sequence[Letter]:
    """Return the letters written to a person, the oldest first."""
    query = select(Letter).where(Letter.person_id == person_id)
    return db.exec(query.order_by(col(Letter.written_at), col(Letter.id))).all()


def latest_letters(db: Session, *, limit: int) -> Sequence[Letter]:
    """Return the last letters of the outbox, newest first."""
    query = select(Letter).order_by(col(Letter.written_at).desc(), col(Letter.id)).limit(limit)
    return db.exec(query).all()
