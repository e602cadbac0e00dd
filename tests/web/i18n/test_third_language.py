"""A further language is one file."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from flask.testing import FlaskClient

from datathon.web import i18n, preferences
from datathon.web.i18n.template import template


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One file de.po beside the French fragments, with one sentence translated."""
    (tmp_path / "fr").symlink_to(i18n.FOLDER / "fr")
    sentences = template()
    found = sentences.get("Sign in")
    assert found is not None
    found.string = "Anmelden"
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
