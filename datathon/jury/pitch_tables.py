"""Pitches before the jury: the drawn order, and where the room is."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from datathon.store.db import Json, UtcDateTime


class PitchRun(SQLModel, table=True):
    """The pitches of an edition. ``teams`` are keys as text in the drawn order; ``draws`` counts the draws.

    ``place`` is the team whose turn it is, from 0 (-1 before the first, the number of teams after the last), ``phase``
    what it does. The clock runs while ``started_at`` is set; ``spent`` seconds passed before. ``version`` rises with
    each act, so that a button pressed twice moves the room once.
    """

    __tablename__ = "pitch_run"
    __table_args__ = (CheckConstraint("phase IN ('pitch', 'questions', 'grading')", name="phase"),)

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    teams: list[Any] = Field(default_factory=list, sa_type=Json)
    seed: int
    draws: int = Field(default=1)
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    drawn_by: UUID = Field(foreign_key="person.id")
    pitch_minutes: int
    questions_minutes: int
    grading_minutes: int
    place: int = Field(default=-1)
    phase: str = Field(default="pitch", max_length=12)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    spent: float = Field(default=0.0)
    version: int = Field(default=1)
