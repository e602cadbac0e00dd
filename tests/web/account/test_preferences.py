"""Language, colours and density are kept in the session and nowhere else."""

from collections.abc import Callable

from factories import make_edition, make_person
from flask.testing import FlaskClient
from sqlalchemy import Engine

from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.web.assets import asset


def test_scheme_chosen_holds_whatever_the_device_says(client: FlaskClient) -> None:
    assert "prefers-color-scheme" in client.get("/preferences").get_data(as_text=True)
    client.post("/preferences", data={"lang": "fr", "scheme": "dark", "density": "dense"})
    page = client.get("/preferences").get_data(as_text=True)
    assert "house-dark.css" in page
    assert '<meta name="color-scheme" content="dark">' in page
    assert '<html lang="fr" data-density="dense">' in page


def test_forced_sheets_differ_only_in_their_scheme() -> None:
    plain, dark, light = (asset(f"css/house{kind}.css") for kind in ("", "-dark", "-light"))
    assert plain is not None
    assert dark is not None
    assert light is not None
    assert b"prefers-color-scheme" not in dark.content + light.content
    assert b"@media all {" in dark.content
    assert b"@media not all {" in light.content
    assert len(dark.content) - len(light.content) < 20


def test_colours_of_an_edition_are_forced_too(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)
    client.post("/preferences", data={"scheme": "light"})
    page = client.get("/e/2025").get_data(as_text=True)
    assert "css/house-0b3d4a-b0202d-light.css" in page


def test_nothing_chosen_goes_back_to_the_device(client: FlaskClient) -> None:
    client.post("/preferences", data={"scheme": "dark", "density": "dense"})
    client.post("/preferences", data={"scheme": "", "density": ""})
    page = client.get("/preferences").get_data(as_text=True)
    assert "house.css" in page
    assert "data-density" not in page


def test_value_that_does_not_exist_is_ignored(client: FlaskClient) -> None:
    client.post("/preferences", data={"scheme": "pink", "density": "x", "lang": "tlh"})
    with client.session_transaction() as session:
        assert not {"scheme", "density", "lang"} & set(session)


def test_saving_leads_back_and_only_within_the_site(client: FlaskClient) -> None:
    back = client.post("/preferences", data={"lang": "en", "next": "/legal/help"})
    assert back.headers["Location"] == "/legal/help"
    away = client.post("/preferences", data={"lang": "en", "next": "//elsewhere.example/"})
    assert away.headers["Location"] == "/preferences"


def test_preferences_outlive_signing_out(
    client: FlaskClient, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        person = make_person(db, "Camille")
    client.post("/preferences", data={"scheme": "dark"})
    sign_in(person).post("/account/sign-out")
    assert "house-dark.css" in client.get("/preferences").get_data(as_text=True)
