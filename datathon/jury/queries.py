"""Sheets, conflicts and progress, read for a page, an act or the final ranking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, Rubric
from datathon.jury.grading_tables import CalibrationSheet, SheetReopening
from datathon.jury.grid import marked_maximum, missing, total
from datathon.jury.reading import reading
from datathon.jury.rules import Standpoint
from datathon.jury.secrecy import has_undertaken
from datathon.jury.tables import Assignment, ConflictOfInterest, Declaration, JuryClosing, JuryPlan, Sheet
from datathon.kernel.alphabet import alphabetical
from datathon.kernel.errors import NotFound
from datathon.people.erase_account import is_erased
from datathon.people.tables import Person, Role
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team

TAKES_PART = ("active", "out_of_competition")
"""Statuses of the teams a jury grades."""


@dataclass(frozen=True, slots=True)
class GradedTeam:
    """A team whose prototype was handed in and is still in the running."""

    team_id: UUID
    name: str
    slug: str
    prototype_id: UUID
    prototype: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """One juror's sheet as it is kept. ``version`` is 0, ``updated_at`` None and the rest empty before the first save."""

    team_id: UUID
    marks: Mapping[str, float]
    comment_team: str
    comment_private: str
    state: str
    version: int
    updated_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of a juror's list. ``state`` is conflict, todo, draft or submitted; ``total`` in points so far.

    ``reopened``: after the closing this sheet alone may be corrected.
    """

    team: GradedTeam
    state: str
    marked: int
    total: float
    out_of: float
    updated_at: datetime | None
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class JurorView:
    """What a juror has to do in one edition."""

    declared_at: datetime | None
    closed_at: datetime | None
    lines: tuple[SheetLine, ...]

    @property
    def submitted(self) -> int:
        """How many of the sheets that this juror owes are submitted."""
        return sum(line.state == "submitted" for line in self.lines)

    @property
    def owed(self) -> int:
        """How many sheets this juror owes: one per team without conflict."""
        return sum(line.state != "conflict" for line in self.lines)


@dataclass(frozen=True, slots=True)
class JurorRow:
    """One juror in the progress matrix; ``cells`` follows the matrix' teams: conflict, none, todo, draft or submitted.

    "none": the plan gives this team to others, or the account was erased before the sheet was submitted.
    """

    juror_id: UUID
    name: str
    president: bool
    declared: bool
    cells: tuple[str, ...]

    @property
    def submitted(self) -> int:
        """Sheets submitted, those with a conflict not counted."""
        return self.cells.count("submitted")

    @property
    def owed(self) -> int:
        """Sheets owed."""
        return len(self.cells) - self.cells.count("conflict") - self.cells.count("none")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Progress of a jury: who graded whom."""

    teams: tuple[GradedTeam, ...]
    jurors: tuple[JurorRow, ...]
    closed_at: datetime | None
    closed_by: str | None

    @property
    def submitted(self) -> int:
        """Sheets submitted by all jurors."""
        return sum(row.submitted for row in self.jurors)

    @property
    def owed(self) -> int:
        """Sheets owed by all jurors."""
        return sum(row.owed for row in self.jurors)


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """Any sheet of an edition with what decides whether it counts."""

    juror_id: UUID
    juror: str
    team_id: UUID
    team: str
    marks: Mapping[str, float]
    state: str
    conflict: bool


def rubric_of(edition: Edition) -> Rubric:
    """Return the edition's rubric; NotFound when no jury grades there."""
    if edition.rubric is None:
        raise NotFound("This edition has no jury.")
    return edition.rubric


def graded_teams(db: Session, edition: Edition) -> tuple[GradedTeam, ...]:
    """Return the teams a jury grades: prototype handed in, not withdrawn, by name."""
    query = _graded(edition).order_by(func.lower(col(Team.name)), col(Team.slug))
    return tuple(_graded_team(row) for row in db.exec(query))


