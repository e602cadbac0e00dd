import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from datathon.web import measured as kept
from datathon.web.public.statements import LIMITS

PLACE = re.compile(r"\{\w+\}")


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measures of two pages, one of them with a fault."""
    page = {
        "endpoint": "public.home", "rule": "/", "violations": [], "faults": [], "elements": 241, "requests": 4,
        "bytes": 12_300, "again": 3_000, "score": 87.4, "grade": "A",
    }  # fmt: skip
    broken = {**page, "endpoint": "public.gallery", "rule": "/e/<edition>/gallery", "violations": ["image-alt .shot"]}
    told = {"measured": "2026-11-22", "browser": "Chromium 156", "axe": "4.12.1", "pages": [page, broken]}
    (tmp_path / "quality.json").write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(kept, "FILE", tmp_path / "quality.json")
    kept.measured.cache_clear()
    yield
    kept.measured.cache_clear()


@pytest.mark.usefixtures("figures")
def test_footer_tells_what_a_page_weighs_and_when_it_was_measured(client: FlaskClient) -> None:
    french = client.get("/").get_data(as_text=True)
    assert "mesurée le 22 novembre 2026\u00a0: 241 éléments, 12\u00a0ko, EcoIndex A (87 sur 100)" in french
    english = client.get("/?lang=en").get_data(as_text=True)
    assert "measured on 22 November 2026: 241 elements, 12\u00a0kB, EcoIndex A (87 of 100)" in english


@pytest.mark.usefixtures("figures")
def test_footer_is_silent_about_a_page_that_nobody_measured(client: FlaskClient) -> None:
    assert "EcoIndex" not in client.get("/account/sign-in").get_data(as_text=True)


@pytest.mark.usefixtures("figures")
def test_accessibility_statement_lists_what_the_tests_found(client: FlaskClient) -> None:
    page = client.get("/legal/accessibility").get_data(as_text=True)
    assert "non conforme" in page
    assert "Sur 2 sortes de pages essayées, 1 ne" in page
    assert "image-alt .shot" in page


@pytest.mark.parametrize("name", ["accessibility", "ecodesign"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_statement_has_no_place_left_open(client: FlaskClient, name: str, language: str) -> None:
    page = client.get(f"/legal/{name}?lang={language}").get_data(as_text=True)
    assert PLACE.findall(page) == []
    assert kept.measured().axe in page or name == "ecodesign"


def test_limits_of_the_statement_are_those_of_the_test() -> None:
    told = (Path(__file__).parents[2] / "journeys" / "measuring.py").read_text(encoding="utf-8")
    limits = next(line for line in told.splitlines() if line.startswith("MOST_ELEMENTS"))
    assert [int(number.replace("_", "")) for number in re.findall(r"[\d_]*\d", limits.split("=")[1])] == list(
        LIMITS.values()
    )


def test_measured_pages_are_within_the_limits() -> None:
    assert [page.rule for page in kept.measured().pages if page.violations or page.faults] == []
