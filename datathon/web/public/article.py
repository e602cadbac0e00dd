"""A Markdown text as a page shows it: one plate per second-level heading. Pure."""

import re
from dataclasses import dataclass

from datathon.kernel.ids import slug

_TITLE = re.compile(r"\A\s*# +(?P<title>[^\n]+)\n?")
_SECTION = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the Markdown under it; ``anchor`` is its place in the page."""

    title: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text cut at its headings; ``title`` is its first-level heading, "" without one; ``opening`` stands before all."""

    title: str
    opening: str
    sections: tuple[Section, ...]


def article(markdown: str) -> Article:
    """Return a Markdown text cut at its second-level headings.

    Headings inside a fenced code block are read as headings too: the texts of editions hold none.
    """
    found = _TITLE.match(markdown)
    title = found["title"].strip() if found else ""
    opening, *rest = _SECTION.split(markdown[found.end() :] if found else markdown)
    sections = (
        Section(head, f"s{number}-{slug(head)}", body.strip())
        for number, (head, body) in enumerate(zip(rest[::2], rest[1::2], strict=True), start=1)
    )
    return Article(title, opening.strip(), tuple(sections))
