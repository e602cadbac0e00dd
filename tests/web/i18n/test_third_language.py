"""A further language is one file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import ngettext

from datathon.web import i18n, preferences, show
from datathon.web.i18n.template import template


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One file de.po beside the French fragments, with one sentence translated."""
    (tmp_path / "fr").symlink_to(i18n.FOLDER / "fr")
    sentences = template()
    found = sentences.get("Sign in")
    assert found is not None
    found.string = "Anmelden"
    sentences.locale = Locale.parse("de")
    counted = sentences.get("%(num)s team.")
    assert counted is not None
    counted.string = ("%(num)s Team.", "%(num)s Teams.")
    with (tmp_path / "de.po").open("wb") as file:
        write_po(file, sentences)
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    monkeypatch.setattr(i18n, "LANGUAGES", i18n.spoken(tmp_path))
    monkeypatch.setitem(preferences.CHOICES, "lang", i18n.spoken(tmp_path))
    i18n.catalogue.cache_clear()
    yield
    i18n.catalogue.cache_clear()


@pytest.mark.usefixtures("german")
def test_language_is_there_by_one_file(client: FlaskClient) -> None:
    page = client.get("/legal/help?lang=de").get_data(as_text=True)
    assert '<html lang="de">' in page
    assert "Anmelden" in page
    # What is not translated is said in English.
    assert "Skip to the content" in page


@pytest.mark.usefixtures("german")
def test_another_language_writes_dates_shares_and_ranks_its_own_way(app: Flask) -> None:
    opened = datetime(2025, 11, 5, 8, tzinfo=UTC)
    with app.test_request_context("/?lang=de"):
        assert show.instant(opened) == "5. November 2025, 09:00, Paris time"
        assert show.day_short(opened) == "5. Nov."
        assert show.percent(2.5, 1) == "2,5\u00a0%"
        assert show.ordinal(1) == "1."
        # Three plurals or one: the catalogue's own rule counts.
        assert [ngettext("%(num)s team.", "%(num)s teams.", count) for count in (0, 1, 2)] == [
            "0 Teams.",
            "1 Team.",
            "2 Teams.",
        ]


def test_file_of_a_language_nobody_can_date_is_left_alone(tmp_path: Path) -> None:
    for name in ("br.po", "nrm.po", "notes.po"):
        (tmp_path / name).touch()
    assert i18n.spoken(tmp_path) == ("fr", "en", "br")


@pytest.mark.usefixtures("german")
def test_languages_are_listed_french_first() -> None:
    assert i18n.LANGUAGES == ("fr", "en", "de")


def test_template_holds_every_sentence_and_no_translation() -> None:
    written = BytesIO()
    write_po(written, template())
    written.seek(0)
    sentences = read_po(written)
    french = set()
    for path in (i18n.FOLDER / "fr").glob("*.po"):
        with path.open("rb") as file:
            french |= {str(message.id) for message in read_po(file) if message.id}
    assert {str(message.id) for message in sentences if message.id} == french
    assert not any(
        message.string if isinstance(message.string, str) else any(message.string)
        for message in sentences
        if message.id
    )
