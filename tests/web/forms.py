"""Forms as a browser without scripts reads them from a page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "email", "url", "password", "textarea", "select", "datetime-local"}
EMPTY = {"br", "col", "hr", "img", "input", "link", "meta"}


@dataclass(slots=True)
class Field:
    """One control: its kind, its attributes and the value that it would send."""

    kind: str
    said: dict[str, str]
    value: str
    options: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name it is sent by."""
        return self.said.get("name", "")

    @property
    def wrong(self) -> bool:
        """Whether the page says that it is wrong."""
        return self.said.get("aria-invalid") == "true"


@dataclass(slots=True)
class Form:
    """One form and its controls."""

    said: dict[str, str]
    fields: list[Field] = field(default_factory=list)


class Sheet(HTMLParser):
    """A page: its forms, the words of elements with an id, where links within the page lead, its title and language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.all: list[Field] = []
        self.words: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.title, self.language = "", ""
        self._open: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in EMPTY:
            self._open.append((tag, said.get("id", "")))
        if tag == "html":
            self.language = said.get("lang", "")
        if tag == "a" and said.get("href", "").startswith("#"):
            self._open[-1] = (tag, "#" + said["href"][1:])
            self.links[said["href"][1:]] = ""
        if tag == "form":
            self.forms.append(Form(said))
        if tag in {"input", "textarea", "select", "button", "fieldset"}:
            kind = said.get("type", "text") if tag == "input" else tag
            self.all.append(Field(kind, said, said.get("value", "")))
            inside = any(name == "form" for name, _id in self._open)
            if inside and "form" not in said:
                self.forms[-1].fields.append(self.all[-1])
        if tag == "option":
            self.all[-1].options.append(said.get("value", ""))
            if "selected" in said or len(self.all[-1].options) == 1:
                self.all[-1].value = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _id in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _id in self._open]
        if tags and tags[-1] == "title":
            self.title += data
        if tags and tags[-1] == "textarea":
            # A line end right after the tag is none of the text.
            self.all[-1].value += data if self.all[-1].value else data.removeprefix("\n")
        for _tag, key in self._open:
            if key.startswith("#"):
                self.links[key[1:]] += data
            elif key:
                self.words[key] = self.words.get(key, "") + data
