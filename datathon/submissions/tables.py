"""Prediction files, choices, dossiers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class Submission(SQLModel, table=True):
    """One prediction file of a team, and where its scoring stands. The row is the queue.

    ``number`` counts within team and challenge from 1. ``attempt`` counts platform attempts from 1 and guards results:
    who claimed attempt n may write only while the row is still at n. ``problems`` is a list of what a refused file has
    wrong (code, line, column, found, expected). ``team_id`` is None for a baseline of the organiser.

    ``score_id`` is the score record that counts, None while there is none. It has no foreign key, since the two tables
    would point at each other; records are never deleted.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("challenge_id", "edition_id", "team_id", "number"),
        UniqueConstraint("team_id", "idempotency_key"),
        CheckConstraint(
            "state IN ('received', 'running', 'scored', 'rejected', 'failed', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("attempt >= 1", name="attempt_positive"),
        CheckConstraint("size_bytes >= 0", name="size_positive"),
        Index("ix_submission_edition_id_challenge_id_state", "edition_id", "challenge_id", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    challenge_id: str = Field(max_length=80, index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    baseline: str = Field(default="", max_length=80)
    number: int
    file_name: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    size_bytes: int
    message: str = Field(default="", max_length=500)
    idempotency_key: str | None = Field(default=None, max_length=80)
    state: str = Field(default="received", max_length=12, index=True)
    attempt: int = Field(default=1)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    worker: str = Field(default="", max_length=80)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    score_id: UUID | None = Field(default=None)
    code: str = Field(default="", max_length=40)
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)


class QuotaEntry(SQLModel, table=True):
    """One line of a team's quota. Never edited and never removed: what was charged is given back by another line.

    ``round`` counts a submission's reservations from 1: a failed file that is scored again is charged again, since it
    was given back. ``closes`` tells a closing (commit, refund) from the reservation it ends, so that the constraint
    allows one of each in a round. ``day`` is the local day that is charged, in the edition's zone; ``units`` sum up to
    what is used. ``reason`` says why a place came back: the state that ended the submission.
    """

    __tablename__ = "quota_entry"
    __table_args__ = (
        UniqueConstraint("submission_id", "round", "closes"),
        CheckConstraint(
            "(kind = 'reserve' AND units = 1 AND NOT closes AND reason = '')"
            " OR (kind = 'commit' AND units = 0 AND closes AND reason = '')"
            " OR (kind = 'refund' AND units = -1 AND closes AND reason IN ('rejected', 'failed', 'withdrawn'))",
            name="kind",
        ),
        CheckConstraint("round >= 1", name="round_positive"),
        Index("ix_quota_entry_team_id_challenge_id", "team_id", "challenge_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(max_length=80)
    team_id: UUID = Field(foreign_key="team.id")
    submission_id: UUID = Field(foreign_key="submission.id")
    round: int = Field(default=1)
    kind: str = Field(max_length=8)
    units: int
    closes: bool
    reason: str = Field(default="", max_length=12)
    day: date
    at: datetime = Field(sa_type=UtcDateTime)


class FinalChoice(SQLModel, table=True):
    """A team wants this submission to count in the final ranking."""

    __tablename__ = "final_choice"
    __table_args__ = (UniqueConstraint("submission_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    challenge_id: str = Field(max_length=80)
    submission_id: UUID = Field(foreign_key="submission.id")
    chosen_at: datetime = Field(sa_type=UtcDateTime)
    chosen_by: UUID = Field(foreign_key="person.id")


class Prototype(SQLModel, table=True):
    """A team's dossier for one challenge: a draft that the team edits, then what it handed in.

    ``fields`` maps a dossier field's id to its text; ``version`` rises with each save, so that a second tab cannot
    overwrite what it has not seen. ``public`` says that the gallery may show it.
    """

    __tablename__ = "prototype"
    __table_args__ = (
        UniqueConstraint("team_id", "challenge_id"),
        CheckConstraint("state IN ('draft', 'submitted')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    challenge_id: str = Field(max_length=80)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    title: str = Field(default="", max_length=120)
    slug: str = Field(default="", max_length=60)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    state: str = Field(default="draft", max_length=12)
    version: int = Field(default=1)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    updated_by: UUID = Field(foreign_key="person.id")
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    public: bool = Field(default=False)


class PrototypeFile(SQLModel, table=True):
    """A file of a dossier, kept by digest."""

    __tablename__ = "prototype_file"
    __table_args__ = (UniqueConstraint("prototype_id", "field"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    prototype_id: UUID = Field(foreign_key="prototype.id", index=True)
    field: str = Field(max_length=80)
    file_name: str = Field(max_length=200)
    digest: str = Field(max_length=64)
    size_bytes: int
    media_type: str = Field(max_length=80)
    added_at: datetime = Field(sa_type=UtcDateTime)
