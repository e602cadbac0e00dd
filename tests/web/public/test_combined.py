"""The boards of a track and of a whole edition, as everybody reads them."""

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from factories import NOW, make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select
from web.public.conftest import Fair

from datathon.config import Settings
from datathon.leaderboard.combined import combination
from datathon.leaderboard.queries import Board
from datathon.leaderboard.snapshot import refresh
from datathon.store.db import transaction
from datathon.teams.tables import Team
from datathon.web.public.brackets import EVERYTHING
from datathon.web.public.combined import combined_page, payload_of

ALL = "/e/2025/leaderboard"
TRACK = "/e/2025/tracks/metiers/leaderboard"
GROUPS = """
[[tracks]]
id = "metiers"
title = { fr = "Métiers", en = "Jobs" }
challenges = ["metiers-deux", "metiers-secteurs"]

[[phases]]
id = "freeze"
kind = "freeze"
title = { fr = "Classement gelé", en = "Board frozen" }
opens = { day = 25, at = "11:30" }
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The edition of 2025 with its prediction challenge twice, both in one track."""
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    shutil.copytree(folder / "2025" / "metiers-secteurs", folder / "2025" / "metiers-deux")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + GROUPS, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def scores(engine: Engine, fair: Fair) -> None:
    """The second challenge has a score of the second team only."""
    del fair
    with transaction(engine) as db:
        team = db.exec(select(Team).where(Team.slug == "cap-cotentin")).one()
        made = make_submission(db, team, challenge="metiers-deux", state="scored")
        make_score(db, made, public=0.2, private=0.7318294)


def draw(app: Flask, at: object = NOW) -> None:
    found = app.extensions["datathon"]
    edition = found.catalogue.editions["2025"]
    with transaction(found.engine) as db:
        for challenge in edition.challenges:
            if challenge.takes_predictions:
                refresh(db, edition, challenge, now=at)  # type: ignore[arg-type]  # an instant


@pytest.mark.usefixtures("scores")
def test_board_of_a_track_adds_up_and_says_who_is_missing_where(client: FlaskClient, app: Flask) -> None:
    draw(app)
    page = client.get(TRACK).get_data(as_text=True)
    assert "Cap Cotentin mène avec 100,00 points sur 100" in page
    assert "Marée haute" in page
    assert "pas encore de score dans" in page
    assert "ce sont les places qui s’additionnent" in page
    assert "7318" not in page
    found = client.get(TRACK + ".json").get_json()
    assert [(row["rank"], row["team"], row["score"]) for row in found["rows"]] == [(1, "Cap Cotentin", 100.0)]
    assert found["incomplete"] == [{"team": "Marée haute", "slug": "maree-haute", "missing": ["metiers-deux"]}]
    lines = list(csv.DictReader(io.StringIO(client.get(TRACK + ".csv").get_data(as_text=True))))
    assert (lines[0]["team"], lines[0]["score_metiers-deux"], lines[0]["points_metiers-deux"]) == (
        "Cap Cotentin",
        "0.2",
        "100.0",
    )


@pytest.mark.usefixtures("scores")
def test_board_of_the_edition_is_linked_and_read_from_memory(client: FlaskClient, app: Flask) -> None:
    draw(app)
    board = client.get("/e/2025/c/metiers-secteurs/leaderboard").get_data(as_text=True)
    assert f'href="{ALL}"' in board
    assert f'href="{TRACK}"' in board
    first = client.get(ALL)
    asked: list[None] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: asked.append(None))
    again = client.get(ALL, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, asked) == (200, 304, [])


