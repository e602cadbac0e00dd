"""Boards of one kind of team, chosen by its captain and corrected by organisers."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from factories import accept_rules, grant, make_person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.public.conftest import BOARD, Fair

from datathon.config import Settings
from datathon.people.tables import Person
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry
from datathon.teams.tables import Team

KINDS = """
[[brackets]]
id = "students"
title = { fr = "Étudiantes et étudiants", en = "Students" }

[[brackets]]
id = "first"
title = { fr = "Première participation", en = "First-timers" }
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + KINDS, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


def brackets(engine: Engine) -> list[str]:
    with reading(engine) as db:
        return list(db.exec(select(Team).where(Team.slug == "cap-cotentin")).one().brackets)


def test_captain_claims_and_the_board_ranks_within(
    fair: Fair, engine: Engine, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient], app: Flask
) -> None:
    draw()
    with transaction(engine) as db:
        accept_rules(db, fair.other)
    client = sign_in(fair.other)
    assert "Première participation" in client.get("/e/2025/team").get_data(as_text=True)
    sent = client.post("/e/2025/team/brackets", data={"brackets": ["first", "students", "first"]})
    assert (sent.status_code, brackets(engine)) == (303, ["students", "first"])
    stranger = app.test_client()
    rows = stranger.get(BOARD + ".json").get_json()["rows"]
    assert [(row["rank"], row.get("brackets")) for row in rows] == [(1, []), (None, None), (2, ["students", "first"])]
    page = stranger.get(BOARD + "?bracket=students", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert "Marée haute" not in page
    assert (
        page.index('<td class="rank">1</td>') < page.index('<td class="rank">2</td>') < page.index("Cap Cotentin</a>")
    )
    assert stranger.get(BOARD + "?bracket=nobody").status_code == 404


def test_claim_of_what_is_not_there_is_refused_in_words(
    fair: Fair, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    answer = sign_in(fair.other).post("/e/2025/team/brackets", data={"brackets": ["experts"]})
    assert answer.status_code == 422
    assert "pas de catégorie" in answer.get_data(as_text=True)
    assert brackets(engine) == []


@pytest.mark.usefixtures("fair")
def test_organiser_corrects_and_the_journal_keeps_it(engine: Engine, sign_in: Callable[[Person], FlaskClient]) -> None:
    with transaction(engine) as db:
        organiser = make_person(db)
        grant(db, organiser, "organiser")
        db.exec(select(Team).where(Team.slug == "cap-cotentin")).one().brackets = ["students"]
    client = sign_in(organiser)
    assert "checked" in client.get("/organise/2025/brackets?team=cap-cotentin").get_data(as_text=True)
    sent = client.post("/organise/2025/brackets", data={"team": "cap-cotentin", "brackets": "first"})
    assert (sent.status_code, brackets(engine)) == (303, ["first"])
    assert client.post("/organise/2025/brackets", data={"team": "nobody"}).status_code == 404
    with reading(engine) as db:
        line = db.exec(select(AuditEntry).where(AuditEntry.act == "correct_brackets")).one()
    assert (line.details["before"], line.details["after"]) == (["students"], ["first"])
    assert "Catégories de cap-cotentin corrigées" in client.get("/organise/2025/journal").get_data(as_text=True)


def test_board_of_a_bracket_is_read_from_memory(client: FlaskClient, app: Flask, draw: Callable[..., None]) -> None:
    draw()
    asked: list[str] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: asked.append(""))
    for query in ("?bracket=students", "?bracket=students&page=1", "?bracket=first"):
        first = client.get(BOARD + query)
        before = len(asked)
        assert (client.get(BOARD + query).data, len(asked)) == (first.data, before)
    assert client.get(BOARD + "?bracket=nobody").status_code == 404
