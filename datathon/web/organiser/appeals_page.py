"""Appeals of teams: read and answered by an organiser or the head of the jury."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.publication.appeal import TEXT_LIMIT, AppealView, answer_appeal, appeals, window
from datathon.web.errors import status_of
from datathon.web.guards import guarded, presiding, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class AppealsPage:
    """The appeals of an edition; ``refused`` is the one whose form was refused, with what was typed."""

    edition: Edition
    title: str
    days: int
    ends: datetime | None
    open: bool
    appeals: tuple[AppealView, ...]
    limit: int
    refused: str
    decision: str
    answer: str
    refusal: Refusal | None


@blueprint.get("/<edition>/appeals")
@guarded(presiding)
def appeal_list(edition: str) -> str:
    """Show the appeals, those without an answer first."""
    del edition
    return _page()


@blueprint.post("/<edition>/appeals/<uuid:appeal>")
@guarded(presiding)
def decide_appeal(edition: str, appeal: UUID) -> Response | tuple[str, int]:
    """Answer one appeal; a refusal shows the page again with what was typed."""
    try:
        with write_db() as db:
            answer_appeal(
                db,
                edition=the_edition(),
                appeal_id=appeal,
                person_id=the_person().id,
                state=request.form.get("decision", ""),
                answer=request.form.get("answer", ""),
                base_url=house().settings.base_url.rstrip("/"),
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _page(str(appeal), refusal), status_of(refusal)
    flash(_("The answer is recorded, and the team is told."), "done")
    return redirect(url_for("organiser.appeal_list", edition=edition), 303)


def _page(refused: str = "", refusal: Refusal | None = None) -> str:
    with read_db() as db:
        found, shown = window(db, the_edition()), appeals(db, the_edition().id)
    plan = the_edition().ranking
    waiting = sum(a.state == "open" for a in shown)
    page = AppealsPage(
        edition=the_edition(),
        title=ngettext("One appeal waits", "%(num)s appeals wait", waiting) if waiting else _("No appeal waits"),
        days=0 if plan is None else plan.appeal_days,
        ends=None if found is None else found.ends,
        open=found is not None and found.is_open(now()),
        appeals=shown,
        limit=TEXT_LIMIT,
        refused=refused,
        decision=request.form.get("decision", ""),
        answer=request.form.get("answer", ""),
        refusal=refusal,
    )
    return render_template("organiser/appeals.html", page=page)
