"""Accounts, roles, acceptances, letters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import UtcDateTime


class Person(SQLModel, table=True):
    """An account. ``email`` is kept in lower case; ``session_epoch`` rises to sign out everywhere."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    language: str = Field(default="fr", max_length=8)
    profile: str = Field(default="", max_length=40)
    organisation: str = Field(default="", max_length=120)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    session_epoch: int = Field(default=0)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Role(SQLModel, table=True):
    """A right over one edition. ``role`` is organiser, juror or observer; ``president`` marks the head of a jury."""

    __tablename__ = "role"
    __table_args__ = (
        UniqueConstraint("person_id", "edition_id", "role"),
        CheckConstraint("role IN ('organiser', 'juror', 'observer')", name="role"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    edition_id: str = Field(max_length=80, index=True)
    role: str = Field(max_length=20)
    president: bool = Field(default=False)
    granted_at: datetime = Field(sa_type=UtcDateTime)


class Acceptance(SQLModel, table=True):
    """A person accepted one version of one legal text, at an instant."""

    __tablename__ = "acceptance"
    __table_args__ = (UniqueConstraint("person_id", "edition_id", "document", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    edition_id: str = Field(max_length=80, index=True)
    document: str = Field(max_length=40)
    version: str = Field(max_length=40)
    digest: str = Field(max_length=64)
    accepted_at: datetime = Field(sa_type=UtcDateTime)


class Letter(SQLModel, table=True):
    """A mail in the outbox: written in the same transaction as what it tells, sent afterwards.

    ``tried_at`` is the instant of the last attempt; whoever sends leaves the letter alone for a while after it.
    """

    __tablename__ = "letter"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    edition_id: str | None = Field(default=None, max_length=80, index=True)
    to: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    body: str
    state: str = Field(default="waiting", max_length=10, index=True)
    attempts: int = Field(default=0)
    error: str = Field(default="", max_length=300)
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    written_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
