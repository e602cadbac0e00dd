"""The statements on access and on weight: texts whose figures and verdicts come from the last measures."""

from collections.abc import Mapping

from flask_babel import gettext as _

from datathon.web.measured import Figures, measured
from datathon.web.show import day, decimal, filesize

NAMES = ("accessibility", "ecodesign")
HEAVIEST = 8
PAPER = {"organiser.print_grids"}
"""Sheets to be printed: they hold every team's on purpose and are outside the budget."""
LIMITS = {"elements": 380, "requests": 6, "bytes": 80_000, "again": 15_000, "score": 80}
"""What a first view may cost at most (elements, requests, bytes), a second view (bytes), and the least EcoIndex."""


def filled(text: str) -> str:
    """Return a statement with its places filled from the last measures; ``text`` is Markdown with {places}."""
    return text.format_map(_places())


def _places() -> Mapping[str, str]:
    seen = measured()
    pages = sorted((page for page in seen.pages if page.endpoint not in PAPER), key=lambda page: page.score)
    broken = [page for page in pages if page.violations or page.faults]
    return {
        "day": day(seen.on),
        "browser": seen.browser,
        "axe": seen.axe,
        "pages": str(len(pages)),
        "clean": str(len(pages) - len(broken)),
        "found": _found(broken),
        "good": str(sum(page.grade == "A" for page in pages)),
        "least": decimal(pages[0].score, 0),
        "middle": decimal(pages[len(pages) // 2].score, 0),
        "most_elements": str(max(page.elements for page in pages)),
        "most_requests": str(max(page.requests for page in pages)),
        "most_size": filesize(max(page.size for page in pages)),
        "most_again": filesize(max(page.again for page in pages)),
        "limit_elements": str(LIMITS["elements"]),
        "limit_requests": str(LIMITS["requests"]),
        "limit_size": filesize(LIMITS["bytes"]),
        "limit_again": filesize(LIMITS["again"]),
        "limit_score": str(LIMITS["score"]),
        "heaviest": _heaviest(pages[:HEAVIEST]),
    }


def _found(broken: list[Figures]) -> str:
    if not broken:
        return "- " + _("The automatic tests found none.")
    return "\n".join(f"- `{page.rule}`: {'; '.join((*page.violations, *page.faults))}" for page in broken)


def _heaviest(pages: list[Figures]) -> str:
    head = "| " + " | ".join((_("Page"), _("Elements"), _("Requests"), _("First view"), _("EcoIndex"))) + " |"
    rows = (
        f"| `{page.rule}` | {page.elements} | {page.requests} | {filesize(page.size)} | {decimal(page.score, 0)} {page.grade} |"
        for page in pages
    )
    return "\n".join((head, "|---|---:|---:|---:|---:|", *rows))
