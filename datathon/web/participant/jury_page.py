"""A team's ties with the jury: mentors, and members of the jury who should not grade it."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from datathon.editions.rules import Edition
from datathon.jury.queries import rubric_of
from datathon.jury.recuse import recuse
from datathon.jury.team_ties import JurorName, jury_for_team, name_mentors
from datathon.kernel.errors import Invalid, Refusal
from datathon.web.errors import status_of
from datathon.web.guards import guarded, member, the_edition, the_own_team, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.participant.door import blueprint

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class TiesPage:
    """The jury as a team sees it, its mentors, and what was typed when a form was refused."""

    edition: Edition
    team: str
    jury: tuple[JurorName, ...]
    mentors: str
    reason: str
    juror: str
    refusal: Refusal | None


@blueprint.get("/e/<edition>/team/jury")
@guarded(member)
def team_jury(edition: str) -> Answer:
    """Show the jury, and what the team said of it."""
    del edition
    return _shown(None)


@blueprint.post("/e/<edition>/team/jury/mentors")
@guarded(member)
def say_mentors(edition: str) -> Answer:
    """Keep the team's mentors."""
    try:
        with write_db() as db:
            name_mentors(
                db,
                edition_id=edition,
                team_id=the_own_team().id,
                text=request.form.get("mentors", ""),
                person_id=the_person().id,
                now=now(),
            )
    except Refusal as refusal:
        return _shown(refusal), status_of(refusal)
    flash(_("Your mentors are recorded."), "done")
    return redirect(url_for("participant.team_jury", edition=edition), 303)


@blueprint.post("/e/<edition>/team/jury/conflict")
@guarded(member)
def declare_tie(edition: str) -> Answer:
    """Keep a member of the jury from grading the team."""
    try:
        juror = _juror()
        with write_db() as db:
            recuse(
                db,
                edition=the_edition(),
                juror_id=juror,
                team_id=the_own_team().id,
                reason=request.form.get("reason", ""),
                source="team",
                actor=the_person().id,
                now=now(),
            )
    except Refusal as refusal:
        return _shown(refusal), status_of(refusal)
    flash(_("The conflict is recorded, and the organisers are told."), "done")
    return redirect(url_for("participant.team_jury", edition=edition), 303)


def _juror() -> UUID:
    try:
        return UUID(request.form.get("juror", ""))
    except ValueError:
        raise Invalid("Choose somebody of the list.", field="juror") from None


def _shown(refusal: Refusal | None) -> str:
    edition, team = the_edition(), the_own_team()
    rubric_of(edition)
    with read_db() as db:
        jury = jury_for_team(db, edition_id=edition.id, team_id=team.id)
    page = TiesPage(
        edition,
        team.name,
        jury,
        request.form.get("mentors", team.mentors),
        request.form.get("reason", ""),
        request.form.get("juror", ""),
        refusal,
    )
    return render_template("participant/team_jury.html", page=page)
