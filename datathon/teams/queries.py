"""Teams and their members, read for a page or an act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.kernel.alphabet import alphabetical
from datathon.people.accept import accepted
from datathon.people.tables import Person
from datathon.teams.tables import Membership, Team


@dataclass(frozen=True, slots=True)
class MemberView:
    """A present member of a team."""

    person_id: UUID
    name: str
    joined_at: datetime
    captain: bool


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with its present members, the captain first. ``invitation`` is a secret of the team."""

    id: UUID
    edition_id: str
    name: str
    slug: str
    town: str
    status: str
    captain_id: UUID
    invitation: str
    created_at: datetime
    members: tuple[MemberView, ...]
    brackets: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        """Whether the team still takes part, ranked or out of competition."""
        return self.status in {"active", "out_of_competition"}


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team as anybody may see it."""

    id: UUID
    name: str
    slug: str
    town: str
    status: str
    size: int


@dataclass(frozen=True, slots=True)
class MembershipView:
    """A person's time in a team. ``left_at`` is None while it lasts."""

    edition_id: str
    team: str
    slug: str
    status: str
    joined_at: datetime
    left_at: datetime | None


def team(db: Session, team_id: UUID) -> TeamView | None:
    """Return a team by its key."""
    row = db.get(Team, team_id)
    return None if row is None else _view(db, row)


def team_of(db: Session, edition_id: str, person_id: UUID) -> TeamView | None:
    """Return the team this person is in now, in this edition."""
    query = (
        select(Team)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .where(
            Membership.edition_id == edition_id, Membership.person_id == person_id, col(Membership.left_at).is_(None)
        )
    )
    row = db.exec(query).one_or_none()
    return None if row is None else _view(db, row)


def invited_to(db: Session, edition_id: str, token: str) -> TeamView | None:
    """Return the team whose present invitation link holds ``token``."""
    row = db.exec(select(Team).where(Team.edition_id == edition_id, Team.invitation == token)).one_or_none()
    return None if row is None else _view(db, row)


def teams_in(db: Session, edition_id: str) -> tuple[TeamLine, ...]:
    """Return every team of an edition that did not withdraw, by name."""
    size = func.count(col(Membership.id))
    query = (
        select(Team, size)
        .join(Membership, (col(Membership.team_id) == col(Team.id)) & col(Membership.left_at).is_(None), isouter=True)
        .where(Team.edition_id == edition_id, Team.status != "withdrawn")
        .group_by(col(Team.id))
        .order_by(col(Team.slug))
    )
    found = [TeamLine(t.id, t.name, t.slug, t.town, t.status, n) for t, n in db.exec(query)]
    return tuple(sorted(found, key=lambda team: alphabetical(team.name)))


def is_member(db: Session, team_id: UUID, person_id: UUID) -> bool:
    """Whether this person is in this team now."""
    query = select(Membership.id).where(
        Membership.team_id == team_id, Membership.person_id == person_id, col(Membership.left_at).is_(None)
    )
    return db.exec(query).first() is not None


def memberships(db: Session, team_id: UUID) -> Sequence[Membership]:
    """Return the rows of the present members, in the order they came."""
    query = select(Membership).where(Membership.team_id == team_id, col(Membership.left_at).is_(None))
    return db.exec(query.order_by(col(Membership.joined_at), col(Membership.person_id))).all()


def memberships_of(db: Session, person_id: UUID) -> tuple[MembershipView, ...]:
    """Return every team a person is or was in, over all editions, the latest first."""
    query = (
        select(Membership, Team)
        .join(Team, col(Team.id) == col(Membership.team_id))
        .where(Membership.person_id == person_id)
        .order_by(col(Membership.joined_at).desc(), col(Team.slug))
    )
    return tuple(
        MembershipView(t.edition_id, t.name, t.slug, t.status, m.joined_at, m.left_at) for m, t in db.exec(query)
    )


def has_accepted(db: Session, edition: Edition, person_id: UUID, *, document: str = "rules") -> bool:
    """Whether this person accepted the present version of a legal text; True where the edition has no such text."""
    text = edition.document(document)
    return text is None or accepted(db, person_id=person_id, edition_id=edition.id, document=text)


def _view(db: Session, row: Team) -> TeamView:
    query = (
        select(Membership, Person.name)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(Membership.team_id == row.id, col(Membership.left_at).is_(None))
        .order_by(col(Membership.joined_at), col(Membership.person_id))
    )
    members = [MemberView(m.person_id, name, m.joined_at, m.person_id == row.captain_id) for m, name in db.exec(query)]
    members.sort(key=lambda member: not member.captain)
    return TeamView(
        id=row.id,
        edition_id=row.edition_id,
        name=row.name,
        slug=row.slug,
        town=row.town,
        status=row.status,
        captain_id=row.captain_id,
        invitation=row.invitation,
        created_at=row.created_at,
        members=tuple(members),
        brackets=tuple(row.brackets),
    )
