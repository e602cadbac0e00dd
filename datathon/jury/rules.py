"""When a juror may see and change a sheet. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from datathon.editions.rules import PhaseKind, Window, is_open
from datathon.kernel.errors import Conflict, Invalid, NotAllowed

COMMENT_LIMIT = 4000
"""Characters of a comment."""

REASON_LIMIT = 300
"""Characters of a conflict's reason."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What decides whether a juror may open a sheet: declared or not, conflict with the team or not, jury closed or not.

    ``sworn``: the present undertaking of secrecy was accepted. ``assigned``: the plan gives this team to the juror, or
    there is no plan. ``calibrated``: the example that comes first is graded, or there is none. ``reopened``: this sheet
    was opened again after the closing, whatever the calendar says.
    """

    declared: bool
    sworn: bool
    conflict: bool
    closed_at: datetime | None
    assigned: bool = True
    calibrated: bool = True
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a sheet says: points by criterion id and the two comments."""

    marks: Mapping[str, float]
    comment_team: str = ""
    comment_private: str = ""


def check_may_open(standpoint: Standpoint) -> None:
    """Refuse a sheet before conflicts are declared and secrecy is undertaken (Conflict), and with a conflict (NotAllowed)."""
    if not standpoint.declared:
        raise Conflict("Declare your conflicts of interest first; the sheets open afterwards.")
    if not standpoint.sworn:
        raise Conflict("Undertake first to keep the jury’s debates secret; the sheets open afterwards.")
    if standpoint.conflict:
        raise NotAllowed("A conflict of interest is declared with this team; you do not grade it.")
    if not standpoint.assigned:
        raise NotAllowed("This prototype is graded by other members of the jury.")
    if not standpoint.calibrated and standpoint.closed_at is None:
        raise Conflict("Grade the example first; the sheets open afterwards.")


def check_may_grade(standpoint: Standpoint, windows: tuple[Window, ...]) -> None:
    """Refuse a change of a sheet the juror may not open, after the jury closed or outside its phase (Conflict)."""
    check_may_open(standpoint)
    if standpoint.reopened:
        return
    if standpoint.closed_at is not None:
        raise Conflict("The jury is closed; sheets can no longer change.")
    if not is_open(windows, PhaseKind.JURY):
        raise Conflict("Grading is not open at the moment.")


def check_comments(content: Content) -> None:
    """Refuse a comment above COMMENT_LIMIT characters, with its field."""
    for field, text in (("comment_team", content.comment_team), ("comment_private", content.comment_private)):
        if len(text) > COMMENT_LIMIT:
            raise Invalid("A comment has at most %(limit)s characters.", field=field, limit=COMMENT_LIMIT)
