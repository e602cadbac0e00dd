"""Which teams boards show, under which name: as they are now, or as the freeze found them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.leaderboard.tables import VeiledEdition
from datathon.teams.tables import Team

ON_BOARDS = {"active": "team", "out_of_competition": "out_of_competition"}
"""Team status -> how a board shows it; withdrawn and ineligible teams are named below it, without a score."""


@dataclass(frozen=True, slots=True)
class TeamShown:
    """A team as boards show it; ``slug`` is what addresses and files call it."""

    name: str
    slug: str
    town: str
    status: str


def teams_shown(db: Session, edition: Edition, *, since: datetime | None) -> dict[UUID, TeamShown]:
    """Return the teams of an edition by id; those that a freeze since ``since`` found as they were then."""
    found = teams_now(db, edition.id)
    kept = None if since is None else db.get(VeiledEdition, edition.id)
    if kept is not None and kept.since == since:
        found |= {UUID(key): TeamShown(**team) for key, team in kept.teams.items()}
    return found


def teams_now(db: Session, edition_id: str) -> dict[UUID, TeamShown]:
    """Return the teams of an edition by id as they are now."""
    query = select(Team.id, Team.name, Team.slug, Team.town, Team.status).where(Team.edition_id == edition_id)  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
    return {key: TeamShown(*team) for key, *team in db.exec(query)}


def written(teams: dict[UUID, TeamShown]) -> dict[str, dict[str, str]]:
    """Return teams as a freeze keeps them."""
    return {str(key): asdict(team) for key, team in teams.items()}
