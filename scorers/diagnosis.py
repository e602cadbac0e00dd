"""Reading a submitted file by the book and saying what is wrong: code, physical line, column, found, expected.

At most 20 problems are listed; the rest is counted by code, up to a bound. What is expected is a key with parameters:
the sentence is written by the side that knows the reader's language.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import blob, meant, written
from scorers.sniffing import binary_kind, encoding_problem, shown

MOST_PROBLEMS = 20
MOST_COUNTED = 10_000
"""Problems counted without being listed; reading stops there, so that a hopeless file costs no more than a good one."""
WHOLE_LIMIT = 2**53 - 1
"""Largest whole number kept exactly."""
SUM_TOLERANCE = 1e-6
FIELD_CHARACTERS = 10_000
"""A field may be this long, or twice the longest value of the columns where that is more."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_ABSENT = frozenset({"", "na", "n/a", "#n/a", "null", "none", "-"})

Problem = dict[str, Any]
Row = tuple[int, list[str]]


class _Enough(Exception):  # noqa: N818 - not an error: the list is full
    """Twenty problems are listed and as many more counted as anybody wants to know."""


class _Report:
    """The problems found so far, in the order of the file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.more: Counter[str] = Counter()
        self.stopped = False

    def add(self, code: str, expected: str, *, line: int | None = None, column: str | None = None,
            found: str | None = None, **params: object) -> None:  # fmt: skip
        if len(self.problems) >= MOST_PROBLEMS:
            self.more[code] += 1
            self.stopped = self.more.total() >= MOST_COUNTED
            if self.stopped:
                raise _Enough
            return
        self.problems.append(
            {"code": code, "line": line, "column": column, "found": None if found is None else shown(found),
             "expected": expected, "params": params}
        )  # fmt: skip

    def counted(self) -> list[Problem]:
        """Return the list; the last one of each code tells in ``more`` how many of its kind are not listed.

        ``at_least`` is 1 where the count stopped before the end of the file.
        """
        for problem in reversed(self.problems):
            more = self.more.pop(problem["code"], 0)
            if more:
                stopped = {"at_least": 1} if self.stopped else {}
                problem["params"] = {**problem["params"], "more": more, **stopped}
        return self.problems


def read(raw: bytes, form: dict[str, Any], ids: bytes) -> tuple[list[npt.NDArray[Any]] | None, list[Problem]]:
    """Return the aligned columns, or None and the problems; arguments as for ``scorers.table.read``."""
    report = _Report()
    try:
        columns = _read(raw, form, ids, report)
    except _Enough:
        columns = None
    return (None if report.problems else columns), report.counted()


def _read(raw: bytes, form: dict[str, Any], ids: bytes, report: _Report) -> list[npt.NDArray[Any]] | None:
    text = _text(raw, form, report)
    if text is None:
        return None
    rows = _records(text, form, report)
    first = next(rows, None)
    if first is None:
        if not report.problems:
            report.add("empty", "some_rows", rows=form["rows"])
        return None
    order = _header(first, form, report)
    if order is None:
        return None
    return _body(rows, order, form, ids.decode("utf-8").split("\n"), report)


def _text(raw: bytes, form: dict[str, Any], report: _Report) -> str | None:
    """Return the file as text, or None with the reason in ``report``."""
    if len(raw) > form["max_bytes"]:
        report.add("too_large", "max_bytes", found=str(len(raw)), bytes=form["max_bytes"])
    elif (kind := binary_kind(raw)) is not None:
        report.add("not_csv", "csv_text", found=kind)
    elif (problem := encoding_problem(raw)) is not None:
        report.add("encoding", "utf8", line=problem[0], found=problem[1])
    elif (at := raw.find(b"\0")) >= 0:
        report.add("not_csv", "csv_text", line=raw.count(b"\n", 0, at) + 1, found="NUL")
    elif not (text := raw.decode("utf-8-sig")).strip():
        report.add("empty", "some_rows", rows=form["rows"])
    elif (wide := _first_line(text).count(",") + 1) > (wanted := 1 + len(form["columns"])) + 50:
        report.add("header_unknown", "columns", line=1, found=str(wide), count=wanted, names=_names(form))
    else:
        return text
    return None


def _first_line(text: str) -> str:
    end = re.search(r"[\r\n]", text)
    return text[: end.start()] if end else text


def _names(form: dict[str, Any]) -> str:
    names = [form["id"], *(c["name"] for c in form["columns"])]
    return shown(", ".join(names), 200)


def _records(text: str, form: dict[str, Any], report: _Report) -> Iterator[Row]:
    """Yield each record that is not blank with the physical line it starts on."""
    # Twice the longest value: one that is a little too long is told by its column.
    most = max(FIELD_CHARACTERS, *(2 * blob.longest(c) for c in form["columns"]))
    csv.field_size_limit(most)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            too_long = "limit" in str(error)
            report.add("not_csv", "short_field" if too_long else "quotes", line=line, characters=most)
            return
        if record and record != [""]:
            yield line, record


def _header(first: Row, form: dict[str, Any], report: _Report) -> list[str] | None:
    """Return the names in the file's order, or None when they are not those of ``form``."""
    line, record = first
    names = [name.strip() for name in record]
    wanted = [form["id"], *(c["name"] for c in form["columns"])]
    if len(names) == 1 and names[0] not in wanted:
        for mark, said in ((";", ";"), ("\t", "TAB"), ("|", "|")):
            if mark in names[0]:
                report.add("not_csv", "comma", line=line, found=names[0], mark=said)
                return None
    if len(names) == len(wanted) and not set(names) & set(wanted) and not meant.names_meant(names, wanted):
        report.add("header_missing", "header_line", line=line, found=",".join(record), names=_names(form))
        return None
    before = len(report.problems)
    _names_fit(line, names, wanted, form, report)
    return names if len(report.problems) == before else None


