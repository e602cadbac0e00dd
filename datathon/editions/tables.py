"""What the database knows of an edition; the rest is in its folder."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import UtcDateTime


class EditionRow(SQLModel, table=True):
    """An edition that was opened on this installation. ``starts`` is its day 0 in its own zone."""

    __tablename__ = "edition"

    id: str = Field(primary_key=True, max_length=80)
    starts: date
    registered_at: datetime = Field(sa_type=UtcDateTime)


class PhaseMove(SQLModel, table=True):
    """An organiser's decision to open or close a phase against its calendar; the last one stands.

    ``state`` is open, closed, or calendar (the calendar decides again).
    """

    __tablename__ = "phase_move"
    __table_args__ = (
        UniqueConstraint("edition_id", "phase", "decided_at"),
        CheckConstraint("state IN ('open', 'closed', 'calendar')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    phase: str = Field(max_length=80)
    state: str = Field(max_length=10)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: UUID = Field(foreign_key="person.id")
