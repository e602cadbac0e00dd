"""Which teams boards show, under which name: as they are now, or as the freeze found them."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.kernel.ids import slug
from datathon.leaderboard.pseudonyms import is_masked, pseudonyms
from datathon.leaderboard.tables import VeiledEdition
from datathon.teams.tables import Team

ON_BOARDS = {"active": "team", "out_of_competition": "out_of_competition"}
"""Team status -> how a board shows it; withdrawn and ineligible teams are named below it, without a score."""


@dataclass(frozen=True, slots=True)
class TeamShown:
    """A team as boards show it; ``slug`` is what addresses and files call it.

    ``brackets`` are the kinds of teams it belongs to, whether the edition still has them or not.
    """

    name: str
    slug: str
    town: str
    status: str
    brackets: tuple[str, ...] = ()


def teams_shown(db: Session, edition: Edition, *, since: datetime | None) -> dict[UUID, TeamShown]:
    """Return the teams of an edition by id; those that a freeze since ``since`` found as they were then.

    An anonymous edition shows them under their pseudonyms until its results are published.
    """
    found = teams_now(db, edition.id)
    kept = None if since is None else db.get(VeiledEdition, edition.id)
    if kept is not None and kept.since == since:
        found |= {
            UUID(key): TeamShown(**{**team, "brackets": tuple(team.get("brackets", ()))})
            for key, team in kept.teams.items()
        }
    return _masked(db, edition, found) if is_masked(db, edition) else found


def _masked(db: Session, edition: Edition, teams: dict[UUID, TeamShown]) -> dict[UUID, TeamShown]:
    """Return teams under their pseudonyms, nameless where none is drawn yet; nothing else of them tells who they are."""
    drawn = pseudonyms(db, edition.id)
    return {
        key: replace(team, name=drawn.get(key, ""), slug=slug(drawn[key]) if key in drawn else "", town="")
        for key, team in teams.items()
    }


def teams_now(db: Session, edition_id: str) -> dict[UUID, TeamShown]:
    """Return the teams of an edition by id as they are now."""
    columns = (Team.id, Team.name, Team.slug, Team.town, Team.status, Team.brackets)
    query = select(*columns).where(Team.edition_id == edition_id)  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
    return {
        key: TeamShown(name, slug_, town, status, tuple(brackets))
        for key, name, slug_, town, status, brackets in db.exec(query)
    }


def written(teams: dict[UUID, TeamShown]) -> dict[str, dict[str, Any]]:
    """Return teams as a freeze keeps them."""
    return {str(key): asdict(team) for key, team in teams.items()}
