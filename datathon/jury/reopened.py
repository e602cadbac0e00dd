"""A sheet that was opened again after the closing: what its juror may do, and what is frozen anew when they have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.agreement import agreement
from datathon.jury.counting import choose_correction, counting, frozen_correction
from datathon.jury.grading_tables import ClosingVersion, SheetReopening
from datathon.jury.grid import grades_of
from datathon.jury.queries import open_reopening, rubric_of
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import Conflict
from datathon.people.tables import Person
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Reopening:
    """A sheet that was opened again, in names; ``outcome`` is "" while it is open."""

    id: UUID
    juror: str
    team: str
    slug: str
    reason: str
    by: str
    opened_at: datetime
    outcome: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FrozenClosing:
    """One version of what the closing froze: the correction of severity and the agreement of the sheets that counted."""

    version: int
    at: datetime
    correction: str
    lam: float | None
    applied: bool
    agreement: dict[str, Any]


def hold_reopened(db: Session, *, edition: Edition, juror_id: UUID, team_id: UUID) -> SheetReopening | None:
    """Keep everybody else from acting on the jury while its reopened sheet changes; None for a sheet that is not reopened.

    Raises Conflict when it was closed again while this act waited.
    """
    if open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id) is None:
        return None
    locked(db, EditionRow, edition.id)
    db.expire_all()
    found = open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id)
    if found is None:
        raise Conflict("The jury is closed; sheets can no longer change.")
    return found


def end_reopening(db: Session, *, edition: Edition, row: SheetReopening, outcome: str, by: UUID, now: datetime) -> None:
    """Close the sheet again; after a correction freeze severity and agreement anew, as the next version."""
    row.outcome, row.ended_at = outcome, now
    db.add(row)
    if outcome == "corrected":
        _freeze_anew(db, edition, row.id, now)
    audit.record(
        db,
        "end_reopening",
        str(row.team_id),
        now=now,
        actor=by,
        edition=edition.id,
        juror=str(row.juror_id),
        outcome=outcome,
        reopening=str(row.id),
    )
    db.flush()


def keep_first_closing(db: Session, edition: Edition) -> None:
    """Write what the closing froze as version 1, before anything changes; once."""
    closing = db.get_one(JuryClosing, edition.id)
    if db.get(ClosingVersion, (edition.id, 1)) is None:
        _note(db, edition, 1, closing, closing.closed_at, None)


def _freeze_anew(db: Session, edition: Edition, reopening_id: UUID, now: datetime) -> None:
    closing, found = db.get_one(JuryClosing, edition.id), choose_correction(db, edition)
    closing.correction, closing.correction_lambda = found.method, found.lam
    closing.correction_applied, closing.correction_why = found.applied, found.why
    db.add(closing)
    db.flush()
    last = db.exec(select(func.max(ClosingVersion.version)).where(ClosingVersion.edition_id == edition.id)).one() or 0
    _note(db, edition, last + 1, closing, now, reopening_id)


def _note(
    db: Session, edition: Edition, version: int, closing: JuryClosing, at: datetime, reopening_id: UUID | None
) -> None:
    sheets = counting(db, edition)
    found = agreement(grades_of(rubric_of(edition), sheets), frozen_correction(db, edition.id).lam)
    said = {
        "alpha_interval": found.alpha_interval,
        "alpha_ordinal": found.alpha_ordinal,
        "icc_1": None if found.icc is None else found.icc.a1,
        "icc_k": None if found.icc is None else found.icc.ak,
        "w": found.w,
        "sheets": len(sheets),
    }
    db.add(
        ClosingVersion(
            edition_id=edition.id,
            version=version,
            at=at,
            correction=closing.correction,
            correction_lambda=closing.correction_lambda,
            correction_applied=closing.correction_applied,
            correction_why=closing.correction_why,
            agreement=said,
            reopening_id=reopening_id,
        )
    )
    db.flush()


def closings(db: Session, edition_id: str) -> tuple[FrozenClosing, ...]:
    """Return every version of what the closing froze, the first one first; none while no sheet was reopened."""
    query = select(ClosingVersion).where(ClosingVersion.edition_id == edition_id).order_by(col(ClosingVersion.version))
    return tuple(
        FrozenClosing(v.version, v.at, v.correction, v.correction_lambda, v.correction_applied, dict(v.agreement))
        for v in db.exec(query)
    )


def reopenings(db: Session, edition_id: str) -> tuple[Reopening, ...]:
    """Return the sheets of an edition that were opened again, the newest first."""
    rows = db.exec(
        select(SheetReopening, Team.name, Team.slug)
        .join(Team, col(Team.id) == col(SheetReopening.team_id))
        .where(SheetReopening.edition_id == edition_id)
        .order_by(col(SheetReopening.opened_at).desc(), col(SheetReopening.id))
    ).all()
    people = {row.juror_id for row, *_ in rows} | {row.opened_by for row, *_ in rows}
    names = dict(db.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all())
    return tuple(
        Reopening(
            row.id,
            names.get(row.juror_id, ""),
            team,
            slug,
            row.reason,
            names.get(row.opened_by, ""),
            row.opened_at,
            row.outcome,
            row.ended_at,
        )
        for row, team, slug in rows
    )
