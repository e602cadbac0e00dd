"""The teams of an edition."""

from dataclasses import dataclass

from flask import render_template, request

from datathon.editions.rules import Edition, PhaseKind, is_open
from datathon.teams.queries import TeamLine, teams_in
from datathon.web.guards import anyone, guarded, scope, the_edition
from datathon.web.house import read_db
from datathon.web.paging import Leaf, leaf
from datathon.web.public.door import blueprint

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """The teams that take part, by name, a page at a time; ``count`` and ``people`` count all of them."""

    edition: Edition
    shown: Leaf[TeamLine]
    count: int
    people: int
    may_register: bool


@blueprint.get("/e/<edition>/teams")
@guarded(anyone)
def teams(edition: str) -> str:
    """List who takes part; people are counted, not named."""
    with read_db() as db:
        found = teams_in(db, edition)
    may_register = is_open(scope().windows, PhaseKind.REGISTRATION)
    shown = leaf(found, request.args.get("page", 1, type=int), per_page=PER_PAGE)
    page = TeamsPage(the_edition(), shown, len(found), sum(team.size for team in found), may_register)
    return render_template("public/teams.html", page=page)
