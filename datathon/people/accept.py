"""Accept a legal text: who, which version, when."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlmodel import Session, select

from datathon.people.tables import Acceptance, Person
from datathon.store.db import locked


class LegalText(Protocol):
    """A text that people accept: its name, its version, and the SHA-256 of its words as 64 hexadecimal figures."""

    @property
    def id(self) -> str:
        """Name of the text: rules, privacy, conduct and others."""

    @property
    def version(self) -> str:
        """Version that organisers gave it."""

    @property
    def digest(self) -> str:
        """SHA-256 of all its languages."""


def accept(db: Session, *, person_id: UUID, edition_id: str, document: LegalText, now: datetime) -> UUID:
    """Record that a person accepts the present version of a text of an edition; return the acceptance's key.

    The same version again changes nothing: the first instant stands.
    """
    # Locked, so that two tabs do not both find nothing and write it twice.
    locked(db, Person, person_id)
    query = select(Acceptance.id).where(
        Acceptance.person_id == person_id,
        Acceptance.edition_id == edition_id,
        Acceptance.document == document.id,
        Acceptance.version == document.version,
    )
    kept = db.exec(query).first()
    if kept is not None:
        return kept
    row = Acceptance(
        person_id=person_id,
        edition_id=edition_id,
        document=document.id,
        version=document.version,
        digest=document.digest,
        accepted_at=now,
    )
    db.add(row)
    db.flush()
    return row.id


def accepted(db: Session, *, person_id: UUID, edition_id: str, document: LegalText) -> bool:
    """Whether this person accepted the present version of this text."""
    query = select(Acceptance.id).where(
        Acceptance.person_id == person_id,
        Acceptance.edition_id == edition_id,
        Acceptance.document == document.id,
        Acceptance.version == document.version,
    )
    return db.exec(query).first() is not None
