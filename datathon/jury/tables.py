"""Conflicts, sheets and closings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class Declaration(SQLModel, table=True):
    """A juror has answered the question of conflicts for an edition; without it no sheet opens."""

    __tablename__ = "declaration"
    __table_args__ = (UniqueConstraint("edition_id", "juror_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    declared_at: datetime = Field(sa_type=UtcDateTime)


class ConflictOfInterest(SQLModel, table=True):
    """A juror does not grade a team, as long as nobody lifted it.

    ``source`` says who found it: the juror, the team, an organiser, or the platform ("member", "structure", "mentor";
    then ``declared_by`` is None and ``reason`` names the structure or the mentor).
    """

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        UniqueConstraint("edition_id", "juror_id", "team_id"),
        CheckConstraint("source IN ('juror', 'team', 'organiser', 'member', 'structure', 'mentor')", name="source"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    source: str = Field(default="juror", max_length=12)
    reason: str = Field(default="", max_length=300)
    declared_by: UUID | None = Field(default=None, foreign_key="person.id")
    declared_at: datetime = Field(sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lifted_by: UUID | None = Field(default=None, foreign_key="person.id")
    lifted_why: str = Field(default="", max_length=300)


class JuryInvitation(SQLModel, table=True):
    """An invitation to a jury. Its link names ``serial``, which rises when it is sent again: older links are void."""

    __tablename__ = "jury_invitation"
    __table_args__ = (UniqueConstraint("edition_id", "email"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    email: str = Field(max_length=254)
    name: str = Field(max_length=120)
    language: str = Field(default="fr", max_length=8)
    president: bool = Field(default=False)
    serial: int = Field(default=1)
    invited_by: UUID = Field(foreign_key="person.id")
    invited_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class JurorAvailability(SQLModel, table=True):
    """How much a juror can take: ``sheets`` at most (None: no limit), and when, in the juror's own words."""

    __tablename__ = "juror_availability"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    juror_id: UUID = Field(primary_key=True, foreign_key="person.id")
    sheets: int | None = Field(default=None)
    times: str = Field(default="", max_length=500)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class FrozenRubric(SQLModel, table=True):
    """The rubric as it was when the jury's phase opened; it counts from then on, whatever the file says.

    ``rubric`` holds the properties of ``editions.rules.Rubric``, ``digest`` their SHA-256.
    """

    __tablename__ = "frozen_rubric"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    version: int = Field(default=1)
    digest: str = Field(max_length=64)
    rubric: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    frozen_at: datetime = Field(sa_type=UtcDateTime)


class JuryPlan(SQLModel, table=True):
    """Who grades whom is decided for an edition; without this row everybody grades every team.

    ``variance`` and ``worst`` of the comparison of two teams are in units of a mark's variance, ``best`` is the mean of
    a complete jury of the same size.
    """

    __tablename__ = "jury_plan"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    per_team: int
    seed: int
    variance: float
    worst: float
    best: float
    applied_at: datetime = Field(sa_type=UtcDateTime)
    applied_by: UUID = Field(foreign_key="person.id")


class Assignment(SQLModel, table=True):
    """A juror grades a team; ``place`` is its place in the juror's reading order, from 1."""

    __tablename__ = "assignment"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    juror_id: UUID = Field(primary_key=True, foreign_key="person.id")
    team_id: UUID = Field(primary_key=True, foreign_key="team.id")
    place: int


class Sheet(SQLModel, table=True):
    """One juror's marks for one team's prototype.

    ``marks`` maps a criterion's id to points; a criterion without a mark is absent. ``version`` rises with each save.
    Only a submitted sheet counts, and only when every criterion has its mark.
    """

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("juror_id", "team_id", "challenge_id"),
        CheckConstraint("state IN ('draft', 'submitted')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    challenge_id: str = Field(max_length=80)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    marks: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    comment_team: str = Field(default="")
    comment_private: str = Field(default="")
    state: str = Field(default="draft", max_length=12)
    version: int = Field(default=1)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class JuryClosing(SQLModel, table=True):
    """The jury of an edition is closed: sheets can no longer change.

    The correction of severity is frozen with them: its method, its lambda, whether it counts, and why (``shrinkage``).
    """

    __tablename__ = "jury_closing"
    __table_args__ = (CheckConstraint("correction IN ('raw', 'reml', 'fixed')", name="correction"),)

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    closed_at: datetime = Field(sa_type=UtcDateTime)
    closed_by: UUID = Field(foreign_key="person.id")
    correction: str = Field(default="raw", max_length=8)
    correction_lambda: float | None = Field(default=None)
    correction_applied: bool = Field(default=False)
    correction_why: str = Field(default="not_wanted", max_length=16)
