"""The juror's sheet during the pitches: it follows the room, one tap is one step of a criterion."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Criterion, Edition, PhaseKind, Rubric, is_open
from datathon.jury.grid import read_mark, total
from datathon.jury.keep_field import Change, keep_field
from datathon.jury.pitch import Room, room
from datathon.jury.queries import SheetView, graded_team, rubric_of, sheet, standpoint
from datathon.jury.rules import check_may_open
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, juror, scope, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.jury.sheet_form import in_language
from datathon.web.jury.views import blueprint
from datathon.web.pitch_clock import clock_words, phases


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion with its mark and what one tap makes of it, as the form writes numbers; None: the end is reached."""

    id: str
    title: str
    maximum: float
    mark: float | None
    kept: str
    less: str | None
    more: str | None


@dataclass(frozen=True, slots=True)
class PitchingPage:
    """The sheet of the team that is on. ``why_not`` says why this juror does not grade it now, "" when they do."""

    edition: Edition
    room: Room | None
    phases: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    total: float
    maximum: float
    submitted: bool
    why_not: str
    refusal: Refusal | None


@blueprint.get("/<edition>/pitches/now")
@guarded(juror)
def pitching(edition: str) -> str:
    """Show the sheet of the team that is on."""
    del edition
    return _shown(None)


def _shown(refusal: Refusal | None) -> str:
    with read_db() as db:
        page = _page(db, refusal)
    return render_template("jury/pitching.html", page=page, clock_words=clock_words)


@blueprint.post("/<edition>/pitches/now")
@guarded(juror)
def tap(edition: str) -> Answer | tuple[str, int]:
    """Keep one step up or down. The form names its team: a tap that comes after the room moved is still for that team."""
    criterion, _sep, value = request.form.get("tap", "").partition("=")
    try:
        with write_db() as db:
            graded = graded_team(db, the_edition(), request.form.get("team", ""))
            kept = keep_field(
                db,
                edition=the_edition(),
                windows=scope().windows,
                juror_id=the_person().id,
                team_id=graded.team_id,
                change=_change(rubric_of(the_edition()), criterion, value),
                now=now(),
            )
    except (Conflict, Invalid, NotAllowed) as refusal:
        return _shown(refusal), status_of(refusal)
    if not kept.done:
        flash(_("This mark changed in another page meanwhile; here it is."), "care")
    return redirect(url_for("jury.pitching", edition=edition, _anchor=f"c-{criterion}"), 303)


def _change(rubric: Rubric, name: str, value: str) -> Change:
    criterion = next((c for c in rubric.criteria if c.id == name), None)
    if criterion is None:
        raise Invalid("The rubric has no criterion “%(criterion)s”.", criterion=name[:40])
    return Change(name, read_mark(criterion, request.form.get(f"kept-{name}", "")), read_mark(criterion, value))


def _page(db: Session, refusal: Refusal | None) -> PitchingPage:
    edition, me = the_edition(), the_person().id
    rubric, found = rubric_of(edition), room(db, edition, now=now())
    lines: tuple[Line, ...] = ()
    why_not, points, submitted = "", 0.0, False
    if found is not None and found.now is not None:
        try:
            check_may_open(standpoint(db, edition=edition, juror_id=me, team_id=found.now.team_id))
            kept = sheet(db, edition=edition, juror_id=me, team_id=found.now.team_id)
            submitted, points = kept.state == "submitted", total(rubric, kept.marks)
            lines = tuple(_line(criterion, kept) for criterion in rubric.criteria)
            if not is_open(scope().windows, PhaseKind.JURY):
                why_not = _("Grading is not open at the moment.")
        except (Conflict, NotAllowed) as reason:
            why_not = show.sentence(reason)
    return PitchingPage(edition, found, phases(), lines, points, rubric.maximum, submitted, why_not, refusal)


def _line(criterion: Criterion, kept: SheetView) -> Line:
    mark = kept.marks.get(criterion.id)
    half = criterion.maximum / 2 // criterion.step * criterion.step
    less, more = (half, half) if mark is None else (mark - criterion.step, mark + criterion.step)
    return Line(
        criterion.id,
        in_language(criterion.title, show.language()),
        criterion.maximum,
        mark,
        "" if mark is None else show.decimal(mark),
        show.decimal(less) if less >= 0 else None,
        show.decimal(more) if more <= criterion.maximum else None,
    )
