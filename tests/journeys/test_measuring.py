"""What the walk measures with sees what is inaccessible, what sticks out and what moves.

In a file of its own: its browser stays open, and Playwright takes one at a time.
"""

from collections.abc import Iterator

import pytest
from browsing import CHROMIUM, FLAGS, PHONE, REPOSITORY
from measuring import narrow, ours, violations
from playwright.sync_api import Page, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
]

SHEETS = ("tokens", "base", "frame", "components")


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


def test_shapes_are_drawn_where_the_system_imposes_its_colours(page: Page) -> None:
    sheets = (REPOSITORY / "datathon" / "web" / "static" / "css" / f"{name}.css" for name in SHEETS)
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    shapes = "".join(f'<p class="tag {shape}">x</p>' for shape in ("", "full", "half", "fail"))
    body = f'{shapes}<table class="board"><tr><td class="lane"></td><td class="lane tie"></td></tr></table>'
    page.emulate_media(forced_colors="active")
    page.set_content(_page(body, style))
    drawn = page.eval_on_selector_all(
        ".tag",
        "all => all.map(one => getComputedStyle(one, '::before')).map(s => s.backgroundColor + s.backgroundImage)",
    )
    lanes = page.eval_on_selector_all(".lane", "all => all.map(one => getComputedStyle(one).boxShadow)")
    page.emulate_media(forced_colors="none")
    assert len({drawn[0], drawn[1], drawn[2]}) == 3
    assert lanes[0] == "none"
    assert lanes[1] != "none"
