"""What the pages weigh, as measured in a browser and written down: no page measures itself.

``tests/journeys/quality.py`` writes the figures; see docs/quality.md.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from flask import request

FILE = Path(__file__).with_name("quality.json")


@dataclass(frozen=True, slots=True)
class Figures:
    """One sort of page: DOM elements, requests and bytes of a first view, bytes of the second; EcoIndex 0 to 100, A to G."""

    rule: str
    endpoint: str
    elements: int
    requests: int
    size: int
    again: int
    score: float
    grade: str
    violations: tuple[str, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """All of them, the day they were measured and with what."""

    on: date
    browser: str
    axe: str
    pages: tuple[Figures, ...]


@cache
def measured() -> Measured:
    """Return the last measures."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    pages = tuple(
        Figures(
            rule=page["rule"],
            endpoint=page["endpoint"],
            elements=page["elements"],
            requests=page["requests"],
            size=page["bytes"],
            again=page["again"],
            score=page["score"],
            grade=page["grade"],
            violations=tuple(page["violations"]),
            faults=tuple(page["faults"]),
        )
        for page in told["pages"]
    )
    return Measured(date.fromisoformat(told["measured"]), told["browser"], told["axe"], pages)


def of_this_page() -> Figures | None:
    """Return the figures of the present sort of page, the heaviest where several share a view; None when nobody measured it."""
    if request.endpoint is None:
        return None
    found = [page for page in measured().pages if page.endpoint == request.endpoint]
    return min(found, key=lambda page: page.score, default=None)
