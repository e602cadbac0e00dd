from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from factories import grant, make_edition, make_person, make_team
from flask.testing import FlaskClient
from sqlalchemy import Engine

from datathon.people.tables import Person
from datathon.store.db import transaction


@pytest.fixture(autouse=True)
def edition(engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)


def _page(client: FlaskClient, url: str = "/e/2025") -> str:
    return client.get(url).get_data(as_text=True)


def test_masthead_says_the_day_of_the_edition(client: FlaskClient, at: Callable[[datetime], None]) -> None:
    at(datetime(2025, 12, 3, 13, 32, tzinfo=UTC))
    page = _page(client)
    assert "Mercredi 3 décembre 2025, 14\u00a0h\u00a032" in page
    assert "heure de Paris" in page
    assert "Jour 29 sur 35" in page
    assert "5 décembre, 18\u00a0h\u00a000" in page
    assert 'class="fa"' in page


def test_masthead_has_no_pointer_outside_the_edition(client: FlaskClient, at: Callable[[datetime], None]) -> None:
    at(datetime(2026, 2, 1, 12, 0, tzinfo=UTC))
    page = _page(client)
    assert "L’édition est terminée." in page
    assert 'class="fa" d="M-5' not in page


def test_masthead_of_a_stranger_offers_to_sign_in(client: FlaskClient) -> None:
    page = _page(client)
    assert "Se connecter" in page
    assert "Mon équipe" not in page
    assert "Organiser" not in page


def test_masthead_of_a_member_leads_to_the_team(
    engine: Engine, client: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        person = make_person(db)
        make_team(db, "Cap Cotentin", captain=person)
    sign_in(person)
    page = _page(client)
    assert "Mon équipe" in page
    assert "Cap Cotentin" in page


def test_masthead_of_an_office_leads_to_it(
    engine: Engine, client: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        person = make_person(db)
        grant(db, person, "juror")
        grant(db, person, "organiser")
    sign_in(person)
    page = _page(client)
    assert "Mes fiches" in page
    assert "Organiser" in page


def test_edition_wears_its_colours(engine: Engine, client: FlaskClient) -> None:
    with transaction(engine) as db:
        make_edition(db, "atelier")
    page = _page(client, "/e/atelier")
    assert "--edition-ink: #2f4a1f" in page, "a stranger's page carries its style sheet"
    client.get("/?lang=fr")
    assert "/static/css/house-2f4a1f-a3341b.css?v=" in _page(client, "/e/atelier")
