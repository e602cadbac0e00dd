"""Organisers draw the order of the pitches and lead the room from a phone."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.jury.pitch import PHASES, USUAL_MINUTES, draw_order, lead_room, room
from datathon.jury.queries import graded_teams, rubric_of
from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.views import blueprint
from datathon.web.pitch_clock import clock_words, phases


@blueprint.get("/<edition>/jury/pitches")
@guarded(organiser)
def pitches(edition: str) -> str:
    """Show the order, the clock and the buttons."""
    del edition
    return _page(None)


def _page(refusal: Refusal | None) -> str:
    edition = the_edition()
    rubric_of(edition)
    with read_db() as db:
        found = room(db, edition, now=now())
        teams = len(graded_teams(db, edition))
    standing = USUAL_MINUTES if found is None else found.minutes
    page = {
        "edition": edition,
        "room": found,
        "teams": teams,
        "phases": phases(),
        "minutes": {name: request.form.get(name, str(standing[name])) for name in PHASES},
        "reason": request.form.get("reason", ""),
        "refusal": refusal,
    }
    return render_template("organiser/pitches.html", page=page, clock_words=clock_words)


@blueprint.post("/<edition>/jury/pitches")
@guarded(organiser)
def move_pitches(edition: str) -> Answer | tuple[str, int]:
    """Draw the order, or move the room; a button pressed twice moves it once."""
    version, move = request.form.get("version", 0, type=int), request.form.get("do", "")
    try:
        with write_db() as db:
            if move == "draw":
                draw_order(
                    db,
                    edition=the_edition(),
                    organiser_id=the_person().id,
                    minutes=_minutes(),
                    seed=secrets.randbelow(2**31),
                    version=version,
                    reason=request.form.get("reason", ""),
                    now=now(),
                )
                flash(_("The order is drawn; everybody can read it."), "done")
            else:
                me = the_person().id
                lead_room(db, edition=the_edition(), organiser_id=me, version=version, move=move, now=now())
    except (Conflict, Invalid) as refusal:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("organiser.pitches", edition=edition), 303)


def _minutes() -> dict[str, int]:
    typed = {name: request.form.get(name, "").strip() for name in PHASES}
    return {
        name: int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1 for name, text in typed.items()
    }
