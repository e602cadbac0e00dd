"""Score records, private logs, doctor's reports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class Score(SQLModel, table=True):
    """What one attempt gave, bound to everything it depends on. Never edited; a new scoring makes a new record.

    ``public``, ``private`` and ``all_rows`` map a metric's name to its value as a full double. The private values leave
    this table only through the final ranking. ``basis`` is the digest of everything the values depend on besides the
    file (scoring.basis); two records may be compared when they share it.
    """

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("submission_id", "attempt"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", index=True)
    attempt: int
    public: dict[str, float] = Field(default_factory=dict, sa_type=Json)
    private: dict[str, float] = Field(default_factory=dict, sa_type=Json)
    all_rows: dict[str, float] = Field(default_factory=dict, sa_type=Json)
    scorer: str = Field(max_length=80)
    scorer_version: str = Field(max_length=40)
    scorer_digest: str = Field(max_length=80)
    reference_digest: str = Field(max_length=80)
    submission_digest: str = Field(max_length=80)
    environment_digest: str = Field(max_length=80)
    basis: str = Field(default="", max_length=80)
    sandbox: str = Field(max_length=20)
    losses_digest: str | None = Field(default=None, max_length=64)
    timings_ms: dict[str, float] = Field(default_factory=dict, sa_type=Json)
    cpu_s: float = Field(default=0.0)
    max_rss_bytes: int = Field(default=0)
    scored_at: datetime = Field(sa_type=UtcDateTime)


class ChallengeBasis(SQLModel, table=True):
    """With what a challenge is scored now (``present``) and which of its scores the board shows (``shown``).

    Both are digests of scoring.basis, ``parts`` and ``shown_parts`` the short digests of what they are made of.
    ``trouble`` says why nothing can be scored, "" when all is well; for organisers.
    """

    __tablename__ = "challenge_basis"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    present: str = Field(default="", max_length=80)
    parts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    shown: str = Field(default="", max_length=80)
    shown_parts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    trouble: str = Field(default="", max_length=500)
    noticed_at: datetime = Field(sa_type=UtcDateTime)


class ScoringLog(SQLModel, table=True):
    """What one stage of a failed attempt said. SCORE's text may hold labels: read it through ``scoring.traces`` only."""

    __tablename__ = "scoring_log"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", index=True)
    attempt: int
    stage: str = Field(max_length=20)
    code: str = Field(max_length=40)
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class DoctorReport(SQLModel, table=True):
    """What the sandbox's self-examination found when a worker started."""

    __tablename__ = "doctor_report"
    __table_args__ = (CheckConstraint("level IN ('full', 'container', 'refuse')", name="level"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    worker: str = Field(max_length=80)
    level: str = Field(max_length=20)
    report: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class WorkerPulse(SQLModel, table=True):
    """The last sign of life of a worker or of a service it watches, so that pages can say what is missing."""

    __tablename__ = "worker_pulse"

    name: str = Field(primary_key=True, max_length=80)
    kind: str = Field(max_length=20)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    trouble: str = Field(default="", max_length=300)
