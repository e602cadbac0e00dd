"""The jury's addresses: my sheets, the declaration of conflicts, one sheet."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.calendar import windows_of
from datathon.jury.declare import declare
from datathon.jury.freeze import freeze, with_frozen_rubric
from datathon.jury.grade import Saved, save_draft, submit
from datathon.jury.queries import declared_at, graded_team, graded_teams, is_calibrated, rubric_of, sheet, standpoint
from datathon.jury.rules import check_may_open
from datathon.jury.secrecy import has_undertaken
from datathon.jury.set_availability import MOST_SHEETS, set_availability
from datathon.jury.tables import JuryClosing
from datathon.jury.versions import Signed
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.submissions.queries import dossier
from datathon.web import show
from datathon.web.guards import guarded, juror, juror_somewhere, scope, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.jury.pages import IMAGES, PDF, Attempt, HomePage, SheetPage, declare_page, home_part, sheet_page
from datathon.web.jury.sheet_form import Read, Typed, read, typed
from datathon.web.security import POLICY

FRAMED = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""For a PDF shown in the sheet. A sandbox would take the browser's own viewer away; without one nothing in a PDF runs
either, since browsers' viewers run it apart from the site, and ``nosniff`` keeps it from being taken for a page."""

blueprint = Blueprint("jury", __name__, url_prefix="/jury")


@blueprint.get("/")
@guarded(juror_somewhere)
def home() -> str:
    """List the sheets of every edition whose jury the person is on."""
    return _home()


def _home(refused: str = "", refusal: Refusal | None = None) -> str:
    known = (house().catalogue.edition(edition) for edition in scope().anywhere("juror"))
    with read_db() as db:
        parts = [
            home_part(db, with_frozen_rubric(db, edition), windows_of(db, edition, now=now()), the_person().id)
            for edition in known
            if edition is not None and edition.rubric is not None
        ]
    parts.sort(key=lambda part: (not part.open, part.view.closed_at is not None))
    return render_template("jury/home.html", page=HomePage(tuple(parts), refused, refusal))


@blueprint.get("/<edition>/declare")
@guarded(juror)
def declare_form(edition: str) -> Answer | str:
    """Ask for conflicts of interest."""
    del edition
    with read_db() as db:
        page = declare_page(db, the_edition(), the_person().id, declared_at=_declared(db))
    return render_template("jury/declare.html", page=page)


@blueprint.post("/<edition>/declare")
@guarded(juror)
def declare_conflicts(edition: str) -> Answer | tuple[str, int]:
    """Record the conflicts and open the sheets."""
    ticked = request.form.getlist("team")
    reasons = {slug: request.form.get(f"reason-{slug}", "") for slug in ticked}
    try:
        _check_sincere()
        with write_db() as db:
            freeze(db, the_edition(), now=now())
            keys = {team.slug: team.team_id for team in graded_teams(db, the_edition())}
            conflicts = {keys[slug]: reason for slug, reason in reasons.items() if slug in keys}
            declare(
                db,
                edition=the_edition(),
                juror_id=the_person().id,
                conflicts=conflicts,
                secrecy=request.form.get("secrecy") == "1",
                now=now(),
            )
            calibrated = is_calibrated(db, the_edition(), juror_id=the_person().id)
    except (Conflict, Invalid) as refusal:
        with read_db() as db:
            page = declare_page(
                db, the_edition(), the_person().id, declared_at=_declared(db), typed=request.form, refusal=refusal
            )
        return render_template("jury/declare.html", page=page), 422
    if len(conflicts) == len(keys) > 0:
        flash(_("Your answer is recorded. A conflict is declared with every team: no sheet opens."), "care")
    elif calibrated:
        flash(_("Your answer is recorded; the sheets are open."), "done")
    else:
        flash(_("Your answer is recorded; an example comes next."), "done")
    del edition
    return redirect(url_for("jury.home"), 303)


def _check_sincere() -> None:
    if request.form.get("sincere") != "1":
        raise Invalid("Tick the last line to confirm that you looked at every team.", field="sincere")


@blueprint.post("/<edition>/declare/availability")
@guarded(juror)
def say_availability(edition: str) -> Answer | tuple[str, int]:
    """Keep how much the juror can take, and when; a refusal shows the page again with what was typed."""
    try:
        sheets = _sheets(request.form.get("sheets", "").strip())
        with write_db() as db:
            set_availability(
                db,
                edition_id=edition,
                juror_id=the_person().id,
                sheets=sheets,
                times=request.form.get("times", ""),
                now=now(),
            )
    except Invalid as refusal:
        return _home(edition, refusal), 422
    flash(_("Your availability is recorded."), "done")
    return redirect(url_for("jury.home"), 303)


def _sheets(typed_number: str) -> int | None:
    if not typed_number:
        return None
    if not (typed_number.isascii() and typed_number.isdigit() and len(typed_number) < 5):
        raise Invalid("A number of sheets from 0 to %(most)s expected.", field="sheets", most=MOST_SHEETS)
    return int(typed_number)


def _is_grading(db: Session) -> bool:
    return db.get(JuryClosing, the_edition().id) is None