def _names_fit(line: int, names: list[str], wanted: list[str], form: dict[str, Any], report: _Report) -> None:
    """Note names that stand twice, are missing or are not asked for."""
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            report.add("header_duplicate", "once", line=line, column=name if name in wanted else None, found=name)
    nearly = meant.names_meant(names, wanted)
    for name in wanted:
        if name not in names:
            key = "column_exactly" if name in nearly else "column"
            report.add("header_missing", key, line=line, column=name, found=nearly.get(name), name=shown(name))
    for name in dict.fromkeys(names):
        if name not in wanted and name not in nearly.values():
            key = "no_index" if meant.is_index(name) else "columns"
            report.add("header_unknown", key, line=line, found=name, count=len(wanted), names=_names(form))


class _Ids:
    """The public ids: the row of each, and which one a stranger probably was."""

    def __init__(self, ids: list[str]) -> None:
        self.rows = {name: i for i, name in enumerate(ids)}
        self.keys: dict[str, str] | None = None

    def meant(self, text: str) -> tuple[str, dict[str, str]]:
        """Return the key of what was expected in the place of an unknown id, with its parameters."""
        if self.keys is None:
            self.keys = meant.id_keys(list(self.rows))
        found = meant.id_meant(text, self.keys)
        return ("known_id", {}) if found is None else (found[0], {"id": shown(found[1])})


def _body(rows: Iterator[Row], order: list[str], form: dict[str, Any], ids: list[str],
          report: _Report) -> list[npt.NDArray[Any]] | None:  # fmt: skip
    index = _Ids(ids)
    lines: dict[int, int] = {}
    places = [(order.index(c["name"]), c) for c in form["columns"]]
    columns = [_empty(c["type"], len(ids)) for c in form["columns"]]
    any_row = False
    for line, record in rows:
        any_row = True
        row = _place(line, record, order, form, index, lines, report)
        if row is not None and len(record) == len(order):
            _row(line, record, row, places, columns, form, report)
    if not any_row and not report.problems:
        report.add("empty", "some_rows", rows=len(ids))
        return None
    for row, name in enumerate(ids):
        if row not in lines:
            report.add("id_missing", "this_id", column=form["id"], id=shown(name))
    return columns


def _place(
    line: int,
    record: list[str],
    order: list[str],
    form: dict[str, Any],
    index: "_Ids",
    lines: dict[int, int],
    report: _Report,
) -> int | None:
    """Return the row this record belongs to and note its line, or None with the reason in ``report``."""
    at = order.index(form["id"])
    wide = len(record) == len(order)
    if not wide:
        _row_width(line, record, order, form, report)
    row = index.rows.get(record[at]) if at < len(record) else None
    if row is None:
        if wide:
            key, name = index.meant(record[at])
            report.add("id_unknown", key, line=line, column=form["id"], found=record[at], **name)
        return None
    if row in lines:
        report.add("id_duplicate", "id_once", line=line, column=form["id"], found=record[at], first=lines[row])
        return None
    lines[row] = line
    return row


