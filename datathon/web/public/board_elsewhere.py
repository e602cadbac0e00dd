"""A board outside its page: on the screen of a room, as a card on another site, as a feed of changes. All from the snapshot."""

from datetime import datetime

from flask import Response, render_template, url_for
from flask_babel import gettext as _

from datathon.web.guards import anyone, guarded, the_challenge, the_edition
from datathon.web.house import house, now
from datathon.web.public.answers import reader, standing
from datathon.web.public.door import blueprint
from datathon.web.public.leaderboard import BoardPage, board_page, facts, read_board
from datathon.web.public.own_line import own_line
from datathon.web.show import decimal

ON_A_SCREEN = 12
ON_A_CARD = 5
IN_A_FEED = 30
ANYWHERE = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


def _page() -> BoardPage:
    return board_page(the_edition(), the_challenge(), read_board(), own_line(), number=1)


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard/screen")
@guarded(anyone)
def board_screen(edition: str, challenge: str) -> Response:
    """Show the first rows in large type, for a room; renewed by itself, and kept as it was while the network is away."""
    del edition, challenge

    def write() -> str:
        return render_template("public/board_screen.html", page=_page(), most=ON_A_SCREEN)

    return standing(write, mimetype="text/html", facts=("screen", facts(), reader()))


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard/card")
@guarded(anyone)
def board_card(edition: str, challenge: str) -> Response:
    """Show the first five rows in a small frame that any site may show; nothing of the reader is in it."""
    del edition, challenge

    def write() -> str:
        return render_template("public/board_card.html", page=_page(), most=ON_A_CARD)

    answer = standing(write, mimetype="text/html", facts=("card", facts()))
    answer.headers["Content-Security-Policy"] = ANYWHERE
    return answer


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard.atom")
@guarded(anyone)
def board_feed(edition: str, challenge: str) -> Response:
    """Give the latest best scores as an Atom feed: a team that does better appears anew."""

    def write() -> str:
        page = _page()
        base = house().settings.base_url.rstrip("/")
        address = base + url_for("public.leaderboard", edition=edition, challenge=challenge)
        dated = [(row.best_at, row) for row in page.everybody if row.kind == "team" and row.best_at is not None]
        latest = sorted(dated, key=lambda pair: pair[0], reverse=True)[:IN_A_FEED]
        entries = [
            {
                "id": f"{address}#{row.slug}-{at:%Y%m%dT%H%M%S}",
                "title": _(
                    "%(team)s: %(score)s, rank %(rank)s",
                    team=row.team,
                    score=decimal(row.score, page.metric.decimals),
                    rank=row.rank,
                ),
                "at": _written(at),
            }
            for at, row in latest
        ]
        updated = _written(page.as_of or now())
        return render_template("public/board_feed.xml", page=page, address=address, entries=entries, updated=updated)

    return standing(write, mimetype="application/atom+xml", facts=("atom", facts()))


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
