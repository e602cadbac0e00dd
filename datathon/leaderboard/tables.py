"""Snapshots, the only thing public boards read, and the standings they are written from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from datathon.store.db import Json, UtcDateTime


class BoardSnapshot(SQLModel, table=True):
    """The public board of a challenge as it stood at ``as_of``; ``version`` rises with each change of content.

    ``payload`` is the object of leaderboard.json: as_of, part, metric, direction, frozen, rows. ``made_with`` is the
    digest of the rules its standings were computed with; "" has them computed again.
    """

    __tablename__ = "board_snapshot"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    version: int = Field(default=1)
    as_of: datetime = Field(sa_type=UtcDateTime)
    frozen: bool = Field(default=False)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    made_with: str = Field(default="", max_length=32)


class BoardInterval(SQLModel, table=True):
    """How sure the order of one board is, and for which scores that was computed.

    ``part`` is "public" or "private". ``wanted`` is the digest of the scores on the board, ``found_for`` of those that
    ``found`` was computed from: it is shown only while both are equal. ``progress`` is the share done (0 to 1) by
    ``worker``, whose lease ends at ``lease_until``; ``tries`` counts the failures for what is wanted. ``request`` says
    what to compute: the teams in their order with the submission that stands for each, how the metric is made of
    losses, its decimals.
    """

    __tablename__ = "board_interval"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    part: str = Field(primary_key=True, max_length=10)
    wanted: str = Field(max_length=64)
    wanted_since: datetime = Field(sa_type=UtcDateTime)
    request: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    found_for: str = Field(default="", max_length=64)
    found: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    computed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = Field(default=0)
    progress: float = Field(default=0.0)
    worker: str = Field(default="", max_length=80)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Reached(SQLModel):
    """What one owner, a team or a baseline, has reached in a challenge; it follows from its scored submissions alone.

    ``scored`` counts them, ``hidden`` those of a version that the board does not show, ``submissions`` those that the
    board counts. ``submission_id``, ``number``, ``value`` (public part), ``received_at`` and ``chosen`` are of the one
    that stands for the owner, among equals the first that came; None where nothing has a value. ``values`` are its
    public values by metric.
    """

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    owner: str = Field(primary_key=True, max_length=100)
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    baseline: str = Field(default="", max_length=80)
    scored: int = Field(default=0)
    hidden: int = Field(default=0)
    submissions: int = Field(default=0)
    submission_id: UUID | None = Field(default=None, foreign_key="submission.id")
    number: int = Field(default=0)
    value: float | None = Field(default=None)
    values: dict[str, float] = Field(default_factory=dict, sa_type=Json)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    chosen: bool = Field(default=False)


class Standing(Reached, table=True):
    """What an owner has reached until now, kept up to date with each score."""

    __tablename__ = "standing"


class VeiledEdition(SQLModel, table=True):
    """The teams of an edition as a freeze that began at ``since`` found them, by id: name, slug, town and status."""

    __tablename__ = "veiled_edition"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    since: datetime = Field(sa_type=UtcDateTime)
    teams: dict[str, dict[str, Any]] = Field(default_factory=dict, sa_type=Json)


class VeiledBoard(SQLModel, table=True):
    """What a frozen board says besides its rows. ``shown`` is the version of scores it shows, ``said`` its notices.

    ``awaited`` are the submissions from before the freeze that have no score yet: they alone may still come in.
    """

    __tablename__ = "veiled_board"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id", max_length=80)
    challenge_id: str = Field(primary_key=True, max_length=80)
    since: datetime = Field(sa_type=UtcDateTime)
    shown: str = Field(default="", max_length=80)
    awaited: list[str] = Field(default_factory=list, sa_type=Json)
    said: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class VeiledStanding(Reached, table=True):
    """What an owner had reached when its board froze; ``steps`` are its scored files: number, instant, public value."""

    __tablename__ = "veiled_standing"

    steps: list[list[Any]] = Field(default_factory=list, sa_type=Json)


class Pseudonym(SQLModel, table=True):
    """The name under which an anonymous edition shows a team: a French word of the sea and a number."""

    __tablename__ = "pseudonym"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    team_id: UUID = Field(primary_key=True, foreign_key="team.id")
    edition_id: str = Field(foreign_key="edition.id", max_length=80)
    name: str = Field(max_length=40)
