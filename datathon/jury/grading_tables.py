"""What happened to sheets and jurors while the jury graded: versions of sheets, reminders."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class SheetVersion(SQLModel, table=True):
    """The marks of a sheet as they were submitted once; ``number`` counts from 1 and the highest one counts.

    ``author_id`` is who sent or typed them, which on paper is an organiser and not the juror who graded;
    ``confirmed_at`` is when that juror confirmed what was typed. From the second on ``reason`` says why.
    """

    __tablename__ = "sheet_version"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        CheckConstraint("medium IN ('page', 'paper', 'pitch')", name="medium"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sheet_id: UUID = Field(foreign_key="sheet.id", index=True)
    number: int
    marks: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    author_id: UUID = Field(foreign_key="person.id")
    medium: str = Field(default="page", max_length=8)
    reason: str = Field(default="", max_length=300)
    at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class JuryReminder(SQLModel, table=True):
    """A juror was reminded of the sheets that are left, at most once a day; ``day`` is the edition's own date."""

    __tablename__ = "jury_reminder"
    __table_args__ = (UniqueConstraint("edition_id", "juror_id", "day"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    day: str = Field(max_length=10)
    sent_at: datetime = Field(sa_type=UtcDateTime)


class RubricVersion(SQLModel, table=True):
    """One version of a frozen rubric. Version 1 is written with the second, when somebody adopts a corrected rubric.

    ``adopted_by`` is None for the one that was frozen when the jury's phase opened.
    """

    __tablename__ = "rubric_version"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    version: int = Field(primary_key=True)
    digest: str = Field(max_length=64)
    rubric: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    adopted_at: datetime = Field(sa_type=UtcDateTime)
    adopted_by: UUID | None = Field(default=None, foreign_key="person.id")
    reason: str = Field(default="", max_length=300)


class SheetReopening(SQLModel, table=True):
    """One submitted sheet was opened again after the closing, for its juror alone, to correct an error of entry.

    ``outcome`` is "" while it is open, then "corrected", "unchanged" or "taken_back", at ``ended_at``.
    """

    __tablename__ = "sheet_reopening"
    __table_args__ = (CheckConstraint("outcome IN ('', 'corrected', 'unchanged', 'taken_back')", name="outcome"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    juror_id: UUID = Field(foreign_key="person.id", index=True)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    reason: str = Field(max_length=300)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: UUID = Field(foreign_key="person.id")
    outcome: str = Field(default="", max_length=12)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ClosingVersion(SQLModel, table=True):
    """What was frozen with the marks when the jury closed (version 1) and after each correction of a sheet since.

    Version 1 is written with the second. ``agreement`` holds alpha_interval, alpha_ordinal, icc_1, icc_k and w, None
    where one cannot be computed, and ``sheets``, how many counted.
    """

    __tablename__ = "closing_version"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    version: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    correction: str = Field(max_length=8)
    correction_lambda: float | None = Field(default=None)
    correction_applied: bool = Field(default=False)
    correction_why: str = Field(max_length=16)
    agreement: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    reopening_id: UUID | None = Field(default=None, foreign_key="sheet_reopening.id")


class CalibrationSheet(SQLModel, table=True):
    """A juror's marks for the example that everybody grades first. It is no sheet: no ranking and no severity reads it."""

    __tablename__ = "calibration_sheet"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    juror_id: UUID = Field(primary_key=True, foreign_key="person.id")
    marks: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    rubric_version: int = Field(default=1)
    submitted_at: datetime = Field(sa_type=UtcDateTime)
