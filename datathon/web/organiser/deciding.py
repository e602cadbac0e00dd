"""What comes after the marks, for the organisers and the president: sensitivity, deliberation, minutes."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.publication import deliberate as acts
from datathon.publication.preview import Preview, preview
from datathon.publication.queries import latest
from datathon.publication.tables import Deliberation
from datathon.web.guards import guarded, organiser, presiding, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.deliberation_page import decision_of, deliberation_page
from datathon.web.organiser.minutes_views import decided, written
from datathon.web.organiser.sensitivity_page import sensitivity_page
from datathon.web.organiser.views import blueprint


@blueprint.get("/<edition>/sensitivity")
@guarded(presiding)
def sensitivity(edition: str) -> str:
    """Show what would change the podium."""
    del edition
    with read_db() as db:
        shown = preview(db, the_edition(), now=now())
    page = sensitivity_page(the_edition(), shown, number=request.args.get("page", 1, type=int))
    return render_template("organiser/sensitivity.html", page=page)


@blueprint.get("/<edition>/deliberation")
@guarded(presiding)
def deliberation(edition: str) -> str:
    """Show what was computed and what is decided."""
    del edition
    return _page(None)


def _page(refusal: Refusal | None) -> str:
    with read_db() as db:
        shown = preview(db, the_edition(), now=now())
        row = db.get(Deliberation, the_edition().id)
        published = latest(db, the_edition().id)
    typed = request.form if refusal is not None and "present" in request.form else None
    page = deliberation_page(the_edition(), shown, row, published=published, typed=typed, refusal=refusal)
    return render_template("organiser/deliberation.html", page=page)


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _refused(error: Conflict | Invalid) -> tuple[str, int]:
    return _page(error), 409 if isinstance(error, Conflict) else 422


@blueprint.post("/<edition>/deliberation")
@guarded(presiding)
def deliberate(edition: str) -> Answer | tuple[str, int]:
    """Record what the jury decides; a refusal shows the form again as it was typed."""
    try:
        with write_db() as db:
            acts.record(
                db,
                edition=the_edition(),
                person_id=the_person().id,
                version=_version(),
                decision=decision_of(the_edition(), request.form),
                now=now(),
            )
    except (Conflict, Invalid) as error:
        return _refused(error)
    flash(_("Deliberation recorded."), "done")
    return redirect(url_for("organiser.deliberation", edition=edition), 303)


@blueprint.post("/<edition>/deliberation/validate")
@guarded(organiser)
def validate_deliberation(edition: str) -> Answer | tuple[str, int]:
    """Freeze the minutes; nothing is announced before the embargo ends."""
    try:
        _check_sure()
        embargo = _embargo(request.form.get("embargo", ""))
        with write_db() as db:
            row, shown = decided(db)
            acts.validate(
                db,
                edition=the_edition(),
                organiser_id=the_person().id,
                version=_version(),
                embargo=embargo,
                minutes=written(db, row, shown, organiser=the_person().name),
                public=_public(db, row, shown),
                now=now(),
            )
    except (Conflict, Invalid) as error:
        return _refused(error)
    flash(_("Validated. The minutes are frozen."), "done")
    return redirect(url_for("organiser.deliberation", edition=edition), 303)


@blueprint.post("/<edition>/deliberation/reopen")
@guarded(organiser)
def reopen_deliberation(edition: str) -> Answer | tuple[str, int]:
    """Open a validated deliberation again, with a reason."""
    try:
        with write_db() as db:
            acts.reopen(
                db,
                edition=the_edition(),
                organiser_id=the_person().id,
                version=_version(),
                reason=request.form.get("reason", ""),
                now=now(),
            )
    except (Conflict, Invalid) as error:
        return _refused(error)
    flash(_("Reopened. The frozen minutes no longer hold."), "done")
    return redirect(url_for("organiser.deliberation", edition=edition), 303)


def _public(db: Session, row: Deliberation, shown: Preview) -> str:
    plan = the_edition().ranking
    return written(db, row, shown, names=False) if plan is not None and plan.public_minutes else ""


def _embargo(typed: str) -> datetime | None:
    """Return an instant typed in the edition's zone, None for nothing."""
    if not typed.strip():
        return None
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=the_edition().zone)
    except ValueError:
        raise Invalid("“%(found)s” is no date and time.", field="embargo", found=typed[:30]) from None


def _check_sure() -> None:
    if request.form.get("sure") != "1":
        raise Invalid("Confirm that you have read the minutes.", field="sure")
