"""A juror saves or submits a sheet."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition, Rubric, Window
from datathon.jury.declare import check_juror, hold_jury
from datathon.jury.freeze import rubric_from
from datathon.jury.grid import check_marks, missing, total, uncommented
from datathon.jury.queries import check_graded, open_reopening, rubric_of, sheet_row, standpoint
from datathon.jury.reopened import end_reopening, hold_reopened
from datathon.jury.rules import Content, check_comments, check_may_grade
from datathon.jury.tables import Declaration, FrozenRubric, Sheet
from datathon.jury.versions import Signed, note_version
from datathon.kernel.errors import Conflict, Invalid
from datathon.store import audit


@dataclass(frozen=True, slots=True)
class Saved:
    """A sheet as it is kept now. ``missing``: ids of the criteria without a mark; ``total`` in points so far."""

    id: UUID
    version: int
    state: str
    total: float
    missing: tuple[str, ...]
    saved_at: datetime


def save_draft(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    team_id: UUID,
    version: int,
    content: Content,
    now: datetime,
) -> Saved:
    """Keep a sheet as a draft; a submitted one becomes a draft again and no longer counts.

    ``version`` is the one the juror's page showed (0: no sheet yet). Raises Conflict when the sheet changed meanwhile,
    the jury or its phase is closed or nothing was declared; NotAllowed with a conflict of interest; NotFound for a team
    that is not graded; Invalid for a mark or a comment that does not fit.
    """
    rubric, row = _open(
        db,
        edition=edition,
        windows=windows,
        juror_id=juror_id,
        team_id=team_id,
        version=version,
        content=content,
        now=now,
    )
    if open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id) is not None:
        raise Conflict("A sheet that is opened again after the closing never becomes a draft: send the correction.")
    return _keep(db, rubric, row, content, state="draft", version=version, now=now)


def submit(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    team_id: UUID,
    version: int,
    content: Content,
    now: datetime,
    signed: Signed | None = None,
) -> Saved:
    """Submit a sheet, so that it counts; with a blank criterion it is kept as a draft and ``missing`` names the blanks.

    It can be changed and submitted again until the jury closes; each time is a version with its author, from the
    second on with a reason. ``signed``: None for the juror's own page. A sheet that was opened again after the closing is
    closed by it, and what the closing froze is computed anew. Raises what ``save_draft`` raises, and Invalid
    for a correction without a reason or a low mark without the comment it asks for.
    """
    rubric, row = _open(
        db,
        edition=edition,
        windows=windows,
        juror_id=juror_id,
        team_id=team_id,
        version=version,
        content=content,
        now=now,
        paper=signed is not None and signed.medium == "paper",
    )
    again = open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id)
    blank = missing(rubric, content.marks)
    if again is not None and blank:
        raise Invalid("A corrected sheet keeps a mark on every criterion.", field=blank[0].id)
    state, before = "draft" if blank else "submitted", dict(row.marks)
    if state == "submitted":
        _check_commented(rubric, content)
    author = juror_id if signed is None else signed.author_id
    saved = _keep(db, rubric, row, content, state=state, version=version, now=now, author=author)
    if saved.state == "submitted":
        note_version(db, row, signed or Signed(juror_id), now=now)
    if again is not None:
        outcome = "unchanged" if before == dict(row.marks) else "corrected"
        end_reopening(db, edition=edition, row=again, outcome=outcome, by=author, now=now)
    return saved


def _check_commented(rubric: Rubric, content: Content) -> None:
    number = uncommented(rubric, content.marks, content.comment_team)
    if number is not None:
        raise Invalid(
            "Criterion %(number)s has a mark below %(least)s: write to the team why.",
            field="comment_team",
            number=number,
            least=rubric.criteria[number - 1].comment_below,
        )


def _open(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    team_id: UUID,
    version: int,
    content: Content,
    now: datetime,
    paper: bool = False,
) -> tuple[Rubric, Sheet]:
    check_comments(content)
    row = hold_sheet(db, edition=edition, windows=windows, juror_id=juror_id, team_id=team_id, now=now, paper=paper)
    if row.version != version and not _same(row, content):
        raise Conflict(
            "This sheet was saved from another page meanwhile. Nothing you typed is lost: compare, then save."
        )
    return rubric_of(edition), row


def hold_sheet(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    team_id: UUID,
    now: datetime,
    paper: bool = False,
) -> Sheet:
    """Return one sheet's row to be changed until the transaction ends; version 0 and not yet added before its first save.

    Raises Conflict when the jury or its phase is closed or nothing was declared; NotAllowed with a conflict of interest
    or for somebody who is not on the jury; NotFound for a team that is not graded. What comes from ``paper`` does not
    wait for the example that is graded first: whoever grades on paper read it on paper.
    """
    if hold_reopened(db, edition=edition, juror_id=juror_id, team_id=team_id) is None:
        hold_jury(db, edition_id=edition.id)
    check_juror(db, edition_id=edition.id, juror_id=juror_id)
    # One juror's saves wait for one another: two tabs cannot both make the first version.
    db.exec(
        select(Declaration.id)
        .where(Declaration.edition_id == edition.id, Declaration.juror_id == juror_id)
        .with_for_update()
    ).one_or_none()
    here = standpoint(db, edition=edition, juror_id=juror_id, team_id=team_id)
    check_may_grade(replace(here, calibrated=here.calibrated or paper), windows)
    check_graded(db, edition, team_id)
    _check_rubric(db, edition)
    row = sheet_row(db, edition=edition, juror_id=juror_id, team_id=team_id)
    if row is not None:
        return row
    return Sheet(
        edition_id=edition.id,
        challenge_id=rubric_of(edition).challenge,
        team_id=team_id,
        juror_id=juror_id,
        version=0,
        updated_at=now,
    )


def _check_rubric(db: Session, edition: Edition) -> None:
    frozen = db.get(FrozenRubric, edition.id)
    if frozen is not None and rubric_from(frozen.rubric) != edition.rubric:
        raise Conflict("The rubric was corrected meanwhile. Open the sheet again; what is saved is still there.")


def _same(row: Sheet, content: Content) -> bool:
    return (
        dict(row.marks) == dict(content.marks)
        and row.comment_team == content.comment_team
        and row.comment_private == content.comment_private
    )


def _keep(
    db: Session,
    rubric: Rubric,
    row: Sheet,
    content: Content,
    *,
    state: str,
    version: int,
    now: datetime,
    author: UUID | None = None,
) -> Saved:
    marks = check_marks(rubric, content.marks)
    again = row.version > version and row.state == state
    if not again:
        if state != row.state:
            act = "submit_sheet" if state == "submitted" else "reopen_sheet"
            audit.record(
                db,
                act,
                str(row.team_id),
                now=now,
                actor=author or row.juror_id,
                edition=row.edition_id,
                version=row.version + 1,
            )
        row.marks = marks
        row.comment_team = content.comment_team
        row.comment_private = content.comment_private
        row.submitted_at = now if state == "submitted" else None
        row.state = state
        row.version += 1
        row.updated_at = now
        db.add(row)
        db.flush()
    blanks = tuple(criterion.id for criterion in missing(rubric, marks))
    return Saved(row.id, row.version, row.state, total(rubric, marks), blanks, row.updated_at)
