"""A board outside its page: on the screen of a room, as a card on another site, as a feed of changes. All from the snapshot.

The same three for the board of a challenge, of a track and of the whole edition.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _

from datathon.editions.rules import Edition
from datathon.web.guards import anyone, guarded, scope, the_challenge, the_edition
from datathon.web.house import house, now
from datathon.web.public.answers import reader, standing
from datathon.web.public.brackets import EVERYTHING
from datathon.web.public.combined import Line, combined_page, facts_of, read, the_combination, the_track
from datathon.web.public.door import blueprint
from datathon.web.public.leaderboard import Row, board_page, facts, read_board
from datathon.web.public.own_line import own_line
from datathon.web.show import decimal, text

ON_A_SCREEN = 12
ON_A_CARD = 5
IN_A_FEED = 30
ANYWHERE = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


@dataclass(frozen=True, slots=True)
class Short:
    """A board in few words: its title and address, its ranked teams, the decimals of their scores, or points."""

    edition: Edition
    title: str
    address: str
    as_of: datetime | None
    veiled: bool
    decimals: int
    points: bool
    rows: tuple[Row, ...] | tuple[Line, ...]


def _facts() -> tuple[object, ...]:
    if scope().challenge is not None:
        return facts()
    track = (request.view_args or {}).get("track")
    return facts_of(the_combination(None if track is None else the_track(track)))


def _short() -> Short:
    """Return the board of the present address: of its challenge, its track or its edition."""
    edition = the_edition()
    if scope().challenge is not None:
        challenge = the_challenge()
        page = board_page(edition, challenge, read_board(), own_line(), number=1)
        return Short(
            edition=edition,
            title=text(challenge.title),
            address=url_for("public.leaderboard", edition=edition.id, challenge=challenge.id),
            as_of=page.as_of,
            veiled=page.veiled,
            decimals=page.metric.decimals,
            points=False,
            rows=tuple(row for row in page.everybody if row.kind == "team"),
        )
    named = (request.view_args or {}).get("track")
    track = None if named is None else the_track(named)
    one = the_combination(track)
    several = combined_page(edition, one, read(one), own=own_line(), number=1, sieve=EVERYTHING)
    return Short(
        edition=edition,
        title=_("All challenges") if track is None else text(track.title),
        address=url_for("public.edition_board", edition=edition.id)
        if track is None
        else url_for("public.track_board", edition=edition.id, track=track.id),
        as_of=several.as_of,
        veiled=several.veiled,
        decimals=several.decimals,
        points=True,
        rows=tuple(row for row in several.everybody if row.kind == "team"),
    )


@blueprint.get("/e/<edition>/leaderboard/screen")
@blueprint.get("/e/<edition>/tracks/<track>/leaderboard/screen")
@blueprint.get("/e/<edition>/c/<challenge>/leaderboard/screen")
@guarded(anyone)
def board_screen(edition: str, challenge: str = "", track: str = "") -> Response:
    """Show the first rows in large type, for a room; renewed by itself, and kept as it was while the network is away."""
    del edition, challenge, track

    def write() -> str:
        return render_template("public/board_screen.html", board=_short(), most=ON_A_SCREEN)

    return standing(write, mimetype="text/html", facts=("screen", _facts(), reader()))


@blueprint.get("/e/<edition>/leaderboard/card")
@blueprint.get("/e/<edition>/tracks/<track>/leaderboard/card")
@blueprint.get("/e/<edition>/c/<challenge>/leaderboard/card")
@guarded(anyone)
def board_card(edition: str, challenge: str = "", track: str = "") -> Response:
    """Show the first five rows in a small frame that any site may show; nothing of the reader is in it."""
    del edition, challenge, track

    def write() -> str:
        return render_template("public/board_card.html", board=_short(), most=ON_A_CARD)

    answer = standing(write, mimetype="text/html", facts=("card", _facts()))
    answer.headers["Content-Security-Policy"] = ANYWHERE
    return answer


@blueprint.get("/e/<edition>/leaderboard.atom")
@blueprint.get("/e/<edition>/tracks/<track>/leaderboard.atom")
@blueprint.get("/e/<edition>/c/<challenge>/leaderboard.atom")
@guarded(anyone)
def board_feed(edition: str, challenge: str = "", track: str = "") -> Response:
    """Give the latest best scores as an Atom feed: a team that does better appears anew."""
    del edition, challenge, track

    def write() -> str:
        board = _short()
        address = house().settings.base_url.rstrip("/") + board.address
        dated = [(row.best_at, row) for row in board.rows if row.best_at is not None]
        latest = sorted(dated, key=lambda pair: pair[0], reverse=True)[:IN_A_FEED]
        entries = [
            {
                "id": f"{address}#{row.slug}-{at:%Y%m%dT%H%M%S}",
                "title": _(
                    "%(team)s: %(score)s, rank %(rank)s",
                    team=row.team,
                    score=decimal(row.score, board.decimals),
                    rank=row.rank,
                ),
                "at": _written(at),
            }
            for at, row in latest
        ]
        updated = _written(board.as_of or now())
        return render_template("public/board_feed.xml", board=board, address=address, entries=entries, updated=updated)

    return standing(write, mimetype="application/atom+xml", facts=("atom", _facts()))


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
