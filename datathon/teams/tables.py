"""Teams and memberships."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from datathon.kernel.ids import new_id
from datathon.store.db import Json, UtcDateTime


class Team(SQLModel, table=True):
    """A team of one edition. ``status`` is active, withdrawn, out_of_competition or ineligible.

    ``mentors``: who advised it, a name or an address per line. ``brackets``: the kinds of teams it belongs to.
    """

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("edition_id", "slug"),
        CheckConstraint("status IN ('active', 'withdrawn', 'out_of_competition', 'ineligible')", name="status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80, index=True)
    name: str = Field(max_length=80)
    slug: str = Field(max_length=60)
    town: str = Field(default="", max_length=80)
    status: str = Field(default="active", max_length=20)
    mentors: str = Field(default="", max_length=1000)
    brackets: list[str] = Field(default_factory=list, sa_type=Json)
    captain_id: UUID = Field(foreign_key="person.id")
    invitation: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Membership(SQLModel, table=True):
    """A person in a team, from ``joined_at`` until ``left_at``; one team at a time in an edition."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            "edition_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    edition_id: str = Field(foreign_key="edition.id", max_length=80)
    team_id: UUID = Field(foreign_key="team.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    joined_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
