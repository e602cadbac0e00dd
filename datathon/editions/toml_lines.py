"""Find the line of every key of a TOML text. ``tomllib`` reads values but forgets where they stood.

The text is known to be valid TOML (tomllib read it first), so the walk only has to skip strings and comments
correctly. Source of the grammar: TOML 1.0.
"""

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Where a value stands: ``("phases", 0, "opens", "day")``."""

_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]\}\n#]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def key_lines(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table, key and array item of a valid TOML ``text``."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


@dataclass(slots=True)
class _Walk:
    text: str
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)

    def document(self) -> None:
        prefix: Path = ()
        self._blank()
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                prefix = self._header(2)
            elif self.text[self.at] == "[":
                prefix = self._header(1)
            else:
                self._pair(prefix)
            self._blank()

    def _header(self, brackets: int) -> Path:
        start = self.at
        self.at += brackets
        names = self._keys()
        self.at += brackets
        path = self._absolute(names[:-1])
        path = (*path, names[-1])
        if brackets == 2:
            index = self.counts.get(path, 0)
            self.counts[path] = index + 1
            self._note(path, start)
            path = (*path, index)
        self._note(path, start)
        return path

    def _absolute(self, names: tuple[str, ...]) -> Path:
        """Insert the running index of each array of tables on the way: ``[a.b]`` under ``[[a]]`` means its last item."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _pair(self, prefix: Path) -> None:
        start = self.at
        path = prefix
        for name in self._keys():
            path = (*path, name)
            self._note(path, start)
        self.at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> tuple[str, ...]:
        names = []
        while True:
            match = _KEY.match(self.text, self.at)
            if match is None:  # pragma: no cover - tomllib would have refused the text
                raise ValueError(f"no key at offset {self.at}")
            names.append(next(group for group in match.groups() if group is not None))
            self.at = match.end()
            if self.text[self.at] != ".":
                return tuple(names)
            self.at += 1

    def _value(self, path: Path) -> None:
        self._blank()
        opening = self.text[self.at]
        if opening == "[":
            self._items(path, "]", self._item)
        elif opening == "{":
            self._items(path, "}", self._member)
        else:
            self._skip()

    def _items(self, path: Path, closing: str, read: object) -> None:
        self.at += 1
        index = 0
        self._blank()
        while self.text[self.at] != closing:
            read(path, index)  # type: ignore[operator]  # one of the two bound methods below
            index += 1
            self._blank()
            if self.text[self.at] == ",":
                self.at += 1
                self._blank()
        self.at += 1

    def _item(self, path: Path, index: int) -> None:
        self._note((*path, index), self.at)
        self._value((*path, index))

    def _member(self, path: Path, _index: int) -> None:
        self._pair(path)

    def _skip(self) -> None:
        for pattern in _STRINGS:
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                return
        scalar = _SCALAR.match(self.text, self.at)
        self.at = len(self.text) if scalar is None else max(scalar.end(), self.at + 1)

    def _blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = self.at if match is None else match.end()

    def _note(self, path: Path, offset: int) -> None:
        self.lines.setdefault(path, self.text.count("\n", 0, offset) + 1)
