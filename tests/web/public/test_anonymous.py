"""An anonymous edition names nobody in public until its results are published."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from factories import NOW, grant, make_person, make_score, make_submission, make_team
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.public.conftest import BOARD, Fair
from web.public.test_freeze import public_addresses

from datathon.config import Settings
from datathon.leaderboard.pseudonyms import WORDS
from datathon.leaderboard.tables import Pseudonym
from datathon.people.tables import Person
from datathon.publication.tables import PublishedRanking
from datathon.store.db import reading, transaction
from datathon.teams.tables import Team
from datathon.web.spoken import spoken

UNIQUE = "Zéphyr planté 7f3a"
FORBIDDEN = ("phyr", "7f3a", "Honfleur")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("days = 35", "days = 35\nanonymous = true", 1), "utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def captain(engine: Engine, fair: Fair) -> Person:
    """A team with a name found nowhere else, the best one."""
    del fair
    with transaction(engine) as db:
        team = make_team(db, UNIQUE)
        team.town = "Honfleur"
        make_score(db, make_submission(db, team, state="scored"), public=0.6, private=0.61)
        return db.get_one(Person, team.captain_id)


def pseudonym(engine: Engine) -> str:
    with reading(engine) as db:
        team = db.exec(select(Team).where(Team.name == UNIQUE)).one()
        return db.get_one(Pseudonym, team.id).name


@pytest.mark.usefixtures("captain")
def test_no_public_answer_names_a_team(
    client: FlaskClient, app: Flask, engine: Engine, draw: Callable[..., None]
) -> None:
    draw()
    name = pseudonym(engine)
    board = client.get(BOARD + ".json").get_json()
    assert (board["rows"][0]["team"], board["masked"]) == (name, True)
    slug = board["rows"][0]["slug"]
    addresses = [*public_addresses(app, slug), f"{BOARD}?q=phyr"]
    assert f"{BOARD}/team/{slug}" in addresses
    for address in addresses:
        for language in ("fr", "en"):
            answer = client.get(address, headers={"Accept-Language": language})
            text = (
                answer.get_data(as_text=True).replace('value="phyr"', "").replace("« phyr »", "").replace("“phyr”", "")
            )
            if "?q=" in address:
                text = text.split("<table")[-1] if "<table" in text else ""
            assert [word for word in FORBIDDEN if word in text] == [], (address, language)
    assert client.get(f"{BOARD}/team/zephyr-plante-7f3a").status_code == 404
    assert name in client.get(f"{BOARD}/team/{slug}").get_data(as_text=True)


def test_names_stay_and_a_team_knows_its_own(
    captain: Person, engine: Engine, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient]
) -> None:
    draw()
    name = pseudonym(engine)
    draw()
    assert pseudonym(engine) == name
    page = sign_in(captain).get(BOARD).get_data(as_text=True)
    assert f"{name}<small>Votre équipe" in page.replace("\n", "").replace("  ", "")
    own = sign_in(captain).get("/e/2025/team").get_data(as_text=True)
    assert f"nomment votre équipe « {name} »" in own.replace("\u202f", " ").replace("\u00a0", " ")


def test_pseudonyms_are_said_in_the_language_of_the_page(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        said = {word: spoken(f"{word} 123") for word in WORDS}
    assert (said["Amer"], said["Phare"], spoken("Marée haute")) == ("Landmark 123", "Lighthouse 123", "Marée haute")
    assert [word for word in WORDS if said[word] == f"{word} 123"] == []


@pytest.mark.usefixtures("captain")
def test_organisers_read_both_names(
    engine: Engine, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient]
) -> None:
    draw()
    with transaction(engine) as db:
        organiser = make_person(db)
        grant(db, organiser, "organiser")
    page = sign_in(organiser).get("/organise/2025/boards/metiers-secteurs").get_data(as_text=True)
    assert UNIQUE in page
    assert pseudonym(engine) in page


@pytest.mark.usefixtures("captain")
def test_names_come_back_with_the_results(client: FlaskClient, engine: Engine, draw: Callable[..., None]) -> None:
    draw()
    with transaction(engine) as db:
        row = PublishedRanking(
            edition_id="2025", version=1, results={}, reason="", published_at=NOW, published_by=make_person(db).id
        )
        db.add(row)
    draw()
    found = client.get(BOARD + ".json").get_json()
    assert (found["rows"][0]["team"], "masked" in found) == (UNIQUE, False)
    assert client.get(f"{BOARD}/team/{found['rows'][0]['slug']}").status_code == 200
