"""Parts that look again by themselves, in a real browser, against answers that stay, change, fail or are another page."""

from collections.abc import Iterator

import pytest
from browsing import CHROMIUM, FLAGS, REPOSITORY
from playwright.sync_api import Page, Route, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
]
STATIC = REPOSITORY / "datathon/web/static"
SITE = "http://localhost/"
TURN_MS = 50


def part(text: str) -> str:
    return (
        f'<section id="state" hx-get="/part" hx-select="#state" hx-swap="outerMorph" hx-trigger="every {TURN_MS}ms">'
        f"<p>{text}</p></section>"
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with sync_playwright() as player:
        started = player.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        yield started.new_page()
        started.close()


class Told:
    """A site of one page; ``answer`` is what its part is now, ``asked`` how often it was asked for."""

    def __init__(self, page: Page) -> None:
        self.asked, self.answer = 0, (200, part("received"))
        scripts = "".join(f'<script src="/{name}"></script>' for name in ("vendor/htmx.min.js", "js/live.js"))
        start = f'<!DOCTYPE html><html lang="en"><title>T</title>{scripts}<main>{part("received")}</main></html>'

        def give(route: Route) -> None:
            path = route.request.url.removeprefix(SITE)
            if path == "part":
                self.asked += 1
                status, body = self.answer
                if not status:
                    return route.abort()
                return route.fulfill(status=status, content_type="text/html", body=body)
            if path:
                return route.fulfill(content_type="text/javascript", body=(STATIC / path).read_text(encoding="utf-8"))
            return route.fulfill(content_type="text/html", body=start)

        page.route("**/*", give)
        page.goto(SITE)


def test_part_shows_what_is_new(browser: Page) -> None:
    told = Told(browser)
    told.answer = (200, part("scored"))
    browser.wait_for_function("document.querySelector('#state p').textContent === 'scored'")


def test_part_asks_less_often_while_nothing_changes(browser: Page) -> None:
    told = Told(browser)
    browser.wait_for_timeout(40 * TURN_MS)
    # At full pace it asks forty times; pauses of 2, 4 and 8 turns leave nine at most.
    assert 2 <= told.asked <= 12
    told.answer = (200, part("running"))
    browser.wait_for_function("document.querySelector('#state p').textContent === 'running'")


@pytest.mark.parametrize("answer", [
    (503, "<h1>Unavailable</h1>"), (200, "<h1>Sign in</h1>"), (0, ""),
])  # fmt: skip
def test_part_stays_when_the_answer_is_something_else(browser: Page, answer: tuple[int, str]) -> None:
    told = Told(browser)
    told.answer = answer
    browser.wait_for_timeout(20 * TURN_MS)
    assert 1 <= told.asked <= 7
    assert browser.text_content("#state") == "received"
    told.answer = (200, part("scored"))
    browser.wait_for_function("document.querySelector('#state p').textContent === 'scored'")


def test_part_that_nobody_sees_asks_for_nothing(browser: Page) -> None:
    told = Told(browser)
    browser.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    browser.wait_for_timeout(4 * TURN_MS)
    before = told.asked
    browser.wait_for_timeout(20 * TURN_MS)
    assert told.asked == before
    browser.evaluate(
        "Object.defineProperty(document, 'hidden', {value: false, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    told.answer = (200, part("scored"))
    browser.wait_for_function("document.querySelector('#state p').textContent === 'scored'")


def test_part_that_came_to_its_end_asks_no_more(browser: Page) -> None:
    told = Told(browser)
    told.answer = (200, '<section id="state"><p>scored</p></section>')
    browser.wait_for_function("document.querySelector('#state p').textContent === 'scored'")
    # A question that was on its way when the answer came may still arrive.
    browser.wait_for_timeout(5 * TURN_MS)
    before = told.asked
    browser.wait_for_timeout(20 * TURN_MS)
    assert told.asked == before
