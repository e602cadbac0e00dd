"""Strangers get boards from memory, and never an old one, another language's or somebody else's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import grant, make_person, make_score, make_submission, make_team
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import BOARD, Fair

from datathon.editions.tables import PhaseMove
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.web.front import Front


@pytest.fixture
def written(app: Flask) -> list[str]:
    """Addresses that the application itself was asked for."""
    asked: list[str] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: asked.append(request.full_path.rstrip("?")))
    return asked


@pytest.mark.parametrize("kind", ["", ".json", ".csv", "?page=2"])
def test_second_stranger_is_answered_from_memory(
    client: FlaskClient, draw: Callable[..., None], written: list[str], kind: str
) -> None:
    draw()
    first, second = client.get(BOARD + kind), client.get(BOARD + kind)
    assert (first.status_code, first.data, list(first.headers)) == (200, second.data, list(second.headers))
    assert written == [BOARD + kind]


def test_new_score_is_on_the_next_page(
    client: FlaskClient, draw: Callable[..., None], engine: Engine, written: list[str]
) -> None:
    draw()
    client.get(BOARD)
    with transaction(engine) as db:
        make_score(db, make_submission(db, make_team(db, "Le Verger"), state="scored"), public=0.4, private=0.4)
    draw()
    assert "Le Verger" in client.get(BOARD).get_data(as_text=True)
    assert len(written) == 2


def test_minutes_change_nothing_and_days_do(
    client: FlaskClient, draw: Callable[..., None], at: Callable[[datetime], None], now: datetime, written: list[str]
) -> None:
    draw()
    first = client.get(BOARD)
    at(now + timedelta(hours=3))
    assert client.get(BOARD, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert len(written) == 1
    at(now + timedelta(days=1))
    assert "Vendredi 21 novembre 2025</b>, heure de Paris" in client.get(BOARD).get_data(as_text=True)
    assert len(written) == 2


def test_decision_of_an_organiser_shows_at_once(
    client: FlaskClient, draw: Callable[..., None], engine: Engine, now: datetime, written: list[str]
) -> None:
    draw()
    client.get(BOARD)
    with transaction(engine) as db:
        organiser = make_person(db)
        grant(db, organiser, "organiser")
        db.add(
            PhaseMove(edition_id="2025", phase="submissions", state="closed", decided_at=now, decided_by=organiser.id)
        )
    client.get(BOARD)
    assert len(written) == 2


def test_languages_and_encodings_are_kept_apart(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    plain = client.get(BOARD).get_data(as_text=True)
    small = client.get(BOARD, headers={"Accept-Encoding": "gzip"})
    english = client.get(BOARD, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < len(plain.encode())
    assert ("Classement" in plain, "Leaderboard" in english) == (True, True)
    assert client.get(BOARD).get_data(as_text=True) == plain


def test_whoever_has_a_session_gets_a_page_of_their_own(
    client: FlaskClient, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    draw()
    stranger = client.get(BOARD).get_data(as_text=True)
    mine = sign_in(fair.other).get(BOARD).get_data(as_text=True)
    assert "Votre équipe" in mine
    assert "Votre équipe" not in stranger
    client.delete_cookie("datathon")
    assert client.get(BOARD).get_data(as_text=True) == stranger


def test_chosen_language_is_kept_for_the_session(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    client.get(BOARD)
    assert "Provisional" in client.get(BOARD + "?lang=en").get_data(as_text=True)
    assert "Provisional" in client.get(BOARD).get_data(as_text=True)


@pytest.mark.parametrize("path", ["/e/2025/c/nowhere/leaderboard", "/e/2025/c/competences/leaderboard"])
def test_page_that_is_not_there_is_never_kept(client: FlaskClient, written: list[str], path: str) -> None:
    assert [client.get(path).status_code for _ in range(2)] == [404, 404]
    assert len(written) == 2


def test_memory_is_bounded(client: FlaskClient, draw: Callable[..., None], app: Flask) -> None:
    draw()
    front = app.wsgi_app
    assert isinstance(front, Front)
    front.most = 3
    for number in range(1, 6):
        client.get(f"{BOARD}?page={number}")
    assert front.held == 3
