"""The public vote: when it is open, which codes are good, the ballots. Nothing leads from a ballot to a code or a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class VotePoll(SQLModel, table=True):
    """The vote of an edition. ``opened_at`` is the organiser's button, None where a phase opens it; ``version`` rises.

    ``rules`` are those of the opening (the properties of ``editions.vote.VoteRules``, and under "whole" the sum of all
    weights then), kept at ``frozen_at``; None before it.
    """

    __tablename__ = "vote_poll"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    version: int = Field(default=1)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rules: dict[str, Any] | None = Field(default=None, sa_type=Json)
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class VoteCode(SQLModel, table=True):
    """A printed code, kept as a keyed hash. ``used`` has no instant: it could tell which ballot came with it."""

    __tablename__ = "vote_code"

    digest: str = Field(primary_key=True, max_length=64)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    used: bool = Field(default=False)


class VoteBallot(SQLModel, table=True):
    """One ballot: keys of the teams it names, as sorted text. Its own key is random, and it has no instant."""

    __tablename__ = "vote_ballot"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    teams: list[Any] = Field(default_factory=list, sa_type=Json)
