from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from datathon.kernel.errors import Invalid, TooLarge
from datathon.web import show

AFTERNOON = datetime(2025, 12, 3, 13, 32, 8, tzinfo=UTC)
FIRST = datetime(2025, 12, 1, 0, 5, tzinfo=UTC)


@contextmanager
def _in(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context("/", headers={"Accept-Language": language}):
        yield


@pytest.mark.parametrize(
    ("name", "value", "french", "english"),
    [
        (
            "instant",
            AFTERNOON,
            "3 décembre 2025, 14\u00a0h\u00a032, heure de Paris",
            "3 December 2025, 14:32, Paris time",
        ),
        ("instant", FIRST, "1er décembre 2025, 1\u00a0h\u00a005, heure de Paris", "1 December 2025, 01:05, Paris time"),
        ("hour", FIRST, "1\u00a0h\u00a005", "01:05"),
        ("day", FIRST, "1er décembre 2025", "1 December 2025"),
        ("day", datetime(2025, 11, 30, 23, 30, tzinfo=UTC), "1er décembre 2025", "1 December 2025"),
        ("day_short", AFTERNOON, "3 déc.", "3 Dec"),
        ("weekday", AFTERNOON, "Mercredi 3 décembre 2025", "Wednesday 3 December 2025"),
        ("decimal", 1063.761, "1\u202f063,761", "1,063.761"),
        ("decimal", -0.5, "−0,5", "−0.5"),
        ("decimal", -1e-9, "0", "0"),
        ("signed", 0.0123, "+0,0123", "+0.0123"),
        ("ordinal", 1, "1er", "1st"),
        ("ordinal", 12, "12e", "12th"),
        ("filesize", 412_000, "412\u00a0ko", "412\u00a0kB"),
        ("filesize", 1_240_000, "1,2\u00a0Mo", "1.2\u00a0MB"),
        ("filesize", 1, "1\u00a0octet", "1\u00a0byte"),
        ("duration", 42, "42\u00a0s", "42\u00a0s"),
        ("duration", 3 * 86400, "3 jours", "3 days"),
    ],
)
def test_value_is_written_as_the_language_does(app: Flask, name: str, value: object, french: str, english: str) -> None:
    with _in(app, "fr"):
        assert show.FILTERS[name](value) == french  # type: ignore[operator]
    with _in(app, "en"):
        assert show.FILTERS[name](value) == english  # type: ignore[operator]


def test_decimal_with_figures_keeps_them(app: Flask) -> None:
    with _in(app, "fr"):
        assert show.decimal(0.5, 4) == "0,5000"
        assert show.decimal(-0.00001, 4) == "0,0000"


def test_duration_of_a_difference(app: Flask) -> None:
    with _in(app, "fr"):
        assert show.duration(timedelta(hours=2, minutes=5)) == "2\u00a0h\u00a005"
    with _in(app, "en"):
        assert show.duration(timedelta(hours=2, minutes=5)) == "2\u00a0h 5\u00a0min"


def test_text_falls_back_to_french(app: Flask) -> None:
    with _in(app, "en"):
        assert show.text({"fr": "Que faire ?"}) == "Que faire\u202f?"
        assert show.text({"fr": "Quoi ?", "en": "What?"}) == "What?"
        assert show.text(None) == ""


def test_sentence_writes_its_parameters_as_the_page_does(app: Flask) -> None:
    with _in(app, "fr"):
        assert (
            show.sentence(TooLarge("The file is larger than %(limit)s.", limit=20_000_000))
            == "Le fichier dépasse 20\u00a0Mo."
        )
        assert show.sentence(Invalid("50 % at most")) == "50 % at most"


def test_text_that_is_shown_in_another_language_says_so(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert show.tongue({"fr": "Emploi"}) == ' lang="fr"'
        assert show.tongue({"fr": "Emploi", "en": "Work"}) == ""
        assert show.tongue({"fr": ""}) == ""
        assert show.tongue("Une carte de la région") == ' lang="fr"'
        assert show.tongue("A map of the region") == show.tongue("Greffe") == ""


def test_table_of_a_text_has_a_title_and_heads() -> None:
    shown = show.prose("| Port | Marnage |\n|---|---:|\n| Le Havre | 7,1 |\n", "A & B")
    assert '<caption class="vh">A &amp; B</caption>' in shown
    assert '<th scope="col" class="num">Marnage</th>' in shown
    assert '<td class="num">7,1</td>' in shown
