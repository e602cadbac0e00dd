"""A board of five hundred teams with the longest names stays light, for who is signed in too."""

from collections.abc import Callable
from typing import Any

import pytest
from factories import NOW, make_team
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import BOARD
from web.public.test_combined import elements

from datathon.leaderboard.rules import instant_text
from datathon.leaderboard.tables import BoardSnapshot
from datathon.people.tables import Person
from datathon.store.db import transaction

LONG = (
    "Observatoire citoyen des données ouvertes du littoral normand et des îles, no ",
    "فريق البيانات المفتوحة لساحل نورماندي والجزر المجاورة رقم ",
    "🌊🐚 Équipe des marées vives & du varech <script> no ",
)


def row(number: int, team: str, slug: str) -> dict[str, Any]:
    return {
        "rank": number, "team": team, "slug": slug, "score": 0.9 - number / 1000, "submissions": 60,
        "interval": [max(1, number - 40), min(500, number + 40)], "tied": [], "kind": "team",
        "best_at": instant_text(NOW), "others": {},
    }  # fmt: skip


@pytest.fixture
def captain(engine: Engine, app: Flask, draw: Callable[..., None]) -> Person:
    """The board of 500 teams with intervals as a worker leaves it; one's own team is the 312th."""
    draw()
    del app
    with transaction(engine) as db:
        own = make_team(db, f"{LONG[0]}312"[:80])
        kept = db.get_one(BoardSnapshot, ("2025", "metiers-secteurs"))
        rows = [row(n, f"{LONG[n % 3]}{n}"[:80], own.slug if n == 312 else f"t{n}") for n in range(1, 501)]
        groups = [[r["slug"] for r in rows[start : start + 40]] for start in range(0, 460, 20)]
        known = {"state": "ready", "rows": 252, "draws": 2000, "level": 0.95, "indicative": False, "groups": groups}
        kept.payload = {**kept.payload, "rows": rows, "intervals": known}
        kept.version += 1
        db.add(kept)
        return db.get_one(Person, own.captain_id)


@pytest.mark.parametrize("query", ["", "?page=13", "?q=no"])
def test_board_of_five_hundred_teams_is_light(
    captain: Person, sign_in: Callable[[Person], FlaskClient], query: str
) -> None:
    client = sign_in(captain)
    answer = client.get(BOARD + query)
    page = answer.get_data(as_text=True)
    assert page.count('class="span"') >= 25
    assert "<script> no" not in page
    assert elements(page) <= 380
    assert len(answer.data) <= 80_000


@pytest.mark.usefixtures("captain")
@pytest.mark.parametrize("kind", ["/screen", "/card"])
def test_large_screen_and_card_of_five_hundred_teams_are_light(client: FlaskClient, kind: str) -> None:
    assert elements(client.get(BOARD + kind).get_data(as_text=True)) <= 100
