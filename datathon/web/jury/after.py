"""Addresses for what follows a submitted sheet: confirming what was typed from paper, the president's second look."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.jury.declare import hold_jury
from datathon.jury.drifting import drifting
from datathon.jury.queries import graded_team, matrix
from datathon.jury.second_look import apart, coverage
from datathon.jury.versions import confirm
from datathon.web.guards import guarded, juror, president, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.jury.views import blueprint


@blueprint.post("/<edition>/<team>/confirm")
@guarded(juror)
def confirm_paper(edition: str, team: str) -> Answer:
    """Confirm the marks that an organiser typed from the juror's paper."""
    with write_db() as db:
        hold_jury(db, edition_id=edition)
        team_id = graded_team(db, the_edition(), team).team_id
        confirm(db, edition=the_edition(), juror_id=the_person().id, team_id=team_id, now=now())
    flash(_("Confirmed. Thank you."), "done")
    return redirect(url_for("jury.home"), 303)


@blueprint.get("/<edition>/president/sheets")
@guarded(president)
def second_look(edition: str) -> str:
    """Show the president which sheets stand apart and which prototypes lack sheets, before the jury closes."""
    del edition
    with read_db() as db:
        progress = matrix(db, the_edition())
        page = {
            "edition": the_edition(),
            "matrix": progress,
            "apart": apart(db, the_edition(), viewer_id=the_person().id),
            "coverage": coverage(progress),
            "drifting": drifting(db, the_edition()),
        }
    return render_template("jury/second_look.html", page=page)
