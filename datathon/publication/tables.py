"""Deliberations and published rankings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class PublishedRanking(SQLModel, table=True):
    """A final ranking that was announced; ``results`` is the object of results.json. A correction is a new version."""

    __tablename__ = "published_ranking"
    __table_args__ = (UniqueConstraint("edition_id", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    version: int
    results: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    reason: str = Field(default="", max_length=500)
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: UUID = Field(foreign_key="person.id")


class Deliberation(SQLModel, table=True):
    """What a jury decided about the ranking whose content ``digest`` names, and how far that has come.

    ``places``: team, rank and reason of each place that differs from the computed one. ``awards``: prizes (by id) and
    mentions (by title) with their team, None for a prize that is withheld. ``version`` rises with each save, so that of
    two people who decide at once one is told. ``minutes`` is the page as it was validated and ``minutes_sha256`` of its
    UTF-8 bytes.
    """

    __tablename__ = "deliberation"
    __table_args__ = (CheckConstraint("state IN ('deliberated', 'validated')", name="state"),)

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    state: str = Field(default="deliberated", max_length=12)
    version: int = Field(default=1)
    digest: str = Field(max_length=64)
    present: int = Field(default=0)
    places: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    awards: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    casting: str = Field(default="", max_length=500)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: UUID = Field(foreign_key="person.id")
    validated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    validated_by: UUID | None = Field(default=None, foreign_key="person.id")
    embargo_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    minutes: str = Field(default="")
    minutes_sha256: str = Field(default="", max_length=64)


class CommentReview(SQLModel, table=True):
    """An organiser let a juror's comment for the team go, or withheld it with a ``reason``.

    ``digest`` is the SHA-256 of the text that was read. Without this row a comment goes to nobody.
    """

    __tablename__ = "comment_review"
    __table_args__ = (CheckConstraint("state IN ('approved', 'withheld')", name="state"),)

    sheet_id: UUID = Field(primary_key=True, foreign_key="sheet.id")
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    state: str = Field(max_length=10)
    reason: str = Field(default="", max_length=300)
    digest: str = Field(max_length=64)
    version: int = Field(default=1)
    decided_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: UUID = Field(foreign_key="person.id")


class Appeal(SQLModel, table=True):
    """A team contests one published version; ``state`` is open until somebody upholds or refuses it with an ``answer``."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("team_id", "ranking"),
        CheckConstraint("state IN ('open', 'upheld', 'refused')", name="state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    ranking: int
    text: str
    filed_at: datetime = Field(sa_type=UtcDateTime)
    filed_by: UUID = Field(foreign_key="person.id")
    state: str = Field(default="open", max_length=8)
    answer: str = Field(default="")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")


class FrozenMinutes(SQLModel, table=True):
    """Minutes as they were validated: ``content`` for the jury and the organisers, ``public`` without names ("" for none).

    They stay when a deliberation is reopened; then ``replaced_at`` and ``replaced_why`` say so.
    """

    __tablename__ = "frozen_minutes"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    content: str
    sha256: str = Field(max_length=64)
    public: str = Field(default="")
    public_sha256: str = Field(default="", max_length=64)
    validated_at: datetime = Field(sa_type=UtcDateTime)
    validated_by: UUID = Field(foreign_key="person.id")
    replaced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replaced_why: str = Field(default="", max_length=500)


class MinutesSignature(SQLModel, table=True):
    """Frozen minutes are signed for the jury (``role`` president) or the organisers, on the ``page`` or on ``paper``.

    ``person_id`` is who signed on the page, None for paper, whose ``name`` ``recorded_by`` typed.
    """

    __tablename__ = "minutes_signature"
    __table_args__ = (
        UniqueConstraint("minutes_id", "role"),
        CheckConstraint("role IN ('president', 'organiser')", name="role"),
        CheckConstraint("medium IN ('page', 'paper')", name="medium"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    minutes_id: UUID = Field(foreign_key="frozen_minutes.id", index=True)
    role: str = Field(max_length=10)
    medium: str = Field(max_length=5)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    name: str = Field(default="", max_length=120)
    signed_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: UUID = Field(foreign_key="person.id")
