"""What is wrong in a form that was refused, gathered above it: one line for each field, with a link that leads there.

Read from the page that a view has drawn: a field is wrong where it says ``aria-invalid``, and why stands where its
``aria-describedby`` leads. So no form has to think of it, and none can forget it.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import request

FIELDS = {"input", "select", "textarea"}
EMPTY = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
SILENT = {"select", "small", "textarea", "template"}
"""Elements whose words are no part of the label around them."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A field to correct: the id of its control, its label and what is said beside it, both as plain text."""

    id: str
    label: str
    why: str


@dataclass(slots=True)
class _Open:
    """An element that is still open: its tag and id, for which field it is a label, whether it says what is wrong."""

    tag: str
    id: str
    names: str
    error: bool
    legend: str = ""
    words: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects wrong fields with the ids that describe them, and the words of labels and of errors by id."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: dict[str, tuple[list[str], _Open | None]] = {}
        self.labels: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self._open: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        own = said.get("id", "")
        if said.get("aria-invalid") == "true" and own:
            group = next((one for one in reversed(self._open) if one.tag == "fieldset"), None)
            self.wrong[own] = said.get("aria-describedby", "").split(), group
            self.labels.setdefault(own, said.get("aria-label", ""))
        if tag in FIELDS:
            for around in self._open:
                if around.tag == "label" and not around.names:
                    around.names = own
        if tag not in EMPTY:
            self._open.append(_Open(tag, own, said.get("for", ""), _tells(said)))

    def handle_endtag(self, tag: str) -> None:
        if not any(one.tag == tag for one in self._open):
            return
        while (closed := self._open.pop()).tag != tag:
            pass
        words = " ".join("".join(closed.words).split())
        if closed.names:
            self.labels[closed.names] = self.labels.get(closed.names) or words
        if closed.tag == "legend" and self._open:
            self._open[-1].legend = self.labels[self._open[-1].id] = words
        if closed.error and closed.id:
            self.errors[closed.id] = words

    def handle_data(self, data: str) -> None:
        if not any(one.tag in SILENT for one in self._open):
            for one in self._open:
                one.words.append(data)


def _tells(said: dict[str, str]) -> bool:
    return "err" in said.get("class", "").split() or said.get("role") == "alert"


def mistakes(shown: str) -> tuple[Mistake, ...]:
    """Return the wrong fields of a drawn page in its order; none outside the answer to a form."""
    if request.method != "POST" or 'aria-invalid="true"' not in shown:
        return ()
    reader = _Reader()
    reader.feed(shown)
    reader.close()
    return tuple(
        Mistake(
            key,
            ", ".join(filter(None, (group.legend if group else "", reader.labels.get(key, "")))),
            " ".join(filter(None, map(reader.errors.get, described))),
        )
        for key, (described, group) in reader.wrong.items()
    )
