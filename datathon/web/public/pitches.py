"""The pitches for everybody: who is on, who is next, and the countdown on the large screen of the room."""

from dataclasses import dataclass

from flask import Response, jsonify, render_template

from datathon.editions.rules import Edition
from datathon.jury.pitch import Room, room
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import now, read_db
from datathon.web.pitch_clock import clock_words, phases
from datathon.web.public.door import blueprint


@dataclass(frozen=True, slots=True)
class PitchesPage:
    """Where the room is, None before the draw; team names only: prototypes are shown at the announcement."""

    edition: Edition
    room: Room | None
    phases: tuple[tuple[str, str], ...]


def _page() -> PitchesPage:
    edition = the_edition()
    with read_db() as db:
        found = room(db, edition, now=now()) if edition.rubric is not None else None
    return PitchesPage(edition, found, phases())


@blueprint.get("/e/<edition>/pitches")
@guarded(anyone)
def pitches(edition: str) -> str:
    """Show the drawn order, who is on and who is next."""
    del edition
    return render_template("public/pitches.html", page=_page(), clock_words=clock_words)


@blueprint.get("/e/<edition>/pitches/screen")
@guarded(anyone)
def pitches_screen(edition: str) -> str:
    """Show the countdown in large type; it goes on counting while the network is away."""
    del edition
    return render_template("public/pitches_screen.html", page=_page(), clock_words=clock_words)


@blueprint.get("/e/<edition>/pitches.json")
@guarded(anyone)
def pitches_json(edition: str) -> Response:
    """Tell pages that are open where the room is: version, seconds left, whether the clock runs."""
    del edition
    found = _page().room
    if found is None:
        return jsonify(version=0, left=0, running=False, over=False, phase=None, now=None, next=None)
    return jsonify(
        version=found.version,
        left=round(found.left, 2),
        running=found.running,
        over=found.over,
        phase=found.phase,
        now=None if found.now is None else found.now.name,
        next=None if found.following is None else found.following.name,
    )
