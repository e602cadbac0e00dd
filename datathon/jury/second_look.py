"""What may be worth a second look before the jury closes: sheets that stand apart, and how far the others' marks lie."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.agreement import Outlier, agreement
from datathon.jury.counting import counting
from datathon.jury.grid import exact, grades_of, total
from datathon.jury.queries import Matrix, juror_view, rubric_of
from datathon.people.tables import Person
from datathon.teams.tables import Team

FEWEST = 3
"""Submitted sheets of a prototype below which no spread is shown: it would be one juror's marks."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A sheet that team and juror do not explain: ``points`` given, ``expected`` ones, distance in deviations."""

    juror: str
    team: str
    points: float
    expected: float
    standardised: float


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The sheets that stand apart, as somebody of the jury may see them.

    ``withheld`` counts those for prototypes that this person grades too and has not submitted a sheet for.
    """

    lines: tuple[Apart, ...]
    withheld: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many sheets of a prototype count so far, and how many jurors may grade it."""

    team: str
    sheets: int
    owed: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Lowest, middle and highest of the marks given to one prototype, in points; whose they are is not in it."""

    criterion: str
    low: float
    middle: float
    high: float


def apart(db: Session, edition: Edition, *, viewer_id: UUID) -> SecondLook:
    """Return the sheets that count now and lie beyond 2.5 standard deviations of what team and juror explain.

    The farthest first; none while the panels cannot be compared or too few sheets are there. Whoever presides grades
    as well: what others gave a prototype stays away from ``viewer_id`` until their own sheet for it is submitted.
    """
    rubric = rubric_of(edition)
    found = agreement(grades_of(rubric, counting(db, edition))).outliers
    people = _names(db, Person, [o.juror for o in found])
    teams = _names(db, Team, [o.team for o in found])
    mine = juror_view(db, edition, viewer_id)
    to_grade = {str(line.team.team_id) for line in mine.lines if line.state in ("todo", "draft") and not mine.closed_at}
    seen = [o for o in found if o.team not in to_grade]
    return SecondLook(tuple(_apart(o, people, teams) for o in seen), len(found) - len(seen))


def _apart(found: Outlier, people: dict[str, str], teams: dict[str, str]) -> Apart:
    return Apart(
        people.get(found.juror, ""), teams.get(found.team, ""), found.points, found.expected, found.standardised
    )


def _names(db: Session, table: type[Person] | type[Team], keys: Sequence[str]) -> dict[str, str]:
    wanted = {UUID(key) for key in keys}
    query = select(table.id, table.name).where(col(table.id).in_(wanted))
    return {str(key): name for key, name in db.exec(query)}


def spread(db: Session, edition: Edition, *, juror_id: UUID, team_id: UUID) -> tuple[Spread, ...]:
    """Return the spread of each criterion, then of the total (criterion ""), over the sheets that count.

    Empty unless the edition allows it, this juror's own sheet is among them, and there are at least ``FEWEST``.
    """
    rubric = rubric_of(edition)
    if not rubric.spread:
        return ()
    sheets = [s for s in counting(db, edition) if s.team == str(team_id)]
    if len(sheets) < FEWEST or str(juror_id) not in {s.juror for s in sheets}:
        return ()
    given = [(c.id, [s.points[c.id] for s in sheets]) for c in rubric.criteria]
    given.append(("", [total(rubric, s.points) for s in sheets]))
    return tuple(Spread(name, min(v), exact(statistics.median(v)), max(v)) for name, v in given)


def coverage(found: Matrix) -> tuple[Coverage, ...]:
    """Return how far each prototype is graded, the least graded first."""
    lines = []
    for n, team in enumerate(found.teams):
        cells = [row.cells[n] for row in found.jurors]
        lines.append(
            Coverage(team.name, cells.count("submitted"), len(cells) - cells.count("conflict") - cells.count("none"))
        )
    return tuple(sorted(lines, key=lambda line: (line.sheets, line.team.lower())))