def _declared(db: Session) -> datetime | None:
    return declared_at(db, edition_id=the_edition().id, juror_id=the_person().id)


@blueprint.get("/<edition>/<team>")
@guarded(juror)
def sheet_form(edition: str, team: str) -> Answer:
    """Show a sheet beside its prototype; before the declaration, ask for it."""
    with read_db() as db:
        if _declared(db) is None or not has_undertaken(db, the_edition(), juror_id=the_person().id):
            return redirect(url_for("jury.declare_form", edition=edition), 303)
        if not is_calibrated(db, the_edition(), juror_id=the_person().id) and _is_grading(db):
            return redirect(url_for("jury.example", edition=edition), 303)
        _check_open(db, team)
        page = _page(db, team)
    return _shown(page, 200)


@blueprint.post("/<edition>/<team>")
@guarded(juror)
def save_sheet(edition: str, team: str) -> Answer:
    """Keep the sheet as a draft or submit it; a refused one is shown again with everything that was typed."""
    given = typed(request.form)
    with read_db() as db:
        graded = graded_team(db, the_edition(), team)
        kept = sheet(db, edition=the_edition(), juror_id=the_person().id, team_id=graded.team_id)
    understood = read(rubric_of(the_edition()), given, kept)
    if understood.refusals:
        return _again(team, given, understood, None, 422)
    try:
        saved = _save(graded.team_id, given, understood)
    except (Conflict, Invalid) as refusal:
        return _again(team, given, understood, refusal, 409 if isinstance(refusal, Conflict) else 422)
    _tell(saved)
    if saved.state == "submitted":
        return redirect(url_for("jury.home"), 303)
    return redirect(url_for("jury.sheet_form", edition=edition, team=team), 303)


@blueprint.get("/<edition>/<team>/files/<field>")
@guarded(juror)
def dossier_file(edition: str, team: str, field: str) -> Answer:
    """Give a file of the dossier: pictures are shown, PDF too in the sheet's frame, the rest is downloaded.

    Nothing is ever run: the policy of the answer takes scripts, forms and every request away from what it carries.
    """
    del edition
    with read_db() as db:
        _check_open(db, team)
        found = dossier(db, graded_team(db, the_edition(), team).prototype_id)
    file = None if found is None else found.file(field)
    if file is None:
        raise NotFound("This file does not exist.")
    with house().files.open(file.digest) as kept:
        response = Response(kept.read(), mimetype=file.media_type)
    framed = file.media_type == PDF and request.args.get("view") == "1"
    kind = "inline" if file.media_type in IMAGES or framed else "attachment"
    response.headers.set("Content-Disposition", kind, filename=file.file_name)
    response.headers["Content-Security-Policy"] = FRAMED if framed else "default-src 'none'; sandbox"
    if framed:
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.set_etag(file.digest)
    return response.make_conditional(request)


def _check_open(db: Session, team: str) -> None:
    graded = graded_team(db, the_edition(), team)
    check_may_open(standpoint(db, edition=the_edition(), juror_id=the_person().id, team_id=graded.team_id))


def _page(db: Session, team: str, attempt: Attempt | None = None) -> SheetPage:
    return sheet_page(
        db,
        the_edition(),
        scope().windows,
        juror_id=the_person().id,
        slug=team,
        language=show.language(),
        attempt=attempt,
    )


def _save(team_id: UUID, given: Typed, understood: Read) -> Saved:
    me = the_person().id
    facts = {
        "edition": the_edition(),
        "windows": scope().windows,
        "juror_id": me,
        "team_id": team_id,
        "version": given.version,
        "content": understood.content,
        "now": now(),
    }
    with write_db() as db:
        if request.form.get("do") == "submit":
            return submit(db, **facts, signed=Signed(me, reason=given.reason))  # type: ignore[arg-type]  # as written above
        return save_draft(db, **facts)  # type: ignore[arg-type]  # as above


def _again(team: str, given: Typed, understood: Read, refusal: Refusal | None, status: int) -> Answer:
    with read_db() as db:
        page = _page(db, team, Attempt(given, understood, refusal))
    return _shown(page, status)


def _shown(page: SheetPage, status: int) -> Answer:
    """Return the sheet's page, whose policy lets the sites of this one dossier into frames and no other."""
    # Our own pages in a frame with scripts would be no frame at all.
    sites = sorted({link.origin for link in page.dossier.links} - {"", request.host_url.rstrip("/")})
    response = make_response(render_template("jury/sheet.html", page=page, sites=sites), status)
    if sites:
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self' {' '.join(sites)}"
    return response


def _tell(saved: Saved) -> None:
    if saved.state == "submitted":
        with read_db() as db:
            grading = _is_grading(db)
        flash(
            _("Sheet submitted. You can change it until the jury closes.")
            if grading
            else _("Correction sent. The sheet is closed again."),
            "done",
        )
    elif request.form.get("do") == "submit":
        flash(
            ngettext(
                "Kept as a draft: one criterion has no mark.",
                "Kept as a draft: %(num)s criteria have no mark.",
                len(saved.missing),
            ),
            "care",
        )
    else:
        flash(_("Draft saved."), "done")
