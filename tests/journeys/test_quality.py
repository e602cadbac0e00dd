"""Every page of a demonstration is accessible, light, steady and fits; and the measure sees what is not."""

from collections.abc import Iterator

import pytest
from browsing import CHROMIUM, FLAGS, PHONE, REPOSITORY, journey
from measuring import narrow, ours, violations
from playwright.sync_api import Page, sync_playwright
from quality import survey, unreached

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
]
# They answer with data, with files or with a part of a page.
NOT_PAGES = {
    "account.my_data", "jury.dossier_file", "organiser.ranking_json", "participant.logbook",
    "participant.prototype_file", "participant.receipt_file", "participant.submitted_file", "public.data",
    "public.leaderboard_csv", "public.leaderboard_json", "public.live", "public.precheck", "public.prototype_file",
    "public.ready", "public.results_json", "public.schema", "public.board_card", "public.board_feed", "organiser.minutes_file",
    "organiser.probing_csv", "public.pitches_json", "static_file", "organiser.minutes_pdf", "public.edition_file", "public.track_file",
    # These lead on to a page.
    "organiser.boards", "organiser.probing", "jury.comparisons",
}  # fmt: skip
# Pages about things that a fresh demonstration has not.
ABOUT_NOTHING = {
    "organiser.rescoring", "organiser.scoring_log", "public.public_minutes",
}  # fmt: skip


@pytest.mark.timeout(600)
def test_every_page_is_accessible_light_and_fits(demonstration: list[str]) -> None:
    address = demonstration[-1].removeprefix("ready ")
    with journey(address, demonstration, REPOSITORY / "test-output" / "screenshots") as here:
        places = survey(here)
    assert [fault for place in places for fault in place.wrong] == []
    assert sorted(unreached(places) - NOT_PAGES - ABOUT_NOTHING) == []


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        yield browser.new_page(viewport=PHONE)
        browser.close()


def _page(body: str, style: str = "") -> str:
    return f'<!DOCTYPE html><html lang="fr"><title>T</title><style>{style}</style><main><h1>T</h1>{body}</main></html>'


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("color-contrast", '<p style="color:#999">Pâle</p>'),
        ("image-alt", '<img src="data:,">'),
        ("heading-order", "<h4>Trop bas</h4>"),
        (
            "target-size",
            '<button style="width:9px;height:9px;padding:0">x</button><button style="width:9px">y</button>',
        ),
        ("label", "<input>"),
    ],
)
def test_measure_sees_what_is_inaccessible(page: Page, rule: str, body: str) -> None:
    page.set_content(_page(body))
    assert any(one.startswith(rule) for one in violations(page))


def test_measure_sees_what_sticks_out(page: Page) -> None:
    page.set_content(_page('<p style="width:500px">Trop large</p>'))
    assert [one[:9] for one in narrow(page)] == ["320 px wi"]


def test_measure_sees_a_hidden_outline_and_what_covers_it(page: Page) -> None:
    bar = "nav{position:fixed;inset:0;background:#fff} a:focus{outline:none}"
    page.set_content(_page('<a href="#a">Dessous</a><nav>Dessus</nav>', bar))
    wrong = narrow(page)
    assert [one.split(":")[0] for one in wrong] == ["no outline", "covered"]


def test_measure_sees_a_page_that_moves(page: Page) -> None:
    painted = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 600)))"
    page.set_content(_page("<p>Ça bouge</p>"))
    page.evaluate(painted)  # past the half second in which a shift counts as an answer to a key
    page.evaluate("document.querySelector('h1').style.marginTop = '200px'")
    page.evaluate(painted)
    assert ours(page, "weigh")["shift"] > 0
