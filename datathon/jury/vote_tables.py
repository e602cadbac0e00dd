"""The public vote: when it is open, which codes are good, the ballots. Nothing leads from a ballot to a code or a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
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


class VoteSheet(SQLModel, table=True):
    """A printed sheet of ``codes`` codes; ``number`` counts from 1.

    ``told``: ballots cast with it carry its number until the count is known, so that they can be taken out when the sheet
    is lost. A void sheet says when, by whom and why, what became of its ``ballots`` ("kept" or "removed"), and how many
    codes had ``served`` until then.
    """

    __tablename__ = "vote_sheet"
    __table_args__ = (CheckConstraint("ballots IN ('', 'kept', 'removed')", name="ballots"),)

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    number: int = Field(primary_key=True)
    codes: int
    told: bool
    printed_at: datetime = Field(sa_type=UtcDateTime)
    printed_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voided_by: UUID | None = Field(default=None, foreign_key="person.id")
    voided_why: str = Field(default="", max_length=300)
    ballots: str = Field(default="", max_length=8)
    served: int = Field(default=0)


class VoteCode(SQLModel, table=True):
    """A printed code, kept as a keyed hash. ``used`` has no instant: it could tell which ballot came with it."""

    __tablename__ = "vote_code"

    digest: str = Field(primary_key=True, max_length=64)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    sheet: int = Field(default=1)
    used: bool = Field(default=False)


class VoteBallot(SQLModel, table=True):
    """One ballot: keys of the teams it names, as sorted text. Its own key is random, and it has no instant.

    ``sheet`` is the printed sheet its code came from, None where that sheet is too small to hide anybody in, and for
    every ballot once the count is known.
    """

    __tablename__ = "vote_ballot"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    teams: list[Any] = Field(default_factory=list, sa_type=Json)
    sheet: int | None = Field(default=None)