def graded_team(db: Session, edition: Edition, slug: str) -> GradedTeam:
    """Return one graded team by its slug; NotFound when there is none or it has handed in nothing."""
    row = db.exec(_graded(edition).where(Team.slug == slug)).first()
    if row is None:
        raise _not_graded(db.exec(select(Team).where(Team.edition_id == edition.id, Team.slug == slug)).first())
    return _graded_team(row)


def check_graded(db: Session, edition: Edition, team_id: UUID) -> None:
    """Raise NotFound unless the jury grades this team."""
    if db.exec(_graded(edition).where(Team.id == team_id)).first() is None:
        raise _not_graded(db.get(Team, team_id))


def _not_graded(team: Team | None) -> NotFound:
    if team is not None and team.status not in TAKES_PART:
        return NotFound(
            "%(team)s withdrew or is no longer eligible: its prototype is not graded any more. What you entered stays on record and does not count.",
            team=team.name,
        )
    return NotFound("No prototype of this team is to be graded.")


def gone(db: Session, edition: Edition, juror_id: UUID) -> tuple[str, ...]:
    """Return the teams that a juror began to grade and that do not take part any more, by name."""
    query = (
        select(Team.name)
        .join(Sheet, col(Sheet.team_id) == col(Team.id))
        .where(
            Sheet.edition_id == edition.id,
            Sheet.juror_id == juror_id,
            Sheet.challenge_id == rubric_of(edition).challenge,
            col(Team.status).not_in(TAKES_PART),
        )
    )
    return tuple(sorted(db.exec(query), key=alphabetical))


def _graded(edition: Edition) -> Any:
    # Columns, not rows: a save asks this each time, and a hundred and fifty objects would cost more than the save.
    return (
        columns(col(Team.id), col(Team.name), col(Team.slug), col(Prototype.id), col(Prototype.title))
        .join(Prototype, col(Prototype.team_id) == col(Team.id))
        .where(
            col(Team.edition_id) == edition.id,
            col(Team.status).in_(TAKES_PART),
            col(Prototype.challenge_id) == rubric_of(edition).challenge,
            col(Prototype.state) == "submitted",
        )
    )


def _graded_team(row: tuple[UUID, str, str, UUID, str]) -> GradedTeam:
    team, name, slug, prototype, title = row
    return GradedTeam(team, name, slug, prototype, title or name)


def standpoint(db: Session, *, edition: Edition, juror_id: UUID, team_id: UUID) -> Standpoint:
    """Return what decides whether this juror may open and change the sheet of this team."""
    closing = db.get(JuryClosing, edition.id)
    return Standpoint(
        declared=declared_at(db, edition_id=edition.id, juror_id=juror_id) is not None,
        sworn=has_undertaken(db, edition, juror_id=juror_id),
        conflict=team_id in conflicts_of(db, edition_id=edition.id, juror_id=juror_id),
        closed_at=None if closing is None else closing.closed_at,
        assigned=_is_assigned(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id),
        calibrated=is_calibrated(db, edition, juror_id=juror_id),
        reopened=open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id) is not None,
    )


def open_reopening(db: Session, *, edition_id: str, juror_id: UUID, team_id: UUID) -> SheetReopening | None:
    """Return the reopening of one sheet that its juror has not ended yet, None for a sheet like the others."""
    query = select(SheetReopening).where(
        SheetReopening.edition_id == edition_id,
        SheetReopening.juror_id == juror_id,
        SheetReopening.team_id == team_id,
        SheetReopening.outcome == "",
    )
    return db.exec(query).first()


def is_calibrated(db: Session, edition: Edition, *, juror_id: UUID) -> bool:
    """Whether this juror graded the example that comes first; True where the edition names none."""
    rubric = rubric_of(edition)
    return rubric.calibration is None or db.get(CalibrationSheet, (edition.id, juror_id)) is not None


def _is_assigned(db: Session, *, edition_id: str, juror_id: UUID, team_id: UUID) -> bool:
    if db.get(Assignment, (edition_id, juror_id, team_id)) is not None:
        return True
    return db.get(JuryPlan, edition_id) is None


