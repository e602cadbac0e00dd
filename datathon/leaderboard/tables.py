"""Snapshots: the only thing public boards read."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from datathon.store.db import Json, UtcDateTime


class BoardSnapshot(SQLModel, table=True):
    """The public board of a challenge as it stood at ``as_of``; ``version`` rises with each change of content.

    ``payload`` is the object of leaderboard.json: as_of, part, metric, direction, frozen, rows.
    """

    __tablename__ = "board_snapshot"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    version: int = Field(default=1)
    as_of: datetime = Field(sa_type=UtcDateTime)
    frozen: bool = Field(default=False)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
