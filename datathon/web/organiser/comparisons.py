"""Comparisons two by two, for the organisers: open a session, follow it, close it; read what it gives."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.jury.comparing import comparisons as all_comparisons
from datathon.jury.comparing import the_one_that_counts
from datathon.jury.comparison_tables import Comparison
from datathon.jury.members import MemberLine, members
from datathon.jury.open_comparison import (
    USUAL_MINUTES,
    Asked,
    close_comparison,
    open_comparison,
    reopen_comparison,
)
from datathon.jury.queries import GradedTeam, graded_teams, rubric_of
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, presiding, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.comparison_page import comparison_page
from datathon.web.organiser.views import blueprint

MANY = 20
"""Prototypes above which pairs are quicker than sheets."""


@dataclass(frozen=True, slots=True)
class ComparisonsPage:
    """The sessions there were, and the form for another one with what was typed."""

    edition: Edition
    sessions: tuple[Comparison, ...]
    teams: tuple[GradedTeam, ...]
    people: tuple[MemberLine, ...]
    ticked: frozenset[str]
    title: str
    minutes: str
    advice: str
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/comparisons")
@guarded(organiser)
def comparisons(edition: str) -> str:
    """List the sessions and offer to open one."""
    del edition
    return _list(None)


def _list(refusal: Refusal | None) -> str:
    edition = the_edition()
    rubric_of(edition)
    with read_db() as db:
        teams, people = graded_teams(db, edition), members(db, edition)
        found = all_comparisons(db, edition.id)
    every = {team.slug for team in teams} | {str(one.id) for one in people}
    asked = request.form.getlist("team") + request.form.getlist("juror") or request.args.getlist("team")
    page = ComparisonsPage(
        edition=edition,
        sessions=found,
        teams=teams,
        people=people,
        ticked=frozenset(asked or every),
        title=request.form.get("title", ""),
        minutes=request.form.get("minutes", str(USUAL_MINUTES)),
        advice=_advice(len(teams)),
        refusal=refusal,
    )
    return render_template("organiser/comparisons.html", page=page)


def _advice(teams: int) -> str:
    if teams > MANY:
        return _("%(count)s prototypes: two at a time is quicker than a sheet for each.", count=teams)
    return _("Useful above twenty prototypes, or to settle a tie among finalists. Below, sheets say more.")


@blueprint.post("/<edition>/jury/comparisons")
@guarded(organiser)
def start_comparison(edition: str) -> Answer | tuple[str, int]:
    """Open a session; a refusal shows the form again as it was sent."""
    try:
        with write_db() as db:
            key = open_comparison(
                db,
                edition=the_edition(),
                organiser_id=the_person().id,
                asked=_asked(db),
                seed=secrets.randbelow(2**31),
                now=now(),
            )
    except (Invalid, NotFound) as refusal:
        return _list(refusal), status_of(refusal)
    flash(_("The comparisons are open; the members you chose find them among their sheets."), "done")
    return redirect(url_for("organiser.comparison", edition=edition, comparison=key), 303)


def _asked(db: Session) -> Asked:
    typed = request.form.get("minutes", "").strip()
    keys = {team.slug: team.team_id for team in graded_teams(db, the_edition())}
    people = {str(one.id): one.id for one in members(db, the_edition())}
    slugs, jurors = request.form.getlist("team"), request.form.getlist("juror")
    if not set(slugs) <= set(keys):
        raise NotFound("No prototype of this team is to be graded.")
    if not set(jurors) <= set(people):
        raise NotFound("This person is not on the jury of this edition.")
    minutes = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    return Asked(request.form.get("title", ""), [keys[s] for s in slugs], [people[j] for j in jurors], minutes)


@blueprint.get("/<edition>/jury/comparisons/<uuid:comparison>")
@guarded(presiding)
def comparison(edition: str, comparison: UUID) -> str:
    """Show how far a session is; once it is closed, what it gives."""
    del edition
    return _one(comparison, None)


def _one(key: UUID, refusal: Refusal | None) -> str:
    edition = the_edition()
    with read_db() as db:
        session = db.get(Comparison, key)
        if session is None or session.edition_id != edition.id:
            raise NotFound("There are no such comparisons in this edition.")
        counting = the_one_that_counts(db, edition.id)
        page = comparison_page(
            db,
            edition,
            session,
            counts=counting is not None and counting.id == key,
            number=request.args.get("page", 1, type=int),
            refusal=refusal,
        )
    return render_template("organiser/comparison.html", page=page)


@blueprint.post("/<edition>/jury/comparisons/<uuid:comparison>")
@guarded(organiser)
def move_comparison(edition: str, comparison: UUID) -> Answer | tuple[str, int]:
    """Close the session that was looked at, or open it again with a reason."""
    facts = {
        "edition": the_edition(),
        "comparison_id": comparison,
        "organiser_id": the_person().id,
        "version": request.form.get("version", 0, type=int),
        "now": now(),
    }
    try:
        with write_db() as db:
            if request.form.get("do") == "reopen":
                reopen_comparison(db, reason=request.form.get("reason", ""), **facts)  # type: ignore[arg-type]  # as above
                flash(_("The comparisons are open again."), "done")
            elif close_comparison(db, **facts):  # type: ignore[arg-type]  # as above
                flash(_("The comparisons are closed."), "done")
            else:
                flash(_("The comparisons were closed already."), "done")
    except (Conflict, Invalid) as refusal:
        return _one(comparison, refusal), status_of(refusal)
    return redirect(url_for("organiser.comparison", edition=edition, comparison=comparison), 303)
