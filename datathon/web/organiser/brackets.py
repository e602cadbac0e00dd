"""The kinds of teams, as their captains chose them; organisers correct a choice, which the journal keeps."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import col, select
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.kernel.alphabet import alphabetical
from datathon.kernel.errors import NotFound
from datathon.leaderboard.snapshot import refresh_all
from datathon.leaderboard.veil import hold
from datathon.teams.claim import correct
from datathon.teams.tables import Team
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.views import blueprint
from datathon.web.paging import Leaf, leaf

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class BracketsPage:
    """The teams with their brackets; ``chosen`` is the one whose brackets are being corrected."""

    edition: Edition
    shown: Leaf[Team]
    chosen: Team | None


@blueprint.get("/<edition>/brackets")
@guarded(organiser)
def brackets(edition: str) -> str:
    """Show which kinds of teams each team says it belongs to."""
    if not the_edition().brackets:
        raise NotFound(NOWHERE)
    with read_db() as db:
        query = select(Team).where(Team.edition_id == edition, col(Team.status) != "withdrawn")
        teams = sorted(db.exec(query), key=lambda team: alphabetical(team.name))
    wanted = request.args.get("team", "")
    chosen = next((team for team in teams if team.slug == wanted), None)
    page = BracketsPage(the_edition(), leaf(teams, request.args.get("page", 1, type=int), per_page=PER_PAGE), chosen)
    return render_template("organiser/brackets.html", page=page)


@blueprint.post("/<edition>/brackets")
@guarded(organiser)
def correct_brackets(edition: str) -> Answer:
    """Say which kinds of teams a team belongs to."""
    with write_db() as db:
        hold(db, the_edition(), now=now())
        correct(
            db,
            edition=the_edition(),
            slug=request.form.get("team", ""),
            organiser_id=the_person().id,
            brackets=request.form.getlist("brackets"),
            now=now(),
        )
        refresh_all(db, the_edition(), now=now())
    flash(_("Saved, and written in the journal."), "done")
    return redirect(url_for("organiser.brackets", edition=edition), 303)
