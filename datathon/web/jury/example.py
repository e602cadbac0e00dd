"""The example that everybody on a jury grades before the prototypes, and how the others graded it."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition, Example, PhaseKind, Rubric, is_open
from datathon.jury.calibrate import Given, calibrate, example_given
from datathon.jury.queries import SheetView, declared_at, rubric_of
from datathon.jury.secrecy import has_undertaken
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, juror, scope, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.jury.sheet_form import Read, SheetForm, Typed, read, shown, shown_again, typed
from datathon.web.jury.views import blueprint

EMPTY = SheetView(UUID(int=0), {}, "", "", "draft", 0, None, None)


@dataclass(frozen=True, slots=True)
class GivenLine:
    """How one criterion of the example, or the total (empty title), was graded; ``maximum`` is its best mark."""

    title: str
    given: Given
    maximum: float


@dataclass(frozen=True, slots=True)
class ExamplePage:
    """The example, the form while one's own marks are not in, the others' marks afterwards."""

    edition: Edition
    example: Example
    form: SheetForm
    lines: tuple[GivenLine, ...]
    editable: bool
    mistakes: int


@blueprint.get("/<edition>/example/sheet")
@guarded(juror)
def example(edition: str) -> Answer | str:
    """Show the example; before the declaration, ask for it."""
    with read_db() as db:
        me = the_person().id
        ready = declared_at(db, edition_id=edition, juror_id=me) is not None
        if not ready or not has_undertaken(db, the_edition(), juror_id=me):
            return redirect(url_for("jury.declare_form", edition=edition), 303)
        page = _page(db)
    return render_template("jury/example.html", page=page)


@blueprint.post("/<edition>/example/sheet")
@guarded(juror)
def grade_example(edition: str) -> Answer | tuple[str, int]:
    """Submit the marks; a refused form is shown again with everything that was typed."""
    rubric, given = rubric_of(the_edition()), typed(request.form)
    understood = read(rubric, given, EMPTY)
    if understood.refusals:
        return _again(given, understood, None), 422
    try:
        with write_db() as db:
            calibrate(
                db,
                edition=the_edition(),
                windows=scope().windows,
                juror_id=the_person().id,
                marks=understood.content.marks,
                now=now(),
            )
    except Invalid as refusal:
        return _again(given, Read(understood.content, {refusal.field or "": refusal}), refusal), 422
    except Conflict as refusal:
        return _again(given, understood, refusal), status_of(refusal)
    flash(_("Thank you. Below is how the others graded it; the sheets are open."), "done")
    return redirect(url_for("jury.example", edition=edition), 303)


def _again(given: Typed, understood: Read, refusal: Refusal | None) -> str:
    rubric = rubric_of(the_edition())
    form = shown_again(rubric, given, understood, EMPTY, show.language(), refusal=refusal)
    with read_db() as db:
        page = _page(db, form, len(understood.refusals))
    return render_template("jury/example.html", page=page)


def _page(db: Session, form: SheetForm | None = None, mistakes: int = 0) -> ExamplePage:
    edition, rubric = the_edition(), rubric_of(the_edition())
    if rubric.calibration is None:
        raise NotFound("This jury has no example to grade.")
    found = example_given(db, edition, juror_id=the_person().id)
    open_now = db.get(JuryClosing, edition.id) is None and is_open(scope().windows, PhaseKind.JURY)
    return ExamplePage(
        edition,
        rubric.calibration,
        form or shown(rubric, EMPTY, show.language()),
        tuple(GivenLine(_title(rubric, one.criterion), one, _maximum(rubric, one.criterion)) for one in found),
        open_now and not found,
        mistakes,
    )


def _title(rubric: Rubric, criterion: str) -> str:
    return next((show.text(c.title) for c in rubric.criteria if c.id == criterion), "")


def _maximum(rubric: Rubric, criterion: str) -> float:
    return next((c.maximum for c in rubric.criteria if c.id == criterion), rubric.maximum)
