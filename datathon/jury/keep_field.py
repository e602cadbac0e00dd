"""A juror's page keeps one field of a sheet: a mark or a comment, as soon as it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Criterion, Edition, Window
from datathon.jury.grade import hold_sheet
from datathon.jury.grid import check_mark
from datathon.jury.queries import SheetView, rubric_of, view_of
from datathon.jury.rules import Content, check_comments
from datathon.jury.tables import Sheet
from datathon.kernel.errors import Conflict, Invalid

COMMENTS = ("comment_team", "comment_private")

Value = float | str | None
"""A mark in points (None: no mark) or the text of a comment."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a sheet, a criterion's id or a comment: what the page last knew to be kept, and what it is now."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Kept:
    """The sheet after a change; ``done`` tells that the change was kept.

    It was not when another page changed the same field meanwhile: ``sheet`` then holds that other value.
    """

    done: bool
    sheet: SheetView


def keep_field(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    team_id: UUID,
    change: Change,
    now: datetime,
) -> Kept:
    """Keep one mark or comment of a draft; the others stay as they are, whichever page saved them.

    The field is only written over the value that the page last knew, so that the older of two pages is told and loses
    nothing. Raises what ``hold_sheet`` raises; Conflict for a submitted sheet, which is corrected as a whole; Invalid
    for a mark, a comment or a field that does not fit.
    """
    criteria = {criterion.id: criterion for criterion in rubric_of(edition).criteria}
    after = _checked(criteria, change)
    row = hold_sheet(db, edition=edition, windows=windows, juror_id=juror_id, team_id=team_id, now=now)
    if row.state == "submitted":
        raise Conflict("This sheet is submitted; a correction is sent with the button at the end.")
    kept = _value(row, change.field)
    if kept == after:
        return Kept(done=True, sheet=view_of(row))
    if kept != change.before:
        return Kept(done=False, sheet=view_of(row))
    if change.field in COMMENTS:
        setattr(row, change.field, after)
    else:
        marks: dict[str, Value] = {**row.marks, change.field: after}
        row.marks = {name: marks[name] for name in criteria if marks.get(name) is not None}
    row.version += 1
    row.updated_at = now
    db.add(row)
    db.flush()
    return Kept(done=True, sheet=view_of(row))


def _checked(criteria: Mapping[str, Criterion], change: Change) -> Value:
    if change.field in COMMENTS:
        text = change.after if isinstance(change.after, str) else ""
        check_comments(Content({}, **{change.field: text}))
        return text
    criterion = criteria.get(change.field)
    if criterion is None:
        raise Invalid("The rubric has no criterion “%(criterion)s”.", criterion=change.field[:40])
    return None if change.after is None else check_mark(criterion, float(change.after))


def _value(row: Sheet, field: str) -> Value:
    if field == "comment_team":
        return row.comment_team
    if field == "comment_private":
        return row.comment_private
    mark = row.marks.get(field)
    return None if mark is None else float(mark)
