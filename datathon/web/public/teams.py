"""The teams of an edition."""

from dataclasses import dataclass

from flask import render_template, request

from datathon.editions.rules import Edition, PhaseKind, is_open
from datathon.teams.queries import TeamLine
from datathon.web.guards import anyone, guarded, scope, the_edition
from datathon.web.house import now, read_db
from datathon.web.paging import Leaf, leaf
from datathon.web.public.door import blueprint
from datathon.web.public.facts import teams_taking_part

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
    del edition
    with read_db() as db:
        found = teams_taking_part(db, the_edition(), scope().windows, now=now())
    may_register = is_open(scope().windows, PhaseKind.REGISTRATION)
    shown = leaf(found, request.args.get("page", 1, type=int), per_page=PER_PAGE)
    page = TeamsPage(the_edition(), shown, len(found), sum(team.size for team in found), may_register)
    return render_template("public/teams.html", page=page)
