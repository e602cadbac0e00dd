"""The minutes on the web: read, printed, as a file, signed."""

from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.publication.appeal import AppealView, appeals
from datathon.publication.minutes import (
    NAME_LIMIT,
    ORGANISER,
    PRESIDENT,
    Signature,
    holding,
    replaced,
    sign_minutes,
    signatures,
)
from datathon.publication.preview import Preview, preview
from datathon.publication.tables import Deliberation, FrozenMinutes
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import PRESIDENT as PRESIDES
from datathon.web.guards import guarded, presiding, scope, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.minutes_page import minutes_of
from datathon.web.organiser.views import blueprint
from datathon.web.pdf import makes_pdf, pdf_of

NOT_YET = "The jury has not deliberated yet."


@dataclass(frozen=True, slots=True)
class MinutesPage:
    """The minutes with what came after them; ``sha256`` is empty for a draft.

    ``open`` has the sides that nobody signed for yet, and whether the reader may.
    """

    edition: Edition
    content: Markup
    sha256: str
    public: bool
    pdf: bool
    signatures: tuple[Signature, ...]
    open: tuple[tuple[str, bool], ...]
    appeals: tuple[AppealView, ...]
    earlier: tuple[FrozenMinutes, ...]
    name_limit: int
    refusal: Refusal | None


@blueprint.get("/<edition>/deliberation/minutes")
@guarded(presiding)
def minutes(edition: str) -> str:
    """Show the minutes, frozen ones as they were validated, in a page that prints."""
    del edition
    return _shown(None)


def _shown(refusal: Refusal | None) -> str:
    with read_db() as db:
        page = _page(db, refusal)
    return render_template("organiser/minutes.html", page=page)


def _page(db: Session, refusal: Refusal | None = None) -> MinutesPage:
    row, shown = decided(db)
    frozen = holding(db, the_edition().id)
    signed = () if frozen is None else signatures(db, frozen.id)
    # The text was written by a template that escapes, here or when it was validated.
    return MinutesPage(
        edition=the_edition(),
        content=Markup(written(db, row, shown) if frozen is None else frozen.content),  # noqa: S704
        sha256="" if frozen is None else frozen.sha256,
        public=frozen is not None and bool(frozen.public),
        pdf=makes_pdf(),
        signatures=signed,
        open=() if frozen is None else _open(signed),
        appeals=appeals(db, the_edition().id),
        earlier=replaced(db, the_edition().id),
        name_limit=NAME_LIMIT,
        refusal=refusal,
    )


def _open(signed: tuple[Signature, ...]) -> tuple[tuple[str, bool], ...]:
    """Return the sides that nobody signed for yet, and whether the reader may sign there with their own account."""
    own = {PRESIDENT: scope().has(PRESIDES), ORGANISER: scope().has("organiser")}
    return tuple((role, may) for role, may in own.items() if all(s.role != role for s in signed))


@blueprint.get("/<edition>/deliberation/minutes.html")
@guarded(presiding)
def minutes_file(edition: str) -> Response:
    """Give frozen minutes byte for byte, so that their digest can be checked; ``sha256`` names earlier ones."""
    wanted = request.args.get("sha256", "")
    with read_db() as db:
        found = holding(db, edition)
        if wanted:
            known = (found, *replaced(db, edition))
            found = next((m for m in known if m is not None and m.sha256 == wanted), None)
    if found is None:
        raise NotFound("The minutes are not frozen yet.")
    answer = Response(found.content.encode(), mimetype="text/html")
    answer.headers["Content-Disposition"] = f'attachment; filename="minutes-{edition}.html"'
    return answer


@blueprint.get("/<edition>/deliberation/minutes.pdf")
@guarded(presiding)
def minutes_pdf(edition: str) -> Response:
    """Give the minutes with signatures and appeals as a PDF file, where this installation makes one."""
    with read_db() as db:
        page = _page(db)
    content = page.content + Markup(render_template("organiser/_annex.html", page=page))  # noqa: S704 - escaped by its template
    made = pdf_of(content, title=_("Minutes of the jury’s deliberation"), language=show.language())
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="minutes-{edition}.pdf"'
    return answer


@blueprint.post("/<edition>/deliberation/minutes/sign")
@guarded(presiding)
def sign(edition: str) -> Answer | tuple[str, int]:
    """Record a signature: one's own on the page, or the name that stands on paper."""
    try:
        role, name = request.form.get("role", ""), request.form.get("name", "").strip()
        _check_may_sign(role, name)
        with write_db() as db:
            sign_minutes(
                db,
                edition_id=edition,
                role=role,
                person_id=the_person().id,
                sha256=request.form.get("sha256", ""),
                on_paper=name if request.form.get("medium") == "paper" else "",
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _shown(refusal), status_of(refusal)
    flash(_("Signature recorded."), "done")
    return redirect(url_for("organiser.minutes", edition=edition) + "#signatures", 303)


def _check_may_sign(role: str, name: str) -> None:
    if request.form.get("medium") == "paper":
        if not name:
            raise Invalid("Type the name that stands on the signed page.", field="name")
        return
    if not scope().has(PRESIDES if role == PRESIDENT else "organiser"):
        raise Invalid("With your account you sign for your own side only; note a signature on paper by its name.")


def decided(db: Session) -> tuple[Deliberation, Preview]:
    """Return what the jury decided and the ranking it is about; NotFound before it deliberated."""
    row = db.get(Deliberation, the_edition().id)
    if row is None:
        raise NotFound(NOT_YET)
    return row, preview(db, the_edition(), now=now())


def written(db: Session, row: Deliberation, shown: Preview, *, names: bool = True, organiser: str = "") -> str:
    """Return the minutes as HTML, with or without the names of the jury."""
    page = minutes_of(db, the_edition(), shown, row, now=now(), names=names, organiser=organiser)
    return render_template("organiser/_minutes.html", page=page)
