"""Published rankings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
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
