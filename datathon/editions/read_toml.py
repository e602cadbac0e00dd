"""Read TOML with typed getters that note every mistake with its line instead of stopping at the first."""

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from datathon.editions.problems import Problem
from datathon.editions.rules import Moment, Text
from datathon.editions.toml_lines import key_lines

NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?\Z")
"""An identifier that may stand in an address: lower-case ASCII, digits, hyphen, underscore."""

_LANGUAGE = re.compile(r"[a-z]{2}\Z")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_REQUIRED = object()


@dataclass(slots=True)
class Source:
    """One TOML file, and the list in which every mistake of the folder is collected."""

    path: Path
    problems: list[Problem]
    text: str = ""
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def read(self) -> "Table | None":
        """Return the file as a table, or None when it is missing or not TOML (the problem is noted)."""
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            self.note((), f"cannot be read: {error.strerror}")
            return None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.problems.append(Problem(self.path, line, "is not UTF-8 text"))
            return None
        try:
            data = tomllib.loads(text)
            self.text = text.replace("\r\n", "\n")
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            match = _AT_LINE.search(message)
            line = int(match[1]) if match else text.count("\n") + 1
            self.problems.append(Problem(self.path, line, f"not valid TOML: {_AT_LINE.sub('', message)}"))
            return None
        except RecursionError:
            self.problems.append(Problem(self.path, 1, "is nested too deeply"))
            return None
        return Table(self, (), data)

    def note(self, path: tuple[str | int, ...], message: str) -> None:
        """Collect a mistake at the line of ``path``, or of the nearest table around it."""
        if self.text and not self.lines:
            # Lines are looked for at the first mistake: most files have none.
            with suppress(RecursionError):
                self.lines = key_lines(self.text)
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        self.problems.append(Problem(self.path, self.lines.get(at, 1), message))


def _said(path: Iterable[str | int]) -> str:
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


