"""While boards are frozen nothing public moves, whatever is scored; what organisers reveal is there at once."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, grant, make_person, make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.public.conftest import BOARD

from datathon.config import Settings
from datathon.editions.move_phase import move_phase
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Landed
from datathon.store.db import transaction
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team
from datathon.web.guards import guard_of

FREEZE = NOW - timedelta(minutes=30)
PHASE = """
[[phases]]
id = "freeze"
kind = "freeze"
title = { fr = "Classement gelé", en = "Board frozen" }
opens = { day = 15, at = "11:30" }
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The edition of 2025 with a freeze half an hour ago."""
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + PHASE, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def before(engine: Engine, draw: Callable[..., None]) -> None:
    """Scores from before the freeze, and the board as the freeze found it."""
    with transaction(engine) as db:
        for row in db.exec(select(Submission)):
            row.received_at = FREEZE - timedelta(hours=1)
            db.add(row)
    draw()


def _land(app: Flask, value: float, at: datetime) -> None:
    """A file of the second team, received at an instant, gets its score as a worker writes it."""
    found = app.extensions["datathon"]
    edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
    with transaction(found.engine) as db:
        team = db.exec(select(Team).where(Team.name == "Cap Cotentin")).one()
        row = make_submission(db, team, number=2, state="scored", received_at=at)
        make_score(db, row, public=value, private=value)
        refresh(db, edition, challenge, now=NOW, change=Landed(row.id))


def _public(app: Flask) -> list[str]:
    """Return every address that anybody may open and that names nothing but the edition and its challenge."""
    found = []
    for rule in app.url_map.iter_rules():
        guard = guard_of(app.view_functions[rule.endpoint])
        if guard is None or guard.name != "anyone" or "GET" not in (rule.methods or ()):
            continue
        values = {"edition": "2025", "challenge": "metiers-secteurs", "team": "cap-cotentin"}
        if rule.arguments <= set(values):
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            if address == "/" or address.startswith("/e/"):  # elsewhere forms have a token of their own
                found.append(address)
    return sorted(found)


def _answers(client: FlaskClient, addresses: list[str]) -> dict[str, tuple[object, ...]]:
    seen = {}
    for address in addresses:
        answer = client.get(address)
        client.delete_cookie("datathon")
        # Cookies and what is left of a brake are the asker's own, and the hour is the hour.
        own = ("Set-Cookie", "X-RateLimit", "Retry-After", "Date")
        headers = [(name, value) for name, value in answer.headers if not name.startswith(own)]
        seen[address] = (answer.status_code, headers, answer.data)
    return seen


@pytest.mark.usefixtures("before")
def test_no_public_answer_moves_while_boards_are_frozen(client: FlaskClient, app: Flask) -> None:
    addresses = _public(app)
    assert {BOARD, BOARD + ".json", BOARD + ".csv", "/e/2025"} <= set(addresses)
    first = _answers(client, addresses)
    assert "Ce classement est gelé" in first[BOARD][2].decode()
    _land(app, 0.9, FREEZE)
    second = _answers(client, addresses)
    assert [address for address in addresses if first[address] != second[address]] == []


@pytest.mark.usefixtures("before")
def test_score_of_a_file_from_before_the_freeze_still_counts(client: FlaskClient, app: Flask) -> None:
    _land(app, 0.9, FREEZE - timedelta(seconds=1))
    assert client.get(BOARD + ".json").get_json()["rows"][0]["score"] == 0.9


@pytest.mark.usefixtures("before")
def test_organisers_reveal_by_ending_the_freeze(
    client: FlaskClient, app: Flask, engine: Engine, draw: Callable[..., None], now: datetime
) -> None:
    _land(app, 0.9, FREEZE + timedelta(minutes=5))
    assert client.get(BOARD + ".json").get_json()["rows"][0]["team"] == "Marée haute"
    with transaction(engine) as db:
        organiser = make_person(db)
        grant(db, organiser, "organiser")
        move_phase(
            db,
            edition=app.extensions["datathon"].catalogue.editions["2025"],
            phase="freeze",
            state="closed",
            person_id=organiser.id,
            now=now,
        )
    draw(now + timedelta(seconds=1))
    board = client.get(BOARD + ".json").get_json()
    assert (board["rows"][0]["team"], board["frozen"], "veiled" in board) == ("Cap Cotentin", False, False)
