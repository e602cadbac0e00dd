"""What the jury wrote for the teams: an organiser reads each comment and lets it go, or withholds it with a reason."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.publication.feedback import Comment, comments
from datathon.publication.feedback import decide as let_go
from datathon.publication.queries import latest
from datathon.web import show
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.views import blueprint
from datathon.web.paging import leaf

PER_PAGE = 12


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """The comments of one page; ``refused`` is the sheet whose form was refused, with what was ``typed`` and ``said``.

    "read": the form that lets all comments of the page go. ``undecided`` are those of the page, never decided about.
    """

    edition: Edition
    title: str
    standfirst: str
    comments: tuple[Comment, ...]
    page: int
    pages: int
    waiting: str
    refused: str
    typed: str
    said: str

    @property
    def undecided(self) -> tuple[Comment, ...]:
        """Comments of this page that nobody decided about yet."""
        return tuple(comment for comment in self.comments if not comment.state and not comment.version)


@blueprint.get("/<edition>/feedback")
@guarded(organiser)
def feedback(edition: str) -> str:
    """Show the comments, those nobody decided about first."""
    del edition
    return _page()


@blueprint.post("/<edition>/feedback/<uuid:sheet>")
@guarded(organiser)
def review_comment(edition: str, sheet: UUID) -> Response | tuple[str, int]:
    """Let one comment go, or withhold it; a refusal shows the page again with the reason that was typed."""
    try:
        approve = _decision(sheet)
        with write_db() as db:
            let_go(
                db,
                edition=the_edition(),
                organiser_id=the_person().id,
                sheet_id=sheet,
                version=request.form.get("version", 0, type=int),
                approve=approve,
                reason=request.form.get("reason", ""),
                now=now(),
            )
    except (Conflict, Invalid) as error:
        shown = _page(str(sheet), request.form.get("reason", ""), show.sentence(error))
        return shown, 409 if isinstance(error, Conflict) else 422
    flash(_("The comment goes to the team.") if approve else _("The comment is withheld."), "done")
    return redirect(url_for("organiser.feedback", edition=edition, page=request.args.get("page")), 303)


@blueprint.post("/<edition>/feedback")
@guarded(organiser)
def approve_comments(edition: str) -> Response | tuple[str, int]:
    """Let every comment of a page go that was read on it and that nobody decided about: all of them, or none."""
    try:
        keys = _seen()
        with write_db() as db:
            for key in keys:
                let_go(
                    db,
                    edition=the_edition(),
                    organiser_id=the_person().id,
                    sheet_id=key,
                    version=0,
                    approve=True,
                    now=now(),
                )
    except (Conflict, Invalid) as error:
        return _page("read", "", show.sentence(error)), 409 if isinstance(error, Conflict) else 422
    flash(ngettext("One comment goes to its team.", "%(num)s comments go to their teams.", len(keys)), "done")
    return redirect(url_for("organiser.feedback", edition=edition, page=request.args.get("page")), 303)


def _seen() -> list[UUID]:
    """Return the comments that stood on the page, each once; Invalid unless they are said to be read."""
    if request.form.get("read") != "1":
        raise Invalid("Confirm that you have read the comments of this page.", field="read")
    try:
        return list({UUID(key): None for key in request.form.getlist("seen")[:PER_PAGE]})
    except ValueError:
        raise NotFound(NOWHERE) from None


def _decision(sheet: UUID) -> bool:
    if request.form.get("decision") not in {"approve", "withhold"}:
        raise Invalid("Say whether the comment goes to the team or is withheld.", field=str(sheet))
    return request.form["decision"] == "approve"


def _page(refused: str = "", typed: str = "", said: str = "") -> str:
    blocked = ""
    found: tuple[Comment, ...] = ()
    with read_db() as db:
        announced = latest(db, the_edition().id) is not None
        try:
            found = comments(db, the_edition())
        except Conflict as error:
            blocked = show.sentence(error)
    undecided = sum(c.state == "" for c in found)
    shown = leaf(found, request.args.get("page", 1, type=int), per_page=PER_PAGE)
    page = FeedbackPage(
        edition=the_edition(),
        title=_title(len(found), undecided, blocked),
        standfirst=_("Approved comments stand on the page of their team, without a name.")
        if announced
        else _("Teams read approved comments from the announcement on, without a name."),
        comments=shown.items,
        page=shown.page,
        pages=shown.pages,
        waiting=blocked,
        refused=refused,
        typed=typed,
        said=said,
    )
    return render_template("organiser/feedback.html", page=page)


def _title(count: int, undecided: int, blocked: str) -> str:
    if blocked:
        return _("Comments for the teams")
    if not count:
        return _("The jury wrote no comment")
    if not undecided:
        return _("Every comment is decided")
    return ngettext("One comment to read", "%(num)s comments to read", undecided)
