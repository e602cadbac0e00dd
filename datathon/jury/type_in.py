"""An organiser types a sheet that a juror filled in on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, Window
from datathon.jury.grade import Saved, submit
from datathon.jury.grading_tables import SheetVersion
from datathon.jury.grid import missing
from datathon.jury.queries import rubric_of, sheet_row, standpoint, view_of
from datathon.jury.rules import Content
from datathon.jury.tables import Sheet
from datathon.jury.versions import Signed, to_confirm, versions_of
from datathon.kernel.errors import Conflict, Invalid
from datathon.people.tables import Person
from datathon.store import audit
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on paper: whose it is, which prototype, the points by criterion id, the comment for the team."""

    juror_id: UUID
    team_id: UUID
    marks: Mapping[str, float]
    comment_team: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A sheet that counts as it was typed: who graded, who typed, when, and when the juror confirmed it."""

    juror: str
    team: str
    author: str
    at: datetime
    confirmed_at: datetime | None


def type_in(
    db: Session, *, edition: Edition, windows: tuple[Window, ...], organiser_id: UUID, paper: Paper, now: datetime
) -> Saved:
    """Submit a sheet on behalf of the juror who filled it in; both names are kept, and the juror may confirm.

    What a juror began or sent on the page is never overwritten; what was typed may be corrected with a reason until the
    juror confirms it. Raises Conflict for those, before the juror's declaration and with a conflict of interest; Invalid
    for a blank or unfit mark; else what ``submit`` raises.
    """
    rubric = rubric_of(edition)
    blank = missing(rubric, paper.marks)
    if blank:
        raise Invalid("A sheet on paper is typed whole: every criterion needs its mark.", field=blank[0].id)
    here = standpoint(db, edition=edition, juror_id=paper.juror_id, team_id=paper.team_id)
    if not here.declared:
        raise Conflict("This member has not answered the question of conflicts of interest yet.")
    if not here.sworn:
        raise Conflict("This member has not undertaken yet to keep the jury’s debates secret.")
    if here.conflict:
        raise Conflict("A conflict of interest is declared between this member and this team.")
    row = sheet_row(db, edition=edition, juror_id=paper.juror_id, team_id=paper.team_id)
    past = versions_of(db, edition, juror_id=paper.juror_id, team_id=paper.team_id)
    if row is not None and (row.marks or row.comment_team or row.comment_private) and not to_confirm(past):
        raise Conflict("This member has begun or sent this sheet on the page; only they change it.")
    kept = None if row is None else view_of(row)
    saved = submit(
        db,
        edition=edition,
        windows=windows,
        juror_id=paper.juror_id,
        team_id=paper.team_id,
        version=0 if kept is None else kept.version,
        content=Content(paper.marks, paper.comment_team, "" if kept is None else kept.comment_private),
        now=now,
        signed=Signed(organiser_id, "paper", paper.reason),
    )
    audit.record(
        db,
        "type_sheet",
        str(paper.team_id),
        now=now,
        actor=organiser_id,
        edition=edition.id,
        juror=str(paper.juror_id),
        version=saved.version,
    )
    return saved


def typed_sheets(db: Session, edition: Edition) -> tuple[TypedLine, ...]:
    """Return what organisers typed, the newest first; marks are not in it. A juror's own later version ends it."""
    author, later = aliased(Person), aliased(SheetVersion)
    newer = select(later.id).where(
        col(later.sheet_id) == col(SheetVersion.sheet_id), col(later.number) > col(SheetVersion.number)
    )
    query = (
        select(SheetVersion, Person.name, Team.name, author.name)
        .join(Sheet, col(Sheet.id) == col(SheetVersion.sheet_id))
        .join(Person, col(Person.id) == col(Sheet.juror_id))
        .join(Team, col(Team.id) == col(Sheet.team_id))
        .join(author, col(author.id) == col(SheetVersion.author_id))
        .where(Sheet.edition_id == edition.id, SheetVersion.medium == "paper", ~newer.exists())
        .order_by(col(SheetVersion.at).desc())
    )
    return tuple(TypedLine(juror, team, typed, v.at, v.confirmed_at) for v, juror, team, typed in db.exec(query))
