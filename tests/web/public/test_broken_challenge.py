"""An edition one of whose challenges has a mistake in its file: the rest stays, the broken one says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from challenge_folders import write_edition
from factories import grant, make_edition, make_person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.web import app as application
from datathon.web.house import house


@pytest.fixture
def organiser(engine: Engine) -> Person:
    with transaction(engine) as db:
        make_edition(db, "essai")
        person = make_person(db, "Organisation")
        grant(db, person, "organiser", edition="essai")
        return person


@pytest.fixture
def app(settings: Settings, organiser: Person, tmp_path: Path, at: object) -> Iterator[Flask]:
    del organiser, at
    folder = write_edition(tmp_path / "challenges" / "essai")
    (folder / "scores" / "challenge.toml").write_text("[submission\n", encoding="utf-8")
    made = application.create_app(replace(settings, challenges_dir=tmp_path / "challenges"))
    made.testing = True
    yield made
    with made.app_context():
        house().engine.dispose()


def test_neighbours_of_a_broken_challenge_are_there(client: FlaskClient) -> None:
    page = client.get("/e/essai")
    assert page.status_code == 200
    assert "Cartes" in page.text
    assert client.get("/e/essai/c/cartes").status_code == 200


def test_broken_challenge_is_plainly_not_available(client: FlaskClient) -> None:
    said = "Ce défi n’est pas disponible pour le moment"
    for address in ("/e/essai/c/scores", "/e/essai/c/scores/leaderboard", "/e/essai/c/scores/schema.json"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert said in (answer.json["title"] if answer.is_json else answer.text)
        assert "challenge.toml" not in answer.text


def test_organisers_read_file_and_line(sign_in: object, organiser: Person) -> None:
    page = sign_in(organiser).get("/organise/essai")  # type: ignore[operator]  # the fixture's function
    assert page.status_code == 200
    assert "essai/scores/challenge.toml:1" in page.text