def assignments(db: Session, edition_id: str) -> dict[UUID, tuple[UUID, ...]] | None:
    """Return each juror's teams in reading order, None where no plan was made: everybody grades every team."""
    if db.get(JuryPlan, edition_id) is None:
        return None
    query = (
        select(Assignment.juror_id, Assignment.team_id)
        .where(Assignment.edition_id == edition_id)
        .order_by(col(Assignment.juror_id), col(Assignment.place), col(Assignment.team_id))
    )
    found: dict[UUID, list[UUID]] = {}
    for juror, team in db.exec(query):
        found.setdefault(juror, []).append(team)
    return {juror: tuple(teams) for juror, teams in found.items()}


def declared_at(db: Session, *, edition_id: str, juror_id: UUID) -> datetime | None:
    """Return when this juror answered the question of conflicts."""
    query = select(Declaration.declared_at).where(
        Declaration.edition_id == edition_id, Declaration.juror_id == juror_id
    )
    return db.exec(query).one_or_none()


def conflicts_of(db: Session, *, edition_id: str, juror_id: UUID) -> dict[UUID, ConflictOfInterest]:
    """Return this juror's conflicts by team, whoever declared them; lifted ones are none."""
    query = select(ConflictOfInterest).where(
        ConflictOfInterest.edition_id == edition_id,
        ConflictOfInterest.juror_id == juror_id,
        col(ConflictOfInterest.lifted_at).is_(None),
    )
    return {row.team_id: row for row in db.exec(query)}


def sheet_row(db: Session, *, edition: Edition, juror_id: UUID, team_id: UUID) -> Sheet | None:
    """Return the row of one sheet, or None before its first save."""
    query = select(Sheet).where(
        Sheet.juror_id == juror_id, Sheet.team_id == team_id, Sheet.challenge_id == rubric_of(edition).challenge
    )
    return db.exec(query).one_or_none()


def sheet(db: Session, *, edition: Edition, juror_id: UUID, team_id: UUID) -> SheetView:
    """Return one juror's own sheet for a team, empty before its first save."""
    row = sheet_row(db, edition=edition, juror_id=juror_id, team_id=team_id)
    return SheetView(team_id, {}, "", "", "draft", 0, None, None) if row is None else view_of(row)


def view_of(row: Sheet) -> SheetView:
    """Return a kept sheet as its juror sees it."""
    return SheetView(
        row.team_id,
        row.marks,
        row.comment_team,
        row.comment_private,
        row.state,
        row.version,
        row.updated_at,
        row.submitted_at,
    )


def juror_view(db: Session, edition: Edition, juror_id: UUID) -> JurorView:
    """Return what this juror has to do: one line per graded team, those of the plan in their order, else all, begun elsewhere by each."""
    rubric = rubric_of(edition)
    conflicts = conflicts_of(db, edition_id=edition.id, juror_id=juror_id)
    query = select(Sheet).where(Sheet.edition_id == edition.id, Sheet.juror_id == juror_id)
    sheets = {row.team_id: row for row in db.exec(query) if row.challenge_id == rubric.challenge}
    closing = db.get(JuryClosing, edition.id)
    again = set() if closing is None else _reopened(db, edition.id, juror_id)
    return JurorView(
        declared_at(db, edition_id=edition.id, juror_id=juror_id),
        None if closing is None else closing.closed_at,
        tuple(
            replace(_line(rubric, t, sheets.get(t.team_id), t.team_id in conflicts), reopened=t.team_id in again)
            for t in _own(db, edition, juror_id, conflicts)
        ),
    )


def _reopened(db: Session, edition_id: str, juror_id: UUID) -> set[UUID]:
    query = select(SheetReopening.team_id).where(
        SheetReopening.edition_id == edition_id, SheetReopening.juror_id == juror_id, SheetReopening.outcome == ""
    )
    return set(db.exec(query))


