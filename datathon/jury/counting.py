"""Which sheets count, and the correction that is frozen from them when the jury closes."""

from sqlmodel import Session, select

from datathon.editions.rules import Edition, Rubric
from datathon.jury.grid import Marks, grades_of, missing
from datathon.jury.queries import KeptSheet, kept_sheets, rubric_of
from datathon.jury.shrinkage import RAW, Correction, choose
from datathon.jury.tables import JuryClosing
from datathon.teams.tables import Team


def why_not(rubric: Rubric | None, sheet: KeptSheet) -> str | None:
    """Return the sentence that says why a sheet does not count, with its juror and team; None when it counts."""
    if sheet.conflict:
        return "The sheet of %(juror)s for %(team)s does not count: a conflict of interest is declared."
    if sheet.state != "submitted":
        return "The sheet of %(juror)s for %(team)s does not count: it is still a draft."
    if rubric is None or missing(rubric, sheet.marks):
        return "The sheet of %(juror)s for %(team)s does not count: a criterion has no mark."
    return None


def counting(db: Session, edition: Edition) -> tuple[Marks, ...]:
    """Return the sheets that count now, jurors and teams by their keys; those of withdrawn teams do not."""
    rubric = rubric_of(edition)
    stays = select(Team.id).where(Team.edition_id == edition.id, Team.status != "withdrawn")
    teams = set(db.exec(stays))
    return tuple(
        Marks(str(s.juror_id), str(s.team_id), dict(s.marks))
        for s in kept_sheets(db, edition)
        if s.team_id in teams and why_not(rubric, s) is None
    )


def choose_correction(db: Session, edition: Edition) -> Correction:
    """Return the correction of severity that closing the jury now would freeze."""
    rubric = rubric_of(edition)
    if rubric.by_pairs:
        return RAW
    grades = grades_of(rubric, counting(db, edition))
    return choose(grades, announced=rubric.correction, fixed=rubric.fixed_lambda)


def frozen_correction(db: Session, edition_id: str) -> Correction:
    """Return what was frozen when the jury closed; no correction while it is open."""
    row = db.get(JuryClosing, edition_id)
    if row is None:
        return RAW
    return Correction(row.correction, row.correction_lambda, row.correction_applied, row.correction_why)  # type: ignore[arg-type]  # the table's constraint
