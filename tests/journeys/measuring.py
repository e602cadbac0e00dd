"""One page measured in Chromium: what axe finds, what it weighs, whether it fits and shows where the keyboard is."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from ecoindex import ecoindex, grade
from playwright.sync_api import CDPSession, Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
OURS = Path(__file__).with_name("measuring.js").read_text(encoding="utf-8")
MOST_ELEMENTS, MOST_REQUESTS, MOST_BYTES, MOST_AGAIN, LEAST_SCORE = 380, 6, 80_000, 15_000, 80
NARROW = (320, 640)
"""A desktop screen of 1280 px at 400 % and at 200 %."""


@dataclass(frozen=True, slots=True)
class Dress:
    """How a page is looked at."""

    language: str
    scheme: Literal["light", "dark"]
    phone: bool = False


@dataclass(frozen=True, slots=True)
class Weight:
    """What a first view costs: elements, requests and bytes on the wire; ``again`` are the bytes of the second view."""

    elements: int
    requests: int
    size: int
    again: int
    shift: float

    @property
    def score(self) -> float:
        """EcoIndex, 0 to 100."""
        return ecoindex(elements=self.elements, requests=self.requests, kilobytes=self.size / 1000)

    @property
    def grade(self) -> str:
        """Letter of the EcoIndex."""
        return grade(self.score)

    def faults(self) -> list[str]:
        """Return what is over the budget."""
        limits = (
            ("elements", self.elements, MOST_ELEMENTS),
            ("requests", self.requests, MOST_REQUESTS),
            ("bytes", self.size, MOST_BYTES),
            ("bytes of the second view", self.again, MOST_AGAIN),
            ("layout shift", self.shift, 0),
        )
        over = [f"{name}: {value:g}, at most {most}" for name, value, most in limits if value > most]
        return over if self.score >= LEAST_SCORE else [*over, f"EcoIndex {self.score:.1f}"]


class Wire:
    """Counts what one page asks for and receives."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.requests, self.size = 0, 0.0
        self.asked: set[str] = set()
        self.session.on("Network.requestWillBeSent", self._asked)
        self.session.on("Network.loadingFinished", self._came)
        self.session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.asked.add(event["request"]["url"])

    def _came(self, event: dict[str, Any]) -> None:
        self.size += event["encodedDataLength"]

    def empty(self, *, cache: bool) -> None:
        """Count from nothing, and forget what the browser kept where ``cache``."""
        self.requests, self.size = 0, 0.0
        self.asked.clear()
        if cache:
            self.session.send("Network.clearBrowserCache")


def ours(page: Page, function: str) -> Any:
    """Run one of the functions of measuring.js in the page."""
    return page.evaluate(f"({OURS}).{function}()")


def weigh(page: Page, wire: Wire, address: str) -> tuple[Weight, list[str]]:
    """Open an address cold, then again; return what it costs and where it links to."""
    wire.empty(cache=True)
    page.goto(address, wait_until="load")
    seen = ours(page, "weigh")
    # Some sorts of Chromium without a window ask for no icon; people's browsers do.
    requests, size = wire.requests + len(set(seen["icons"]) - wire.asked), wire.size
    wire.empty(cache=False)
    page.goto(address, wait_until="load")
    # A busy machine may paint half a page; what moves by the page's own making moves the second time too.
    shift = min(seen["shift"], ours(page, "weigh")["shift"])
    return Weight(seen["elements"], requests, round(size), round(wire.size), round(shift, 4)), seen["links"]


def violations(page: Page) -> list[str]:
    """Return what axe finds: WCAG 2.2 A and AA and its best practices."""
    page.evaluate(AXE)
    return list(ours(page, "axe"))


def narrow(page: Page) -> list[str]:
    """Return what sticks out in narrow windows and what hides the keyboard's place in the narrowest."""
    wrong: list[str] = []
    before = page.viewport_size
    for pixels in NARROW:
        page.set_viewport_size({"width": pixels, "height": 640})
        wrong += [f"{pixels} px wide: {one}" for one in ours(page, "sideways")]
    page.set_viewport_size({"width": NARROW[0], "height": 640})
    page.keyboard.press("Tab")
    wrong += ours(page, "unseen")
    if before:
        page.set_viewport_size(before)
    return wrong