def _own(
    db: Session, edition: Edition, juror_id: UUID, conflicts: Mapping[UUID, ConflictOfInterest]
) -> tuple[GradedTeam, ...]:
    known = {team.team_id: team for team in graded_teams(db, edition)}
    plan = assignments(db, edition.id)
    if plan is None:
        order = reading(db, edition_id=edition.id, juror_id=juror_id, teams=tuple(known), conflicts=conflicts)
        return tuple(known[team] for team in order)
    return tuple(known[team] for team in plan.get(juror_id, ()) if team in known)


def _line(rubric: Rubric, team: GradedTeam, row: Sheet | None, conflict: bool) -> SheetLine:  # noqa: FBT001 - a private line of a table
    if conflict:
        return SheetLine(team, "conflict", 0, 0.0, 0.0, None)
    if row is None:
        return SheetLine(team, "todo", 0, 0.0, 0.0, None)
    marked = len(rubric.criteria) - len(missing(rubric, row.marks))
    return SheetLine(
        team, row.state, marked, total(rubric, row.marks), marked_maximum(rubric, row.marks), row.updated_at
    )


def matrix(db: Session, edition: Edition) -> Matrix:
    """Return who graded whom so far: marks are not in it, only the state of each sheet."""
    teams = graded_teams(db, edition)
    rubric = rubric_of(edition)
    found = db.exec(
        select(Person, Role.president)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition.id, Role.role == "juror")
        .order_by(col(Person.id))
    ).all()
    jurors = sorted(found, key=lambda one: (not one[1], alphabetical(one[0].name)))
    declared = set(db.exec(select(Declaration.juror_id).where(Declaration.edition_id == edition.id)))
    states = {
        (juror, team): state
        for juror, team, state in db.exec(
            select(Sheet.juror_id, Sheet.team_id, Sheet.state).where(
                Sheet.edition_id == edition.id, Sheet.challenge_id == rubric.challenge
            )
        )
    }
    for pair in _conflict_pairs(db, edition.id):
        states[pair] = "conflict"
    plan = assignments(db, edition.id)

    def cell(juror: Person, team: UUID) -> str:
        state = states.get((juror.id, team), "todo")
        if state == "todo":
            state = "todo" if plan is None or team in plan.get(juror.id, ()) else "none"
        return "none" if state in ("todo", "draft") and is_erased(juror) else state

    closing = db.get(JuryClosing, edition.id)
    closer = None if closing is None else db.get(Person, closing.closed_by)
    return Matrix(
        teams,
        tuple(
            JurorRow(
                juror.id,
                juror.name,
                president,
                juror.id in declared,
                tuple(cell(juror, t.team_id) for t in teams),
            )
            for juror, president in jurors
        ),
        None if closing is None else closing.closed_at,
        None if closer is None else closer.name,
    )


def _conflict_pairs(db: Session, edition_id: str) -> set[tuple[UUID, UUID]]:
    query = select(ConflictOfInterest.juror_id, ConflictOfInterest.team_id).where(
        ConflictOfInterest.edition_id == edition_id, col(ConflictOfInterest.lifted_at).is_(None)
    )
    return {(juror, team) for juror, team in db.exec(query)}


def kept_sheets(db: Session, edition: Edition) -> tuple[KeptSheet, ...]:
    """Return every sheet of the edition's jury, drafts and late conflicts included, by team and juror."""
    rubric = rubric_of(edition)
    conflicts = _conflict_pairs(db, edition.id)
    query = (
        select(Sheet, Person.name, Team.name)
        .join(Person, col(Person.id) == col(Sheet.juror_id))
        .join(Team, col(Team.id) == col(Sheet.team_id))
        .where(Sheet.edition_id == edition.id, Sheet.challenge_id == rubric.challenge)
        .order_by(func.lower(col(Team.name)), col(Sheet.juror_id))
    )
    return tuple(
        KeptSheet(s.juror_id, juror, s.team_id, team, s.marks, s.state, (s.juror_id, s.team_id) in conflicts)
        for s, juror, team in db.exec(query)
    )
