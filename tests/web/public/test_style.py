"""The style pages hold what the style sheets say, so that neither grows without the other."""

import re

import pytest
from flask.testing import FlaskClient

from datathon.web.assets import FOLDER, asset

PAGES = ("/style", "/style/tables", "/style/forms", "/style/charts")
# Classes that lay out one page or place what stands on any page; they show nothing by themselves.
LAYOUTS = {
    "any page": {"beside", "cite", "gap", "gapb", "margin", "meter", "noprint", "read", "scale", "scroll"},
    "home": {"hero", "home", "long", "next"},
    "edition and challenge": {"h18", "opening", "shot"},
    "board on a screen, on a card, pitches on a screen": {"card", "pitching", "screen"},
    "lists of the jury": {"order", "sheets", "spread"},
    "sheet of the jury": {"savebar", "sheet", "trouble", "typing", "viewer"},
    "deliberation and minutes": {"annex", "deciding", "minutes", "signs"},
    "ballot": {"pick"},
    "print": {"blank", "cards", "paper", "signed", "writing"},
}


def classes() -> set[str]:
    sheets = b"".join(found.content for name in ("css/house.css", "css/rest.css") if (found := asset(name)))
    selectors = re.sub(r"\{[^{}]*\}", "{}", sheets.decode())
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def worn(pages: str) -> set[str]:
    return {name for said in re.findall(r'class="([^"]*)"', pages) for name in said.split()}


def test_every_component_stands_on_a_style_page(client: FlaskClient) -> None:
    shown = worn("".join(client.get(url).get_data(as_text=True) for url in PAGES))
    laid = set().union(*LAYOUTS.values())
    assert classes() - shown - laid == set(), "a class without an example"
    assert laid & shown == set(), "shown after all"


def test_no_layout_is_left_over() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("templates/**/*.html"))
    laid = set().union(*LAYOUTS.values())
    assert laid <= classes()
    assert {name for name in laid if not re.search(rf"""class=.*\b{name}\b""", sources)} == set()


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_style_pages_lead_to_each_other(client: FlaskClient, url: str, language: str) -> None:
    page = client.get(f"{url}?lang={language}", follow_redirects=True).get_data(as_text=True)
    assert all(f'href="{other}"' in page for other in PAGES)
    assert page.count('aria-current="page"') >= 1


def test_there_is_no_other_style_page(client: FlaskClient) -> None:
    assert client.get("/style/nothing").status_code == 404
