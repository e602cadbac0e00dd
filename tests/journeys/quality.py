"""Every page of a running demonstration, measured; docs/quality.md and the figures that footers show are written from it.

    python tests/journeys/quality.py ADDRESS SIGN-INS

SIGN-INS is what the start of the demonstration printed. The test measures each page twice (French, light, wide; English,
dark, phone), the command in all four pairs of language and scheme; each page as the first sort of account that reaches it,
with ``--every`` as all of them.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from browsing import REPOSITORY, Journey, journey
from measuring import AXE, Dress, Weight, Wire, narrow, violations, weigh
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from datathon.config import Settings
from datathon.web.app import create_app

TWO = (Dress("fr", "light"), Dress("en", "dark", phone=True))
AXE_VERSION = AXE[: AXE.index("\n")].split("axe v", 1)[1].strip()
FOUR = (*TWO, Dress("fr", "dark"), Dress("en", "light", phone=True))
# Who walks: by what name, with which of the demonstration's sign-ins. The workshop runs, the edition of 2025 is over.
WALKERS = {
    "visitor": ("", 0),
    "participant": ("participant", 2),
    "participant (2025)": ("participant", 0),
    "juror": ("juror", 0),
    "president of the jury": ("juror", 2),
    "organiser": ("organiser", 0),
}
NOBODY = "x" * 43
ENTRANCES = {
    "visitor": (
        "/e/2025", "/e/atelier", "/", "/nowhere", f"/account/confirm/{NOBODY}", f"/account/reset/{NOBODY}",
        "/account/letter-sent", "/account/forgotten", "/style", "/preferences",
        f"/account/jury/{NOBODY}", "/e/atelier/c/marnage/leaderboard/screen", "/e/atelier/c/marnage/leaderboard/card",
        "/e/2025/results/certainty/metric", "/e/atelier/leaderboard", "/e/2025/leaderboard", "/e/atelier/tracks/coast/leaderboard",
        "/e/atelier/pitches", "/e/atelier/pitches/screen", "/e/atelier/vote",
    ),
    "participant": ("/account", "/e/atelier/team", "/e/atelier/c/marnage/submit", f"/e/2025/join/{NOBODY}"),
    "participant (2025)": ("/e/2025/team", "/e/2025/c/metiers-secteurs/submit", "/e/2025/team/jury"),
    "juror": ("/jury/", "/account"),
    "president of the jury": ("/jury/2025/president/sheets", "/jury/atelier/pitches/now"),
    # By name what only some editions' pages lead to: the walk looks at one edition of each page, whichever it meets first.
    "organiser": (
        "/organise/", "/account", "/organise/atelier/jury/members", "/organise/atelier/jury/assignment",
        "/organise/atelier/rescoring", "/organise/atelier/journal", "/organise/atelier/letters",
        "/organise/2025/jury/paper", "/organise/2025/deliberation", "/organise/2025/deliberation/minutes",
        "/organise/2025/noise/metiers-secteurs", "/organise/2025/probing/metiers-secteurs",
        "/organise/2025/feedback", "/organise/2025/appeals",
        "/organise/atelier/jury/comparisons", "/organise/atelier/jury/pitches", "/organise/atelier/jury/vote",
        "/organise/2025/boards/metiers-secteurs", "/organise/2025/jury/rubric",
        "/organise/atelier/brackets", "/organise/atelier/teams/table-ronde/status",
    ),
}  # fmt: skip
# Sheets to be printed: they hold every team's on purpose, whatever they weigh.
PAPER = {"organiser.print_grids"}
# Parts of an address that make another page of it, not the same page about something else.
TELLING = ("page", "document")
TEXT = Path(__file__).with_name("quality.template.md").read_text(encoding="utf-8")
DATA, TABLE = REPOSITORY / "datathon" / "web" / "quality.json", REPOSITORY / "docs" / "quality.md"


@dataclass(slots=True)
class Place:
    """A page as one role sees it: what was found in each dress, what it weighs in the first."""

    role: str
    endpoint: str
    rule: str
    path: str
    weight: Weight
    faults: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be."""
        return [f"{self.role} {self.path}: {one}" for one in (*self.axe, *self.faults)]


