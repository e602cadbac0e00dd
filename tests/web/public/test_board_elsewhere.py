"""The board on a room's screen, in another site's frame, in a feed reader."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from factories import make_score, make_submission, make_team
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import BOARD

from datathon.store.db import transaction

ATOM = "{http://www.w3.org/2005/Atom}"


def test_screen_shows_the_ranked_teams_and_renews_itself(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    page = client.get(BOARD + "/screen").get_data(as_text=True)
    assert page.index("Marée haute") < page.index("Cap Cotentin")
    assert "frequency" not in page
    assert 'hx-trigger="every 15s"' in page
    assert f'<noscript><p><a href="{BOARD}/screen">' in page


def test_card_may_stand_in_any_frame_and_nothing_else_may(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    for _again in range(2):  # written, then from memory
        card, board = client.get(BOARD + "/card"), client.get(BOARD)
        assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in card.headers
        assert "frame-ancestors 'none'" in board.headers["Content-Security-Policy"]
        assert board.headers["X-Frame-Options"] == "DENY"
    assert "Marée haute" in card.get_data(as_text=True)
    assert "script" not in card.get_data(as_text=True)


def test_feed_has_an_entry_for_each_best_score(client: FlaskClient, draw: Callable[..., None], engine: Engine) -> None:
    with transaction(engine) as db:
        made = make_submission(db, make_team(db, "Vent & marée <é>"), state="scored")
        make_score(db, made, public=0.5, private=0.7318294)
    draw()
    answer = client.get(BOARD + ".atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ET.fromstring(answer.data)  # noqa: S314 - our own
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert "Vent & marée <é> : 0,5000, rang 1" in [" ".join((title or "").split()) for title in titles]
    assert len(titles) == 3
    assert "7318" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("kind", ["/screen", "/card", ".atom"])
def test_board_elsewhere_without_scores_and_without_predictions(client: FlaskClient, kind: str) -> None:
    assert client.get(BOARD + kind).status_code == 200
    assert client.get("/e/2025/c/competences/leaderboard" + kind).status_code == 404