def _row(line: int, record: list[str], row: int, places: list[tuple[int, dict[str, Any]]],
         columns: list[npt.NDArray[Any]], form: dict[str, Any], report: _Report) -> None:  # fmt: skip
    numbers: list[float] | None = []
    for (at, column), values in zip(places, columns, strict=True):
        value = _value(record[at], column, line, report)
        if value is None:
            numbers = None
            continue
        values[row] = value
        if numbers is not None and column["type"] in {"number", "integer"}:
            numbers.append(float(value))
    if form.get("row_sum") is not None and numbers is not None:
        total = math.fsum(numbers)
        if not abs(total - form["row_sum"]) <= SUM_TOLERANCE:
            report.add("row_sum", "sum", line=line, found=repr(total), sum=form["row_sum"])


def _empty(kind: str, rows: int) -> npt.NDArray[Any]:
    types = {"number": "<f8", "integer": "<i8", "category": "<i4", "string": "object"}
    return np.zeros(rows, np.dtype(types[kind]))


def _row_width(line: int, record: list[str], order: list[str], form: dict[str, Any], report: _Report) -> None:
    """Say how wide the row is, or that its numbers seem to have decimal commas."""
    numbers = [c["name"] for c in form["columns"] if c["type"] == "number"]
    if numbers and len(record) == len(order) + len(numbers):
        at = 0
        for name in order:
            pair = ",".join(record[at : at + 2])
            if name in numbers:
                if _COMMA_NUMBER.fullmatch(pair):
                    report.add("value_type", "decimal_point", line=line, column=name, found=pair)
                    return
                at += 1
            at += 1
    key = "fields_point" if numbers and len(record) > len(order) else "fields"
    report.add("row_width", key, line=line, found=str(len(record)), count=len(order))


def _value(text: str, column: dict[str, Any], line: int, report: _Report) -> float | int | bytes | None:
    """Return the value as its column stores it, or None with the reason in ``report``."""
    kind, name = column["type"], column["name"]
    if kind in {"number", "integer"}:
        return _number(text.strip(), column, line, report)
    if kind == "string":
        return _text_value(text, column, line, report)
    if text == "":
        report.add("value_missing", "a_value", line=line, column=name, found=text)
    elif text in column["values"]:
        return int(column["values"].index(text))
    else:
        report.add("value_range", "one_of", line=line, column=name, found=text,
                   values=shown(", ".join(column["values"]), 200))  # fmt: skip
    return None


def _text_value(text: str, column: dict[str, Any], line: int, report: _Report) -> bytes | None:
    """Return the text as it is stored, or None with the reason in ``report``."""
    name, most = column["name"], blob.longest(column)
    if text == "" and not column.get("empty"):
        report.add("value_missing", "a_value", line=line, column=name, found=text)
    elif len(text) > most:
        report.add("value_range", "short_text", line=line, column=name, found=text, characters=most)
    elif written.has_control(text):
        report.add("value_type", "plain_text", line=line, column=name, found=text)
    elif (wanted := written.fault(text, column)) is not None:
        report.add("format", wanted[0], line=line, column=name, found=text, **wanted[1])
    else:
        return text.encode()
    return None


def _number(text: str, column: dict[str, Any], line: int, report: _Report) -> float | int | None:
    name, whole = column["name"], column["type"] == "integer"
    kind = "whole_number" if whole else "number"
    if _NOT_FINITE.fullmatch(text):
        report.add("value_not_finite", "finite", line=line, column=name, found=text)
    elif text.lower() in _ABSENT:
        report.add("value_missing", kind, line=line, column=name, found=text)
    elif not (_WHOLE if whole else _NUMBER).fullmatch(text):
        report.add("value_type", meant.number_meant(text, kind), line=line, column=name, found=text)
    elif not math.isfinite(value := float(text)):
        report.add("value_not_finite", "finite", line=line, column=name, found=text)
    elif whole and abs(value) > WHOLE_LIMIT:
        report.add("value_range", "between", line=line, column=name, found=text, low=-WHOLE_LIMIT, high=WHOLE_LIMIT)
    elif not _within(value, column):
        low, high = column.get("min"), column.get("max")
        key = "at_most" if low is None else "at_least" if high is None else "between"
        report.add("value_range", key, line=line, column=name, found=text, low=low, high=high)
    else:
        return int(value) if whole else value
    return None


def _within(value: float, column: dict[str, Any]) -> bool:
    low, high = column.get("min"), column.get("max")
    return (low is None or value >= low) and (high is None or value <= high)
