"""Organisers change how a team takes part: boards follow, the team reads why, frozen boards do not move."""

from collections.abc import Callable

import pytest
from factories import NOW, accept_rules, grant, make_person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.public.conftest import BOARD, Fair

from datathon.people.tables import Letter, Person
from datathon.publication.tables import PublishedRanking
from datathon.store.db import reading, transaction
from datathon.teams.tables import Team

PAGE = "/organise/2025/teams/cap-cotentin/status"
WHY = "Deux membres siègent au jury."


@pytest.fixture
def organiser(engine: Engine, fair: Fair) -> Person:
    del fair
    with transaction(engine) as db:
        person = make_person(db)
        grant(db, person, "organiser")
        return person


def test_board_names_who_left_it_and_the_team_reads_why(
    fair: Fair,
    organiser: Person,
    engine: Engine,
    draw: Callable[..., None],
    sign_in: Callable[[Person], FlaskClient],
    app: Flask,
) -> None:
    draw()
    client = sign_in(organiser)
    assert PAGE in client.get("/organise/2025/teams").get_data(as_text=True)
    assert "Ce que signifie chaque statut" in client.get(PAGE).get_data(as_text=True)
    sent = client.post(PAGE, data={"before": "active", "status": "ineligible", "reason": WHY})
    assert (sent.status_code, sent.headers["Location"]) == (303, PAGE)
    board = app.test_client().get(BOARD + ".json").get_json()
    assert (board["unranked"], "Cap Cotentin" in [row["team"] for row in board["rows"]]) == (
        [{"team": "Cap Cotentin", "reason": "ineligible"}],
        False,
    )
    text = app.test_client().get(BOARD, headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert "Plus au classement" in text
    assert "non éligible" in text
    assert WHY not in text
    assert WHY in client.get("/organise/2025/journal").get_data(as_text=True)
    with transaction(engine) as db:
        assert WHY in db.exec(select(Letter)).one().body
        accept_rules(db, fair.other)
    own = sign_in(fair.other).get("/e/2025/team").get_data(as_text=True)
    assert WHY in own
    assert "ne dépose plus rien" in own


@pytest.mark.usefixtures("fair")
def test_refused_form_keeps_what_was_typed(organiser: Person, sign_in: Callable[[Person], FlaskClient]) -> None:
    client = sign_in(organiser)
    empty = client.post(PAGE, data={"before": "active", "status": "withdrawn", "reason": " "})
    text = empty.get_data(as_text=True)
    assert (empty.status_code, 'value="withdrawn" required checked' in text) == (422, True)
    assert "Dites pourquoi" in text
    late = client.post(PAGE, data={"before": "ineligible", "status": "withdrawn", "reason": WHY})
    text = late.get_data(as_text=True)
    assert (late.status_code, WHY in text, 'name="before" value="active"' in text) == (409, True, True)
    assert client.get("/organise/2025/teams/nobody/status").status_code == 404
    assert client.post("/organise/2025/teams/nobody/status").status_code == 404


def test_announced_ranking_keeps_every_team_as_it_was(
    organiser: Person, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        row = PublishedRanking(
            edition_id="2025", version=1, results={}, reason="", published_at=NOW, published_by=organiser.id
        )
        db.add(row)
    client = sign_in(organiser)
    shown = client.get(PAGE).get_data(as_text=True)
    assert ("aucun statut ne change plus" in shown, 'name="reason"' in shown) == (True, False)
    sent = client.post(PAGE, data={"before": "active", "status": "withdrawn", "reason": WHY})
    assert sent.status_code == 409
    with reading(engine) as db:
        assert db.exec(select(Team).where(Team.slug == "cap-cotentin")).one().status == "active"
