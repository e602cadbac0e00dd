import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from factories import make_edition
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import ngettext
from sqlalchemy import Engine

from datathon.store.db import transaction
from datathon.web.i18n import FOLDER, catalogue

FRAGMENTS = sorted((FOLDER / "fr").glob("*.po"))
PLACE = re.compile(r"%\((\w+)\)")


@pytest.fixture(autouse=True)
def edition(engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)


def _lang(client: FlaskClient, url: str, **headers: str) -> str:
    page = client.get(url, headers=headers).get_data(as_text=True)
    found = re.search(r'<html lang="(\w+)"', page)
    assert found is not None
    return found[1]


def test_language_is_the_browsers(client: FlaskClient) -> None:
    assert _lang(client, "/", **{"Accept-Language": "en-GB,en;q=0.9,fr;q=0.5"}) == "en"


def test_language_is_french_where_nothing_fits(client: FlaskClient) -> None:
    assert _lang(client, "/", **{"Accept-Language": "nl,de;q=0.5"}) == "fr"


def test_language_asked_for_in_the_address_is_kept(client: FlaskClient) -> None:
    assert _lang(client, "/?lang=en") == "en"
    assert _lang(client, "/e/2025") == "en"


def test_language_that_does_not_exist_is_ignored(client: FlaskClient) -> None:
    assert _lang(client, "/?lang=tlh") == "fr"


def test_french_plural_has_zero_in_the_singular() -> None:
    french = catalogue("fr")
    assert [french.plural(number) for number in (0, 1, 2)] == [0, 0, 1]


def test_english_needs_no_file(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert ngettext("%(num)s team", "%(num)s teams", 2) == "2 teams"


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_fragment_keeps_the_places_of_its_sentences(path: Path) -> None:
    with path.open("rb") as file:
        messages = [m for m in read_po(file, locale="fr") if m.id]
    wrong = []
    for message in messages:
        wanted = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        said = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        places = {name for text in wanted for name in PLACE.findall(text)}
        if not all(said):
            wrong.append(f"not translated: {message.id}")
        if {name for text in said for name in PLACE.findall(text)} - places - {"num"}:
            wrong.append(f"unknown place: {message.id}")
    assert wrong == []


def test_fragments_agree_with_each_other() -> None:
    said: dict[object, tuple[str, object]] = {}
    wrong = []
    for path in FRAGMENTS:
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                key = message.id if isinstance(message.id, str) else tuple(message.id)
                earlier = said.setdefault(key, (path.stem, message.string)) if key else None
                if earlier and earlier[1] != message.string:
                    wrong.append(f"{key}: {earlier[0]} says {earlier[1]!r}, {path.stem} says {message.string!r}")
    assert wrong == []


def test_one_reader_does_not_fix_the_language_of_the_next(client: FlaskClient) -> None:
    # The footer of an edition holds a filter of a constant, which Jinja computes once unless it is told not to.
    french = client.get("/e/2025?lang=fr").get_data(as_text=True)
    english = client.get("/e/2025?lang=en").get_data(as_text=True)
    assert "Aide et contact" in french
    assert "Help and contact" in english
    assert "Aide et contact" not in english
