"""One sheet opened again after the closing: the form, what was opened so far, what was frozen anew."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.jury.queries import GradedTeam, JurorRow, matrix
from datathon.jury.reopened import FrozenClosing, Reopening, closings, reopenings
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.publication.reopen_sheet import reopen_sheet, take_back, why_closed
from datathon.web.errors import status_of
from datathon.web.guards import guarded, presiding, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class ReopeningPage:
    """The page; ``closed`` is why no sheet can be opened now. ``juror``, ``team`` and ``reason`` are as typed."""

    edition: Edition
    closed: Conflict | None
    jurors: tuple[JurorRow, ...]
    teams: tuple[GradedTeam, ...]
    lines: tuple[Reopening, ...]
    frozen: tuple[FrozenClosing, ...]
    juror: str
    team: str
    reason: str
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/reopen")
@guarded(presiding)
def reopening(edition: str) -> str:
    """Show which sheets were opened again, and the form."""
    del edition
    return _page(None)


def _page(refusal: Refusal | None) -> str:
    edition = the_edition()
    with read_db() as db:
        found = matrix(db, edition)
        closed, lines, frozen = why_closed(db, edition.id), reopenings(db, edition.id), closings(db, edition.id)
    page = ReopeningPage(
        edition=edition,
        closed=closed,
        jurors=tuple(row for row in found.jurors if row.submitted),
        teams=found.teams,
        lines=lines,
        frozen=frozen,
        juror=request.form.get("juror", ""),
        team=request.form.get("team", ""),
        reason=request.form.get("reason", ""),
        refusal=refusal,
    )
    return render_template("organiser/reopening.html", page=page)


@blueprint.post("/<edition>/jury/reopen")
@guarded(presiding)
def reopen_one_sheet(edition: str) -> Answer | tuple[str, int]:
    """Open one sheet again, or close it again uncorrected."""
    here, me = the_edition(), the_person().id
    try:
        with write_db() as db:
            if "close" in request.form:
                done = take_back(db, edition=here, reopening_id=_key(request.form["close"]), person_id=me, now=now())
                flash(_("The sheet is closed again.") if done else _("The sheet was closed already."), "done")
            else:
                teams = {team.slug: team.team_id for team in matrix(db, here).teams}
                reopen_sheet(
                    db,
                    edition=here,
                    juror_id=_key(request.form.get("juror", "")),
                    team_id=teams.get(request.form.get("team", ""), UUID(int=0)),
                    reason=request.form.get("reason", ""),
                    person_id=me,
                    base_url=house().settings.base_url.rstrip("/"),
                    now=now(),
                )
                flash(_("The sheet is open again; its juror was written to."), "done")
    except (Conflict, Invalid, NotFound) as refusal:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("organiser.reopening", edition=edition), 303)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
