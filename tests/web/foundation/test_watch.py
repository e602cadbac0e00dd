"""Pages follow the challenges folder without a restart."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factories import grant, make_edition, make_person
from flask import Flask
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.editions.watch import Watch
from datathon.store.db import transaction
from datathon.web.app import create_app
from datathon.web.house import EXTENSION


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the edition of 2025 that a test may change."""
    shutil.copytree(settings.challenges_dir / "2025", tmp_path / "folders" / "2025")
    return tmp_path / "folders"


@pytest.fixture
def app(root: Path, settings: Settings, engine: Engine) -> Iterator[Flask]:
    with transaction(engine) as db:
        make_edition(db)
    made = create_app(replace(settings, challenges_dir=root))
    made.testing = True
    house = made.extensions[EXTENSION]
    made.extensions[EXTENSION] = replace(house, watch=Watch(root, every_s=0))
    yield made
    house.engine.dispose()


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_changed_title_is_served_at_the_next_request(app: Flask, root: Path) -> None:
    client = app.test_client()
    assert "Tout autre titre" not in client.get("/e/2025").get_data(as_text=True)
    change(root / "2025" / "edition.toml", "Emploi et formation", "Tout autre titre")
    assert "Tout autre titre" in client.get("/e/2025").get_data(as_text=True)


def test_broken_folder_stays_on_the_air_and_organisers_read_the_line(app: Flask, root: Path, engine: Engine) -> None:
    with transaction(engine) as db:
        organiser = make_person(db, "Paul Anquetil")
        grant(db, organiser, "organiser")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{organiser.id}:{organiser.session_epoch}"
        session["_fresh"] = True
    change(root / "2025" / "edition.toml", "[edition]", "[edition]\nunknown_key = 1")
    assert client.get("/e/2025").status_code == 200
    page = client.get("/organise/2025", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "2025/edition.toml:" in page
    assert "unknown_key" in page
    assert str(root) + os.sep not in page
