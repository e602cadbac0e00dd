"""Why a team has its rank, for everybody."""

from flask import render_template

from datathon.kernel.errors import NotFound
from datathon.publication.preview import preview
from datathon.publication.queries import latest
from datathon.publication.why import why
from datathon.web.guards import NOWHERE, anyone, guarded, scope, the_edition
from datathon.web.house import now, read_db
from datathon.web.public.door import blueprint
from datathon.web.why_words import why_page


@blueprint.get("/e/<edition>/results/<team>")
@guarded(anyone)
def why_this_rank(edition: str, team: str) -> str:
    """Explain the place of one team; before the announcement to organisers only."""
    with read_db() as db:
        published = latest(db, edition)
        results = None if published is None else published.results
        if results is None and scope().has("organiser"):
            shown = preview(db, the_edition(), now=now())
            results = None if shown.blockers else shown.results
    if results is None:
        raise NotFound("The results of this edition are not published yet.")
    found = why(results, team)
    if found is None:
        raise NotFound(NOWHERE)
    version = None if published is None else published.version
    return render_template("public/why.html", page=why_page(the_edition(), results, found, version=version))
