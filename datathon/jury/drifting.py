"""Do marks move during the day? Each juror's later sheets against their earlier ones, once team and severity are taken off."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.agreement import panel_lambda
from datathon.jury.counting import counting
from datathon.jury.grading_tables import SheetVersion
from datathon.jury.grid import exact, grades_of
from datathon.jury.panel import Grade, islands
from datathon.jury.queries import rubric_of
from datathon.jury.severity import fit
from datathon.jury.tables import Sheet
from datathon.people.tables import Person

FEWEST = 6
"""Sheets of a juror below which nothing is said: three against three."""

SURE = 1.96
"""Standard errors that a difference must exceed to stand out at 95 %."""


@dataclass(frozen=True, slots=True)
class Drifting:
    """How many points a juror's later half of ``sheets`` lies above the earlier half, and its standard error."""

    juror: str
    sheets: int
    points: float
    se: float

    @property
    def stands_out(self) -> bool:
        """Whether it is more than the marks' own noise would make."""
        return abs(self.points) > SURE * self.se


def drifting(db: Session, edition: Edition) -> tuple[Drifting, ...]:
    """Return the drift of every juror with enough sheets, the largest first; what was typed from paper has no hour.

    Empty while the panels do not hang together or no grade is left over to tell noise from differences.
    """
    grades = grades_of(rubric_of(edition), counting(db, edition))
    order = _order(db, edition)
    names = {
        str(key): name
        for key, name in db.exec(
            select(Person.id, Person.name).where(col(Person.id).in_({UUID(g.juror) for g in grades}))
        )
    }
    return tuple(Drifting(names.get(d.juror, ""), d.sheets, d.points, d.se) for d in drifts(grades, order))


def drifts(grades: Sequence[Grade], order: Mapping[tuple[str, str], datetime]) -> list[Drifting]:
    """Return each juror's drift by key, the largest first; ``order`` says when (juror, team) was first submitted. Pure."""
    if not grades or len(islands((g.juror, g.team) for g in grades)) != 1:
        return []
    found = fit(grades, panel_lambda(grades))
    if found.sigma is None or found.df <= 0:
        return []
    lines = []
    for juror in sorted({g.juror for g in grades}):
        mine = sorted((at, team) for (who, team), at in order.items() if who == juror)
        gaps = [found.residuals[juror, team] for _, team in mine if (juror, team) in found.residuals]
        if len(gaps) < FEWEST:
            continue
        half = len(gaps) // 2
        early, late = gaps[:half], gaps[half:]
        points = math.fsum(late) / len(late) - math.fsum(early) / len(early)
        se = found.sigma * math.sqrt(1 / len(early) + 1 / len(late))
        lines.append(Drifting(juror, len(gaps), exact(points), se))
    return sorted(lines, key=lambda line: (-abs(line.points), line.juror))


def _order(db: Session, edition: Edition) -> dict[tuple[str, str], datetime]:
    query = (
        select(Sheet.juror_id, Sheet.team_id, SheetVersion.at)
        .join(SheetVersion, col(SheetVersion.sheet_id) == col(Sheet.id))
        .where(Sheet.edition_id == edition.id, SheetVersion.number == 1, SheetVersion.medium != "paper")
    )
    return {(str(juror), str(team)): at for juror, team, at in db.exec(query)}