@dataclass(slots=True)
class Table:
    """A TOML table being read. Getters return a harmless value after a mistake, so that reading goes on."""

    source: Source
    path: tuple[str | int, ...]
    data: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def note(self, message: str, key: str | None = None) -> None:
        """Collect a mistake about this table, or about one of its keys."""
        at = self.path if key is None else (*self.path, key)
        self.source.note(at, message)

    def has(self, key: str) -> bool:
        """Whether the key is there; asking makes it a known key."""
        self.asked.add(key)
        return key in self.data

    def _get(self, key: str, kind: type | tuple[type, ...], expected: str, default: object) -> object:
        if not self.has(key):
            if default is _REQUIRED:
                self.note(f"{_said((*self.path, key))} is missing: {expected} expected")
                return None
            return default
        value = self.data[key]
        allowed = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            self.note(f"{_said((*self.path, key))}: {expected} expected, found {_found(value)}", key)
            return None if default is _REQUIRED else default
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; compulsory and not blank when there is no default."""
        value = self._get(key, str, "a text", _REQUIRED if default is None else default)
        if default is None and isinstance(value, str) and not value.strip():
            self.note(f"{_said((*self.path, key))} is empty", key)
        return value if isinstance(value, str) else ""

    def choice(self, key: str, values: tuple[str, ...], default: str | None = None) -> str:
        """Return one of ``values``; after a mistake, the first."""
        value = self.text(key, default)
        if value not in values:
            if value:
                self.note(f"{_said((*self.path, key))}: {value!r} unknown{suggest(value, values)}", key)
            return values[0]
        return value

    def name(self, key: str) -> str:
        """Return an identifier that may stand in an address."""
        value = self.text(key)
        if value and not NAME.match(value):
            self.note(f"{_said((*self.path, key))}: {value!r} must be lower-case letters, digits, '-' or '_'", key)
        return value

    def integer(self, key: str, default: int | None = None, *, low: int, high: int = 2**53) -> int:
        """Return a whole number within ``low`` and ``high``, both included."""
        value = self._get(key, int, "a whole number", _REQUIRED if default is None else default)
        if not isinstance(value, int):
            return low
        if not low <= value <= high:
            limit = f"at least {low}" if high == 2**53 else f"from {low} to {high}"
            self.note(f"{_said((*self.path, key))}: must be {limit}, found {value}", key)
            return low
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number; compulsory when there is no default."""
        value = self._get(key, (int, float), "a number", _REQUIRED if default is None else default)
        return self._finite(key, value, 0.0)

    def maybe_number(self, key: str) -> float | None:
        """Return a finite number, or None when the key is absent."""
        if not self.has(key):
            return None
        value = self._get(key, (int, float), "a number", _REQUIRED)
        return self._finite(key, value, 0.0)

    def positive(self, key: str, default: float) -> float:
        """Return a finite number above zero."""
        value = self.number(key, default)
        if value <= 0:
            self.note(f"{_said((*self.path, key))}: must be above 0, found {value:g}", key)
            return default
        return value

    def _finite(self, key: str, value: object, otherwise: float) -> float:
        if not isinstance(value, int | float):
            return otherwise
        if not math.isfinite(value):
            self.note(f"{_said((*self.path, key))}: a finite number expected, found {value}", key)
            return otherwise
        return float(value)

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return bool(self._get(key, bool, "true or false", default))

    def day(self, key: str) -> date | None:
        """Return a calendar date, or None after a mistake."""
        value = self._get(key, date, "a date such as 2025-11-05", _REQUIRED)
        if isinstance(value, datetime):
            self.note(f"{_said((*self.path, key))}: a date without hour expected, found {value}", key)
            return None
        return value if isinstance(value, date) else None

    def strings(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return a list of strings."""
        value = self._get(key, list, "a list of texts", _REQUIRED if default is None else default)
        if isinstance(value, tuple):
            return value
        items = value if isinstance(value, list) else []
        for index, item in enumerate(items):
            if not isinstance(item, str) or not item:
                self.source.note((*self.path, key, index), f"{_said((*self.path, key, index))}: a text expected")
        return tuple(item for item in items if isinstance(item, str) and item)

    def pairs(self, key: str) -> tuple[tuple[float, float], ...]:
        """Return a compulsory list of pairs of finite numbers; what is not one is noted and left out."""
        value = self._get(key, list, "a list of pairs such as [[-0.37, 49.18], …]", _REQUIRED)
        found = []
        for index, item in enumerate(value if isinstance(value, list) else []):
            numbers = (
                [n for n in item if type(n) in {int, float} and math.isfinite(n)] if isinstance(item, list) else []
            )
            if isinstance(item, list) and len(numbers) == len(item) == 2:
                found.append((float(numbers[0]), float(numbers[1])))
            else:
                said = _said((*self.path, key, index))
                self.source.note((*self.path, key, index), f"{said}: a pair such as [-0.37, 49.18] expected")
        return tuple(found)

    def texts(self, key: str, default: Text | None = None) -> Text:
        """Return a text in several languages. ``{ fr = …, en = … }``; a bare string counts as French."""
        value = self._get(key, (str, dict), "{ fr = …, en = … }", _REQUIRED if default is None else default)
        if isinstance(value, str):
            return {"fr": value}
        if not isinstance(value, Mapping):
            return {"fr": ""}
        if not self.has(key):
            return default or {}
        for language, text in value.items():
            if not _LANGUAGE.match(language) or not isinstance(text, str):
                self.source.note(
                    (*self.path, key, language), f"{_said((*self.path, key, language))}: a text by language expected"
                )
        if not str(value.get("fr", "")).strip():
            self.note(f"{_said((*self.path, key))}: the French text (fr) is missing", key)
        return {"fr": "", **{k: v for k, v in value.items() if isinstance(v, str)}}

    def moment(self, key: str) -> Moment:
        """Return ``{ day = 3, at = "18:00" }`` as a local moment; the day counts from 0."""
        table = self.table(key)
        if table is None:
            if key not in self.data:
                self.note(f'{_said((*self.path, key))} is missing: {{ day = 0, at = "09:00" }} expected')
            return Moment(0, time())
        result = table.when()
        table.done()
        return result

    def when(self) -> Moment:
        """Return this table's own ``day`` and ``at`` as a local moment."""
        day = self.integer("day", low=-400, high=800)
        value = self._get("at", (str, time), 'an hour such as "18:00"', _REQUIRED)
        if isinstance(value, str):
            try:
                value = time.fromisoformat(value) if re.match(r"\d\d:\d\d(:\d\d)?\Z", value) else None
            except ValueError:
                value = None
            if value is None:
                self.note(f'{_said((*self.path, "at"))}: an hour from "00:00" to "23:59" expected', "at")
        return Moment(day, value if isinstance(value, time) else time())

    def colour(self, key: str) -> str | None:
        """Return a colour such as "#0b3d4a", or None when absent."""
        if not self.has(key):
            return None
        value = self.text(key)
        if not _COLOUR.match(value):
            self.note(f'{_said((*self.path, key))}: a colour such as "#0b3d4a" expected', key)
            return None
        return value

    def table(self, key: str) -> "Table | None":
        """Return the table under ``key``, or None when absent or not a table (noted)."""
        value = self._get(key, dict, "a table", None)
        return Table(self.source, (*self.path, key), value) if isinstance(value, dict) else None

    def tables(self, key: str) -> "list[Table]":
        """Return the tables of an array; empty when absent."""
        value = self._get(key, list, "a list of tables", [])
        found = []
        for index, item in enumerate(value if isinstance(value, list) else []):
            if isinstance(item, dict):
                found.append(Table(self.source, (*self.path, key, index), item))
            else:
                self.source.note((*self.path, key, index), f"{_said((*self.path, key, index))}: a table expected")
        return found

    def done(self) -> None:
        """Refuse by name every key that no getter asked for: a misspelt setting must not be ignored."""
        for key in self.data:
            if key not in self.asked:
                self.note(f"{_said((*self.path, key))}: unknown key{suggest(key, sorted(self.asked))}", key)


def unique(tables: Iterable[tuple[Table, str]], key: str) -> None:
    """Note every value of ``key`` that stands twice."""
    seen: set[str] = set()
    for table, value in tables:
        if value and value in seen:
            table.note(f"{_said((*table.path, key))}: {value!r} stands twice", key)
        seen.add(value)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" when something close is known, else the list of what is."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f", did you mean {close[0]!r}?"
    return f"; known: {', '.join(names)}" if names else ""


def _found(value: object) -> str:
    kinds = {
        bool: "true or false",
        str: "a text",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return kinds.get(type(value), type(value).__name__)
