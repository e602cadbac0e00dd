"""Counts that anybody may read, and the teams as anybody may see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from datathon.editions.rules import Edition, Window
from datathon.kernel.alphabet import alphabetical
from datathon.leaderboard.tables import Standing, VeiledBoard, VeiledStanding
from datathon.leaderboard.teams_shown import teams_shown
from datathon.leaderboard.veil import veiled_since
from datathon.submissions.tables import Prototype
from datathon.teams.queries import TeamLine
from datathon.teams.tables import Membership
from datathon.web.spoken import spoken


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an edition is: teams and people who take part, files that boards count, prototypes handed in."""

    teams: int
    people: int
    scored: int
    prototypes: int


def counts(db: Session, edition: Edition, windows: tuple[Window, ...], *, now: datetime) -> Counts:
    """Return the counts of an edition; baselines and teams that withdrew are left out.

    While boards are frozen who left since is counted still: no count tells of anything that happened meanwhile.
    """
    since = veiled_since(db, edition, windows, now=now)
    teams = {key for key, team in teams_shown(db, edition, since=since).items() if team.status != "withdrawn"}
    people = select(Membership.team_id, Membership.person_id).where(Membership.edition_id == edition.id, _there(since))
    prototypes = select(Prototype.team_id).where(Prototype.edition_id == edition.id, Prototype.state == "submitted")
    return Counts(
        len(teams),
        len({person for team, person in db.exec(people) if team in teams}),
        scored_files(db, edition, since=since),
        sum(team in teams for team in db.exec(prototypes)),
    )


def _there(since: datetime | None) -> ColumnElement[bool]:
    left = col(Membership.left_at)
    return left.is_(None) if since is None else or_(left.is_(None), left >= since)


def scored_files(db: Session, edition: Edition, *, since: datetime | None) -> int:
    """Return how many files of teams boards count, of a board frozen at ``since`` those that the freeze found."""
    total = 0
    boards = db.exec(select(VeiledBoard.challenge_id, VeiledBoard.since).where(VeiledBoard.edition_id == edition.id))
    veiled = {challenge for challenge, began in boards if began == since}
    for table in (Standing, VeiledStanding):
        of_teams = (table.edition_id == edition.id, col(table.team_id).is_not(None))
        query = (
            select(table.challenge_id, func.sum(col(table.submissions))).where(*of_teams).group_by(table.challenge_id)
        )
        total += sum(
            number for challenge, number in db.exec(query) if (challenge in veiled) == (table is VeiledStanding)
        )
    return total


def teams_taking_part(
    db: Session, edition: Edition, windows: tuple[Window, ...], *, now: datetime
) -> tuple[TeamLine, ...]:
    """Return the teams of an edition that did not withdraw, by name; while boards are frozen as the freeze found them."""
    since = veiled_since(db, edition, windows, now=now)
    shown = teams_shown(db, edition, since=since)
    members = select(Membership.team_id, func.count(func.distinct(col(Membership.person_id)))).where(
        Membership.edition_id == edition.id, _there(since)
    )
    sizes = dict(db.exec(members.group_by(col(Membership.team_id))).all())
    lines = [
        TeamLine(key, spoken(team.name), team.slug, team.town, team.status, sizes.get(key, 0))
        for key, team in shown.items()
        if team.status != "withdrawn" and team.name
    ]
    return tuple(sorted(lines, key=lambda line: (alphabetical(line.name), line.slug)))
