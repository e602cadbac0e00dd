from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from factories import make_edition, make_team
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import Fair

from datathon.people.tables import Person
from datathon.store.db import make_engine, transaction
from datathon.store.migrate import upgrade

PAGES = (
    "/",
    "/e/2025",
    "/e/2025/c/metiers-secteurs",
    "/e/2025/c/competences",
    "/e/2025/c/metiers-secteurs/leaderboard",
    "/e/2025/teams",
    "/e/2025/gallery",
    "/e/2025/results",
    "/e/2025/documents/rules",
    "/e/2025/documents/privacy",
    "/legal/help",
    "/style",
    "/legal/glossary",
    "/legal/accessibility",
    "/legal/ecodesign",
    "/legal/privacy",
    "/legal/legal",
)
NOWHERE = (
    "/e/1999",
    "/e/2025/c/nothing",
    "/e/2025/documents/nothing",
    "/e/2025/documents/..%2fedition.toml",
    "/e/2025/p/nothing",
    "/legal/nothing",
    "/legal/..%2fhelp.fr.md",
)


def test_pages_in_both_languages(client: FlaskClient) -> None:
    for path in PAGES:
        french, english = (client.get(path, headers={"Accept-Language": lang}) for lang in ("fr", "en"))
        assert (path, french.status_code, english.status_code) == (path, 200, 200)
        assert '<html lang="fr">' in french.get_data(as_text=True)
        assert '<html lang="en">' in english.get_data(as_text=True)
        assert french.get_data().count(b"<h1>") == 1


def test_pages_that_are_not_there(client: FlaskClient) -> None:
    for path in NOWHERE:
        assert (path, client.get(path).status_code) == (path, 404)


def test_pages_are_light(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    for path in PAGES:
        page = client.get(path).get_data(as_text=True)
        opened = page.count("<") - page.count("</") - page.count("<!")
        assert opened <= 380, path
        assert "style=" not in page, path


def test_home_leads_with_the_running_edition(
    client: FlaskClient, engine: Engine, at: Callable[[datetime], None], now: datetime
) -> None:
    with transaction(engine) as db:
        make_edition(db, "atelier", starts=now.date() - timedelta(days=7))
    assert "<h1>Emploi et formation</h1>" in _flat(client.get("/").get_data(as_text=True))
    at(now + timedelta(days=25))
    assert "<h1>Apprendre à prédire, à expliquer, à juger</h1>" in _flat(client.get("/").get_data(as_text=True))


def test_edition_counts(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    page = _flat(client.get("/e/2025").get_data(as_text=True))
    assert "<dt>équipes, 2 personnes</dt><dd>2</dd>" in page
    assert "<dt>dépôts évalués</dt><dd>2</dd>" in page
    assert "heure de Paris" in page


def test_challenge_shows_digests_licence_and_format(client: FlaskClient) -> None:
    page = client.get("/e/2025/c/metiers-secteurs").get_data(as_text=True)
    for said in ("58a00b0104bf2645", "MIT", "sample_submission.csv", "naf_96", "5 par jour", "60 au total", "LRAP"):
        assert said in page, said


def test_challenge_invites_strangers_and_members(
    client: FlaskClient, sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    path = "/e/2025/c/metiers-secteurs"
    assert "Créer une équipe" in client.get(path).get_data(as_text=True)
    inside = sign_in(fair.captain).get(path).get_data(as_text=True)
    assert f"{path}/submit" in inside
    assert "Créer une équipe" not in inside


def test_teams_name_no_member(client: FlaskClient, fair: Fair) -> None:
    page = client.get("/e/2025/teams").get_data(as_text=True)
    assert "Marée haute" in page
    assert fair.captain.name not in page


def test_teams_leave_out_who_withdrew(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        make_team(db, "Les Partis", status="withdrawn")
    assert "Les Partis" not in client.get("/e/2025/teams").get_data(as_text=True)


def test_document_shows_its_version(client: FlaskClient) -> None:
    page = client.get("/e/2025/documents/rules").get_data(as_text=True)
    assert "Version 1" in page
    assert "SHA-256" in page


def test_live_without_database(client: FlaskClient) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.data) == (200, b"ok")


def test_ready_needs_the_schema(client: FlaskClient, app: Flask, tmp_path: Path) -> None:
    assert client.get("/health/ready").status_code == 503  # tables are there, their version is not
    migrated = make_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    upgrade(migrated)
    found = app.extensions["datathon"]
    app.extensions["datathon"] = type(found)(found.settings, migrated, found.watch, found.files)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready"})
    app.extensions["datathon"] = found
    migrated.dispose()


def _flat(page: str) -> str:
    """Return a page without the white space between its tags and texts."""
    return " ".join(page.split()).replace("> ", ">").replace(" <", "<")
