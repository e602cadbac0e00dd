"""The letters of the demonstration, which no mail server takes away."""

from dataclasses import dataclass

from flask import render_template

from datathon.people.queries import latest_letters
from datathon.people.tables import Letter
from datathon.web.account.door import blueprint
from datathon.web.guards import demonstration, guarded
from datathon.web.house import house, read_db

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a letter. ``path`` is where its link leads on this site, "" for plain words."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as the page draws it."""

    letter: Letter
    lines: tuple[Line, ...]


@blueprint.get("/outbox")
@guarded(demonstration)
def outbox() -> str:
    """Show the latest letters with their links."""
    base = house().settings.base_url.rstrip("/")
    with read_db() as db:
        letters = tuple(_shown(letter, base) for letter in latest_letters(db, limit=SHOWN))
    return render_template("account/outbox.html", letters=letters, most=SHOWN)


def _shown(letter: Letter, base: str) -> Shown:
    lines = letter.body.rstrip().splitlines()
    # A path, not the whole address: the demonstration may be reached through another host than the one it was told.
    return Shown(letter, tuple(Line(x, x.removeprefix(base) if x.startswith(f"{base}/") else "") for x in lines))
