"""What a sheet's page shows once it was submitted: its versions, and the spread of the marks. Without Flask."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.jury.grid import total
from datathon.jury.queries import rubric_of
from datathon.jury.second_look import spread
from datathon.jury.versions import to_confirm, versions_of
from datathon.web.jury.sheet_form import in_language


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One submission of the sheet; ``typed`` tells that ``author`` typed it from paper."""

    number: int
    points: float
    author: str
    typed: bool
    reason: str
    at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SpreadLine:
    """Lowest, middle and highest mark of one criterion, or of the total (empty title)."""

    title: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class History:
    """Versions, the first one first; the spread, when it may be seen; the reason that was typed for another version."""

    versions: tuple[VersionLine, ...]
    spread: tuple[SpreadLine, ...]
    to_confirm: bool
    reason: str


def history(
    db: Session, edition: Edition, *, juror_id: UUID, team_id: UUID, language: str, reason: str = ""
) -> History:
    """Return what is known of a sheet's past."""
    rubric = rubric_of(edition)
    versions = versions_of(db, edition, juror_id=juror_id, team_id=team_id)
    titles = {c.id: in_language(c.title, language) for c in rubric.criteria}
    return History(
        tuple(
            VersionLine(v.number, total(rubric, v.marks), v.author, v.medium == "paper", v.reason, v.at, v.confirmed_at)
            for v in versions
        ),
        tuple(
            SpreadLine(titles.get(s.criterion, ""), s.low, s.middle, s.high)
            for s in spread(db, edition, juror_id=juror_id, team_id=team_id)
        ),
        to_confirm(versions),
        reason,
    )
