"""Counts that anybody may read."""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from datathon.leaderboard.tables import Standing
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Membership, Team


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an edition is: teams and people who take part, files that boards count, prototypes handed in."""

    teams: int
    people: int
    scored: int
    prototypes: int


def counts(db: Session, edition_id: str) -> Counts:
    """Return the counts of an edition; baselines and teams that withdrew are left out."""
    taking_part = col(Team.status) != "withdrawn"
    teams = select(func.count(col(Team.id))).where(Team.edition_id == edition_id, taking_part)
    people = (
        select(func.count(col(Membership.id)))
        .join(Team, col(Team.id) == col(Membership.team_id))
        .where(Membership.edition_id == edition_id, col(Membership.left_at).is_(None), taking_part)
    )
    # Of standings, as boards show them: no count moves while boards are frozen.
    scored = select(func.coalesce(func.sum(col(Standing.submissions)), 0)).where(
        Standing.edition_id == edition_id, col(Standing.team_id).is_not(None)
    )
    prototypes = (
        select(func.count(col(Prototype.id)))
        .join(Team, col(Team.id) == col(Prototype.team_id))
        .where(Prototype.edition_id == edition_id, Prototype.state == "submitted", taking_part)
    )
    return Counts(db.exec(teams).one(), db.exec(people).one(), db.exec(scored).one(), db.exec(prototypes).one())