def addresses() -> Map:
    """Return the addresses of the application."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(replace(Settings(), data_dir=Path(folder), secret_key="-" * 40))
    return app.url_map


@dataclass(slots=True)
class Survey:
    """A walk through all pages; ``places`` by role and page."""

    here: Journey
    known: Map = field(default_factory=addresses)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)

    def name(self, path: str) -> tuple[str, str, str]:
        """Return what tells a page from others, its endpoint and its rule; "" for an address of nobody."""
        try:
            rule, names = self.known.bind("localhost").match(path, return_rule=True)
        except HTTPException:
            return "nowhere", "", "/…"
        told = ".".join(str(names[name]) for name in TELLING if name in names)
        shown = rule.rule
        for name in TELLING:
            if name in names:
                shown = shown.replace(f"<{name}>", str(names[name]))
        return f"{rule.endpoint}.{told}", rule.endpoint, shown

    def walk(self, role: str, dresses: tuple[Dress, ...], *, every: bool) -> None:
        """Measure what somebody reaches; without ``every`` only what nobody with another sort of account reached."""
        first, *others = dresses
        with _dressed(self.here, role, first) as page:
            self._explore(page, role, first, every=every)
        for dress in others:
            with _dressed(self.here, role, dress) as page:
                for place in [place for (whose, _), place in self.places.items() if whose == role]:
                    page.goto(self.here.address + place.path)
                    place.axe += [f"{dress.language} {dress.scheme}: {one}" for one in violations(page)]

    def _explore(self, page: Page, role: str, dress: Dress, *, every: bool) -> None:
        wire = Wire(page)
        waiting = list(ENTRANCES[role])
        sort = WALKERS[role][0]
        met = {name for whose, name in self.places if not every and WALKERS[whose][0] != sort}
        while waiting:
            path = waiting.pop(0)
            name, endpoint, rule = self.name(path)
            if name in met or "HTML" not in self._kind(page, path):
                continue
            met.add(name)
            weight, links = weigh(page, wire, self.here.address + path)
            place = Place(role, endpoint, rule, path, weight)
            place.faults += [] if endpoint in PAPER else weight.faults()
            place.axe += [f"{dress.language} {dress.scheme}: {one}" for one in violations(page)]
            place.faults += narrow(page)
            self.places[role, name] = place
            waiting += self._own(links)

    def _kind(self, page: Page, path: str) -> str:
        answer = page.request.get(self.here.address + path)
        return "HTML" if "<!DOCTYPE html>" in answer.text()[:200] else ""

    def _own(self, links: list[str]) -> Iterator[str]:
        for link in links:
            if link.startswith(f"{self.here.address}/") and not urlsplit(link).query:
                path = urlsplit(link).path
                if not any(part in path for part in ("/data/", "/files/", ".json", ".csv", ".ics", ".xml")):
                    yield path


@contextmanager
def _dressed(here: Journey, role: str, dress: Dress) -> Iterator[Page]:
    name, number = WALKERS[role]
    with here.person(name, number=number, phone=dress.phone, language=dress.language, scheme=dress.scheme) as page:
        yield page


def survey(here: Journey, dresses: tuple[Dress, ...] = TWO, *, every: bool = False) -> list[Place]:
    """Walk all roles and return the pages, by role and rule."""
    all_of_it = Survey(here)
    for role in WALKERS:
        all_of_it.walk(role, dresses, every=every)
    walkers = list(WALKERS)
    return sorted(all_of_it.places.values(), key=lambda place: (walkers.index(place.role), place.rule))


def unreached(places: list[Place]) -> set[str]:
    """Return the endpoints that answer GET and that nobody reached."""
    seen = {place.endpoint for place in places}
    return {rule.endpoint for rule in addresses().iter_rules() if "GET" in (rule.methods or ())} - seen


def write(places: list[Place], browser: str) -> None:
    """Write the table of docs/quality.md and, for footers and statements, the heaviest figures of each page."""
    by_page: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        by_page.setdefault((place.endpoint, place.rule), []).append(place)
    rows = [_row(rule, found) for (_endpoint, rule), found in by_page.items()]
    today = datetime.now(UTC).date()
    TABLE.write_text(TEXT.format(rows="\n".join(rows), day=today, browser=browser, axe=AXE_VERSION), encoding="utf-8")
    pages = [_figures(endpoint, rule, found) for (endpoint, rule), found in by_page.items()]
    told = {"measured": str(today), "browser": browser, "axe": AXE_VERSION, "pages": pages}
    DATA.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(rule: str, found: list[Place]) -> str:
    heaviest = min(found, key=lambda place: place.weight.score)
    weight = heaviest.weight
    who = ", ".join(dict.fromkeys(place.role.split(" (")[0] for place in found))
    wrong = sum(len(place.axe) for place in found)
    return (
        f"| `{rule}` | {who} | {wrong or 'none'} | {weight.elements} | {weight.requests} | {weight.size / 1000:.1f} | "
        f"{weight.again / 1000:.1f} | {weight.score:.0f} {weight.grade} |"
    )


def _figures(endpoint: str, rule: str, found: list[Place]) -> dict[str, object]:
    weight = min(found, key=lambda place: place.weight.score).weight
    return {
        "endpoint": endpoint,
        "rule": rule,
        "violations": sorted({one for place in found for one in place.axe}),
        "faults": sorted({one for place in found for one in place.faults}),
        "elements": weight.elements,
        "requests": weight.requests,
        "bytes": weight.size,
        "again": weight.again,
        "score": round(weight.score, 1),
        "grade": weight.grade,
    }


if __name__ == "__main__":
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    with journey(sys.argv[1], lines, REPOSITORY / "test-output" / "screenshots") as running:
        measured = survey(running, FOUR, every="--every" in sys.argv)
        write(measured, f"Chromium {running.browser.version}")
    sys.exit("\n".join(fault for place in measured for fault in place.wrong) or None)
