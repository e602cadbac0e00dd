"""A team's way on a board: its best public score step by step, as a chart and as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import Response, render_template, request
from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.curve import Step, curve
from datathon.leaderboard.queries import Primary, board, board_version, primary
from datathon.leaderboard.teams_shown import ON_BOARDS, TeamShown, teams_shown
from datathon.leaderboard.veil import veiled_since
from datathon.publication.certainty import metric_rows
from datathon.publication.queries import latest
from datathon.web.guards import NOWHERE, anyone, guarded, scope, the_challenge, the_edition
from datathon.web.house import now, read_db
from datathon.web.paging import leaf
from datathon.web.public.answers import reader, standing
from datathon.web.public.door import blueprint
from datathon.web.public.movement import Move, moves_of
from datathon.web.spoken import spoken

WIDTH, HEIGHT = 100.0, 100.0
PER_PAGE = 40
"""Files a page of the table: a team may have sent hundreds."""


@dataclass(frozen=True, slots=True)
class CurvePage:
    """``path`` draws the best score in a square of 100, better is higher; ``high`` and ``low`` name its edges."""

    edition: Edition
    challenge: Challenge
    team: TeamShown
    metric: Primary
    steps: tuple[Step, ...]
    path: str
    high: float
    low: float
    starts: datetime | None
    ends: datetime | None
    last: Move | None = None
    component: str = ""
    rows: tuple[Step, ...] = ()
    page: int = 1
    pages: int = 1


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard/team/<line>")
@guarded(anyone)
def curve_of(edition: str, challenge: str, line: str) -> Response:
    """Show how a team of the board came to its score."""
    del edition, challenge
    here = the_challenge()
    if not here.takes_predictions:
        raise NotFound(NOWHERE)
    with read_db() as db:
        since = veiled_since(db, the_edition(), scope().windows, now=now())
        team_id, found = _named(teams_shown(db, the_edition(), since=since), line)
        steps = curve(db, the_edition(), here, team_id, since=since, now=now())
        version = board_version(db, the_edition(), here)
        last, component = _last(db, found.slug)
    if not steps:
        raise NotFound(NOWHERE)

    sheet = leaf(steps[::-1], request.args.get("page", 1, type=int), per_page=PER_PAGE)

    def write() -> str:
        page = replace(
            curve_page(the_edition(), here, found, steps),
            last=last,
            component=component,
            rows=sheet.items,
            page=sheet.page,
            pages=sheet.pages,
        )
        return render_template("public/curve.html", page=page)

    facts = ("curve", the_edition().id, here.id, found.slug, found.name, version, steps, last, sheet.page, reader())
    return standing(write, mimetype="text/html", facts=facts)


def _last(db: Session, slug: str) -> tuple[Move | None, str]:
    """Return the team's final value and place with its public ones, once results are published; and of which component."""
    published, shown = latest(db, the_edition().id), board(db, the_edition(), the_challenge())
    if published is None or shown is None:
        return None, ""
    for part in published.results.get("components", ()):
        if part["kind"] == "metric" and part["challenge"] == the_challenge().id:
            moves = moves_of(shown.payload["rows"], metric_rows(published.results, part["id"]))
            return next((move for move in moves if move.slug == slug), None), part["id"]
    return None, ""


def _named(teams: Mapping[UUID, TeamShown], slug: str) -> tuple[UUID, TeamShown]:
    for key, team in teams.items():
        if team.slug == slug and team.status in ON_BOARDS:
            return key, replace(team, name=spoken(team.name))
    raise NotFound(NOWHERE)


def curve_page(edition: Edition, challenge: Challenge, team: TeamShown, steps: tuple[Step, ...]) -> CurvePage:
    """Return the chart's path and edges for at least one step."""
    metric = primary(challenge)
    values = [step.best for step in steps]
    first, last = min(step.at for step in steps), max(step.at for step in steps)
    better, worse = (max(values), min(values)) if metric.direction == "higher" else (min(values), max(values))

    def x(at: datetime) -> float:
        span = (last - first).total_seconds()
        return round(WIDTH * (at - first).total_seconds() / span, 2) if span else 0.0

    def y(value: float) -> float:
        return round(HEIGHT * (better - value) / (better - worse), 2) if better != worse else HEIGHT / 2

    # A clock that went back must not draw a line that goes back.
    path, reached = f"M0 {y(steps[0].best)}", 0.0
    for step in steps[1:]:
        reached = max(reached, x(step.at))
        path += f"H{reached}V{y(step.best)}"
    return CurvePage(
        edition,
        challenge,
        team,
        metric,
        steps,
        f"{path}H{WIDTH:g}",
        better,
        worse,
        first,
        last if first != last else None,
    )
