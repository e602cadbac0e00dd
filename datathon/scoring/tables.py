"""Score records, private logs, doctor's reports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class Score(SQLModel, table=True):
    """What one attempt gave, bound to everything it depends on. Never edited; a new scoring makes a new record.

    ``public``, ``private`` and ``all_rows`` map a metric's name to its value as a full double. The private values leave
    this table only through the final ranking. ``basis`` is the digest of everything the values depend on besides the
    file (scoring.basis); two records may be compared when they share it. ``rescoring_id`` is the campaign that made the
    record, None for an ordinary attempt.
    """

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("submission_id", "rescoring_id"),
        Index(
            "uq_score_live",
            "submission_id",
            "attempt",
            unique=True,
            sqlite_where=text("rescoring_id IS NULL"),
            postgresql_where=text("rescoring_id IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    submission_id: UUID = Field(foreign_key="submission.id", index=True)
    attempt: int
    rescoring_id: UUID | None = Field(default=None, foreign_key="rescoring.id")
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


class LadderStep(SQLModel, table=True):
    """What the ladder of a challenge answered to one scored file, made of its record ``score_id``.

    ``owner`` is a team's id or "baseline:NAME", whose files count by ``number``. ``shown`` is the public value after the
    file, None before one was accepted; ``level`` the mean loss it comes from and ``best_id`` the file that reached it.
    """

    __tablename__ = "ladder_step"
    __table_args__ = (Index("ix_ladder_step_owner", "edition_id", "challenge_id", "owner"),)

    submission_id: UUID = Field(primary_key=True, foreign_key="submission.id")
    edition_id: str = Field(foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(max_length=80)
    owner: str = Field(max_length=100)
    number: int
    score_id: UUID = Field(foreign_key="score.id")
    accepted: bool
    shown: float | None = Field(default=None)
    level: float | None = Field(default=None)
    best_id: UUID | None = Field(default=None, foreign_key="submission.id")


class ChallengeBasis(SQLModel, table=True):
    """With what a challenge is scored now (``present``) and which of its scores the board shows (``shown``).

    Both are digests of scoring.basis, ``parts`` and ``shown_parts`` the short digests of what they are made of.
    ``trouble`` says why nothing can be scored, "" when all is well; for organisers. ``public_rows`` and ``private_rows``
    are the sizes of the present reference's parts, None before a worker read it.
    """

    __tablename__ = "challenge_basis"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    present: str = Field(default="", max_length=80)
    parts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    shown: str = Field(default="", max_length=80)
    shown_parts: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    trouble: str = Field(default="", max_length=500)
    public_rows: int | None = Field(default=None)
    private_rows: int | None = Field(default=None)
    noticed_at: datetime = Field(sa_type=UtcDateTime)


class Rescoring(SQLModel, table=True):
    """A campaign: every submission of a challenge scored again with ``to_basis``, applied as one or not at all.

    ``everything`` tells that scores of the same basis are done again too; ``include`` lists further states taken along
    ("failed", "rejected"). ``note_fr`` and ``note_en`` are what the leaderboard says once it is applied.
    """

    __tablename__ = "rescoring"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'ready', 'stale', 'applied', 'cancelled')", name="state"),
        Index(
            "uq_rescoring_open",
            "edition_id",
            "challenge_id",
            unique=True,
            sqlite_where=text("state IN ('running', 'ready')"),
            postgresql_where=text("state IN ('running', 'ready')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    challenge_id: str = Field(max_length=80)
    state: str = Field(default="running", max_length=12)
    reason: str = Field(max_length=500)
    from_basis: str = Field(max_length=80)
    to_basis: str = Field(max_length=80)
    changed: list[str] = Field(default_factory=list, sa_type=Json)
    everything: bool = Field(default=False)
    include: list[str] = Field(default_factory=list, sa_type=Json)
    started_at: datetime = Field(sa_type=UtcDateTime)
    started_by: UUID | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    scores_changed: int = Field(default=0)
    ranks_changed: int = Field(default=0)
    note_fr: str = Field(default="", max_length=2000)
    note_en: str = Field(default="", max_length=2000)


class RescoringItem(SQLModel, table=True):
    """One submission to score again in a campaign; ``submission_id`` None: the truth itself, whose values are here.

    Claimed with a lease as submissions are. ``score_id`` is the record it made, which counts once the campaign is
    applied.
    """

    __tablename__ = "rescoring_item"
    __table_args__ = (
        UniqueConstraint("rescoring_id", "submission_id"),
        CheckConstraint("state IN ('waiting', 'running', 'scored', 'rejected', 'failed', 'none')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    rescoring_id: UUID = Field(foreign_key="rescoring.id", index=True)
    submission_id: UUID | None = Field(default=None, foreign_key="submission.id")
    state: str = Field(default="waiting", max_length=12)
    attempt: int = Field(default=1)
    worker: str = Field(default="", max_length=80)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    score_id: UUID | None = Field(default=None)
    code: str = Field(default="", max_length=40)
    problems: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    truth_values: dict[str, dict[str, float]] = Field(default_factory=dict, sa_type=Json)


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


class FailureAlert(SQLModel, table=True):
    """An attempt that failed by the platform's fault, and when its edition's organisers were told by letter."""

    __tablename__ = "failure_alert"

    submission_id: UUID = Field(primary_key=True, foreign_key="submission.id")
    attempt: int = Field(primary_key=True)
    edition_id: str = Field(max_length=80)
    challenge_id: str = Field(max_length=80)
    told_at: datetime = Field(sa_type=UtcDateTime, index=True)
