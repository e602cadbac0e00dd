"""Each submission of a sheet is a version that stays: marks, author, reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.grading_tables import SheetVersion
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.tables import Sheet
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person
from datathon.store import audit


@dataclass(frozen=True, slots=True)
class Signed:
    """Who sends the marks of a sheet, how (page, paper, pitch), and why if they were sent before."""

    author_id: UUID
    medium: str = "page"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a sheet. ``author`` is empty when that account was erased."""

    number: int
    marks: Mapping[str, float]
    author: str
    medium: str
    reason: str
    at: datetime
    confirmed_at: datetime | None


def note_version(db: Session, row: Sheet, signed: Signed, *, now: datetime) -> None:
    """Keep the marks of a sheet that is being submitted as a version; the same marks once more are none.

    Raises Invalid, with ``reason`` as field, for other marks than the version before without a reason, or too long a one.
    """
    before = db.exec(
        select(SheetVersion).where(SheetVersion.sheet_id == row.id).order_by(col(SheetVersion.number).desc())
    ).first()
    if before is not None and dict(before.marks) == dict(row.marks):
        return
    reason = signed.reason.strip()
    if len(reason) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    if before is not None and not reason:
        raise Invalid("Say why the marks change after they were submitted.", field="reason")
    db.add(
        SheetVersion(
            sheet_id=row.id,
            number=1 if before is None else before.number + 1,
            marks=dict(row.marks),
            author_id=signed.author_id,
            medium=signed.medium,
            reason=reason,
            at=now,
        )
    )
    db.flush()


def versions_of(db: Session, edition: Edition, *, juror_id: UUID, team_id: UUID) -> tuple[VersionView, ...]:
    """Return the versions of one sheet, the first one first; none before it was submitted."""
    query = (
        select(SheetVersion, Person.name)
        .join(Sheet, col(Sheet.id) == col(SheetVersion.sheet_id))
        .join(Person, col(Person.id) == col(SheetVersion.author_id), isouter=True)
        .where(Sheet.edition_id == edition.id, Sheet.juror_id == juror_id, Sheet.team_id == team_id)
        .order_by(col(SheetVersion.number))
    )
    return tuple(
        VersionView(v.number, v.marks, name or "", v.medium, v.reason, v.at, v.confirmed_at)
        for v, name in db.exec(query)
    )


def to_confirm(versions: Sequence[VersionView]) -> bool:
    """Whether somebody else typed the version that counts, and the juror has not confirmed it."""
    return bool(versions) and versions[-1].medium == "paper" and versions[-1].confirmed_at is None


def confirm(db: Session, *, edition: Edition, juror_id: UUID, team_id: UUID, now: datetime) -> None:
    """Let a juror confirm the marks that an organiser typed from paper. Confirming twice changes nothing.

    Raises NotFound when nothing was typed for this sheet, Conflict when the juror has sent other marks since.
    """
    found = db.exec(
        select(SheetVersion)
        .join(Sheet, col(Sheet.id) == col(SheetVersion.sheet_id))
        .where(Sheet.edition_id == edition.id, Sheet.juror_id == juror_id, Sheet.team_id == team_id)
        .order_by(col(SheetVersion.number).desc())
    ).first()
    if found is None:
        raise NotFound("Nothing was typed for this sheet.")
    if found.medium != "paper":
        raise Conflict("These marks are your own already.")
    if found.confirmed_at is None:
        found.confirmed_at = now
        db.add(found)
        audit.record(db, "confirm_sheet", str(team_id), now=now, actor=juror_id, edition=edition.id)