@pytest.mark.usefixtures("scores")
@pytest.mark.parametrize("address", [ALL, TRACK, ALL + "?page=1"])
def test_open_board_of_several_challenges_looks_again_by_itself(client: FlaskClient, app: Flask, address: str) -> None:
    draw(app)
    first = client.get(address)
    page = first.get_data(as_text=True)
    table = page.partition('<table class="table board" id="board"')[2].partition(">")[0]
    assert 'hx-trigger="every' in table
    (there,) = [part.partition('"')[0] for part in table.split('hx-get="')[1:]]
    assert page.count("js/lookout.js") == 1
    assert [page.count(f'id="{name}"') for name in ("board", "standing", "h-t")] == [1, 1, 1]
    again = client.get(there, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("scores")
def test_boards_of_several_challenges_are_frozen_with_theirs(
    client: FlaskClient, app: Flask, engine: Engine, at: Callable[..., None]
) -> None:
    later = NOW + timedelta(days=10)
    at(later)
    draw(app, later)
    seen = {address: client.get(address).data for address in (ALL, TRACK, TRACK + ".json", TRACK + ".csv")}
    assert "Ce classement est gelé" in seen[TRACK].decode()
    assert "hx-get" not in seen[TRACK].decode()
    with transaction(engine) as db:
        team = db.exec(select(Team).where(col(Team.slug) == "maree-haute")).one()
        made = make_submission(db, team, challenge="metiers-deux", state="scored", received_at=later)
        make_score(db, made, public=0.9, private=0.9)
        db.exec(select(Team).where(Team.slug == "cap-cotentin")).one().status = "withdrawn"
    draw(app, later)
    assert {address: client.get(address).data for address in seen} == seen


class Counter(HTMLParser):
    """Counts the elements of a page."""

    count = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del tag, attrs
        self.count += 1


def elements(page: str) -> int:
    """Return how many elements a page has, those that the parser of a browser adds left out."""
    counter = Counter()
    counter.feed(page)
    return counter.count


@pytest.mark.parametrize("address", ["/e/2025/tracks/nulle-part/leaderboard", TRACK + ".xml", ALL + ".xml"])
def test_no_such_board(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get(TRACK).status_code == 200
    assert client.get(TRACK + ".json").get_json()["rows"] == []


def test_no_such_bracket(client: FlaskClient) -> None:
    assert client.get(TRACK + "?bracket=nulle-part").status_code == 404


@pytest.mark.usefixtures("scores")
@pytest.mark.parametrize("address", [ALL, TRACK])
def test_board_of_several_challenges_goes_elsewhere_too(client: FlaskClient, app: Flask, address: str) -> None:
    assert client.get(f"{address}.atom").status_code == 200
    draw(app)
    page = client.get(address).get_data(as_text=True)
    assert f'href="{address}.atom"' in page
    assert f'href="{address}/screen"' in page
    screen = client.get(f"{address}/screen").get_data(as_text=True)
    assert f'hx-get="{address}/screen"' in screen
    card = client.get(f"{address}/card")
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    for text in (screen, card.get_data(as_text=True)):
        assert "Cap Cotentin" in text
        assert ("100,00" in text) is (address == TRACK)
        assert ("Marée haute" in text) is (address == ALL)
    feed = ET.fromstring(client.get(f"{address}.atom").data)  # noqa: S314 - our own
    titles = [" ".join((title.text or "").split()) for title in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert len(titles) == (2 if address == TRACK else 3)
    assert ("Cap Cotentin : 100,00, rang 1" in titles) is (address == TRACK)


def test_track_that_is_not_there_has_nothing_elsewhere(client: FlaskClient) -> None:
    for kind in ("/screen", "/card", ".atom"):
        assert client.get(f"/e/2025/tracks/nowhere/leaderboard{kind}").status_code == 404


@pytest.mark.usefixtures("scores")
def test_few_teams_leave_room_for_every_challenge(app: Flask) -> None:
    draw(app)
    edition = app.extensions["datathon"].catalogue.editions["2025"]
    one = combination(edition, None)
    assert one is not None
    component = one.plan.components[0]
    several = tuple(replace(component, id=f"c{number}") for number in range(6))
    many = replace(one, plan=replace(one.plan, components=several))
    points = {part.id: 1.0 for part in several}
    rows = [
        {"rank": n, "team": f"T{n}", "slug": f"t{n}", "score": 1.0, "kind": "team", "points": points}
        for n in range(1, 31)
    ]

    def columns(count: int) -> int:
        payload = {**payload_of(many, None), "rows": rows[:count]}
        board = Board(1, NOW, frozen=False, payload=payload)
        with app.test_request_context():
            page = combined_page(edition, many, board, own=None, number=1, sieve=EVERYTHING)
        return len(page.columns)

    assert (columns(6), columns(30)) == (6, 4)
