"""The home page: the editions of this installation, the running one first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template
from sqlmodel import Session, col, select

from datathon.editions.calendar import overrides
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.editions.windows import windows
from datathon.publication.tables import PublishedRanking
from datathon.web.guards import anyone, guarded
from datathon.web.house import house, now, read_db
from datathon.web.public.calendar import Chart, Dated, chart, coming, milestones
from datathon.web.public.door import blueprint
from datathon.web.public.facts import Counts, counts, teams_taking_part
from datathon.web.public.town_map import TownMap, town_map


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in the table. ``state`` is running, upcoming or over; ``laureate`` is "" before its announcement."""

    edition: Edition
    starts: date
    ends: date
    state: str
    laureate: str


@dataclass(frozen=True, slots=True)
class Featured:
    """The edition that the page opens with; ``board`` is the challenge whose leaderboard the page leads to."""

    line: EditionLine
    board: str | None
    next: Dated | None
    chart: Chart
    counts: Counts
    days_left: int
    map: TownMap | None


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything the page shows; ``featured`` is None on an installation without editions."""

    featured: Featured | None
    lines: tuple[EditionLine, ...]


ORDER = {"running": 0, "upcoming": 1, "over": 2}


@blueprint.get("/")
@guarded(anyone)
def home() -> str:
    """Show what runs now and every edition there is."""
    with read_db() as db:
        page = home_page(db, house().catalogue, now=now())
    return render_template("public/home.html", page=page)


def home_page(db: Session, catalogue: Catalogue, *, now: datetime) -> HomePage:
    """Return the page: running editions first, then those to come, then those that are over, the latest first."""
    rows = {row.id: row for row in db.exec(select(EditionRow)).all()}
    laureates = _laureates(db)
    lines = [
        _line(edition, rows[edition.id].starts, laureates.get(edition.id, ""), now)
        for edition in catalogue.editions.values()
        if edition.id in rows
    ]
    lines.sort(key=lambda line: line.starts, reverse=True)
    # A teaching edition that is open from its installation on gives way to one with a date of its own.
    lines.sort(key=lambda line: (ORDER[line.state], line.edition.starts is None))
    return HomePage(_featured(db, lines[0], now) if lines else None, tuple(lines))


def _line(edition: Edition, starts: date, laureate: str, now: datetime) -> EditionLine:
    ends = starts + timedelta(days=edition.days - 1)
    today = now.astimezone(edition.zone).date()
    state = "upcoming" if today < starts else "over" if today > ends else "running"
    return EditionLine(edition, starts, ends, state, laureate)


def _featured(db: Session, line: EditionLine, now: datetime) -> Featured:
    edition = line.edition
    phases = windows(edition, starts=line.starts, overrides=overrides(db, edition.id), now=now)
    ahead = coming(milestones(edition, starts=line.starts, now=now), most=1)
    return Featured(
        line=line,
        board=next((c.id for c in edition.challenges if c.takes_predictions), None),
        next=next(iter(ahead), None),
        chart=chart(edition, phases, starts=line.starts, now=now),
        counts=counts(db, edition, phases, now=now),
        days_left=max(0, (line.ends - now.astimezone(edition.zone).date()).days),
        map=town_map(
            edition.places, [(team.name, team.town) for team in teams_taking_part(db, edition, phases, now=now)]
        ),
    )


def _laureates(db: Session) -> dict[str, str]:
    """Return edition -> names of the first team, several when they share the rank; from the latest publications."""
    rows = db.exec(select(PublishedRanking).order_by(col(PublishedRanking.version))).all()
    return {row.edition_id: first_of(row.results) for row in rows}


def first_of(results: Mapping[str, Any]) -> str:
    """Return the name of the first team of a results object; names that share the rank stand together."""
    names = {team["id"]: str(team["name"]) for team in results.get("teams", [])}
    return ", ".join(names[row["team"]] for row in results.get("ranking", []) if row["rank"] == 1)
