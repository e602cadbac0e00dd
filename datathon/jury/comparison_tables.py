"""Comparisons of prototypes two by two: sessions, who takes part, what was answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import UtcDateTime

CHOICES = ("left", "right", "equal", "unseen", "conflict_left", "conflict_right")
"""What a juror answers to a pair: the better one, a tie, or why there is no answer."""


class Comparison(SQLModel, table=True):
    """A session in which members of the jury see two prototypes at a time and say which is better.

    A stand is not given to a second juror within ``minutes`` of the first being sent there, unless the first answered.
    ``seed`` draws among equally good pairs, and sides. ``version`` rises when organisers close or reopen it.
    """

    __tablename__ = "comparison"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    title: str = Field(max_length=120)
    minutes: int
    seed: int
    version: int = Field(default=1)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: UUID = Field(foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")


class ComparisonStand(SQLModel, table=True):
    """A team whose prototype is compared in a session."""

    __tablename__ = "comparison_stand"

    comparison_id: UUID = Field(primary_key=True, foreign_key="comparison.id")
    team_id: UUID = Field(primary_key=True, foreign_key="team.id")


class ComparisonJuror(SQLModel, table=True):
    """A juror of a session and the pair in front of them, None while there is none.

    ``turn`` numbers the pair that is shown or comes next; an answer names it, so that none is counted twice.
    """

    __tablename__ = "comparison_juror"

    comparison_id: UUID = Field(primary_key=True, foreign_key="comparison.id")
    juror_id: UUID = Field(primary_key=True, foreign_key="person.id")
    turn: int = Field(default=1)
    left_id: UUID | None = Field(default=None, foreign_key="team.id")
    right_id: UUID | None = Field(default=None, foreign_key="team.id")
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ComparisonVote(SQLModel, table=True):
    """What a juror answered to one pair; one that was taken back stays, with the instant."""

    __tablename__ = "comparison_vote"
    __table_args__ = (
        UniqueConstraint("comparison_id", "juror_id", "turn"),
        CheckConstraint(
            "choice IN ('left', 'right', 'equal', 'unseen', 'conflict_left', 'conflict_right')", name="choice"
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    comparison_id: UUID = Field(foreign_key="comparison.id", index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    turn: int
    left_id: UUID = Field(foreign_key="team.id")
    right_id: UUID = Field(foreign_key="team.id")
    choice: str = Field(max_length=16)
    cast_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
