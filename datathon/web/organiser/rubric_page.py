"""The jury's rubric for organisers: what counts, what the file says, adopting a correction, rubrics to start from."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rubric_templates import Template, templates
from datathon.editions.rules import Edition, Rubric
from datathon.jury.adopt import Adopted, Effect, adopt, adopted, effect
from datathon.jury.freeze import Drift, digest_of, drift
from datathon.jury.queries import rubric_of
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class RubricPage:
    """What the page shows. ``effect`` is None where there is nothing to adopt; ``seen`` names the file's rubric."""

    edition: Edition
    rubric: Rubric
    drift: Drift | None
    versions: tuple[Adopted, ...]
    effect: Effect | None
    seen: str
    closed: bool
    templates: tuple[Template, ...]
    reason: str
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/rubric")
@guarded(organiser)
def rubric(edition: str) -> str:
    """Show the rubric that counts and how the file differs."""
    del edition
    return _page(None)


@blueprint.post("/<edition>/jury/rubric")
@guarded(organiser)
def adopt_rubric(edition: str) -> Answer | tuple[str, int]:
    """Adopt what the file says as the next version."""
    try:
        corrected = _checked()
        with write_db() as db:
            done = adopt(
                db,
                edition=the_edition(),
                corrected=corrected,
                seen=request.form.get("seen", ""),
                reason=request.form.get("reason", ""),
                organiser_id=the_person().id,
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _page(refusal), status_of(refusal)
    flash(
        _(
            "The corrected rubric counts: %(kept)s sheets keep counting, %(again)s have to be submitted again.",
            kept=done.kept,
            again=done.again,
        ),
        "done",
    )
    return redirect(url_for("organiser.rubric", edition=edition), 303)


def _checked() -> Rubric:
    written = _written()
    if written is None:
        raise Invalid("The edition’s folder has no rubric that can be read.")
    if request.form.get("sure") != "1":
        raise Invalid("Tick the line to confirm: the jury sees the change at once.", field="sure")
    return written


def _written() -> Rubric | None:
    """Return the rubric as the edition's file says it now, whatever is frozen."""
    found = house().catalogue.edition(the_edition().id)
    return None if found is None else found.rubric


def _page(refusal: Refusal | None) -> str:
    edition = the_edition()
    written = _written()
    with read_db() as db:
        found = None if written is None else drift(db, house().catalogue.editions[edition.id])
        page = RubricPage(
            edition,
            rubric_of(edition),
            found,
            adopted(db, edition.id),
            _effect(db, edition, written, found),
            "" if written is None else digest_of(written),
            db.get(JuryClosing, edition.id) is not None,
            templates(),
            request.form.get("reason", ""),
            refusal,
        )
    return render_template("organiser/rubric.html", page=page)


def _effect(db: Session, edition: Edition, written: Rubric | None, found: Drift | None) -> Effect | None:
    if written is None or found is None or not found.any:
        return None
    return effect(db, edition, corrected=written)
