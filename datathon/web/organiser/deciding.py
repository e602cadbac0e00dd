"""What comes after the marks, for the organisers and the president: sensitivity."""

from flask import render_template, request

from datathon.publication.preview import preview
from datathon.web.guards import guarded, presiding, the_edition
from datathon.web.house import now, read_db
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
