"""A CSV file as text with the line each row ends on, held in memory or read row by row."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers.sniffing import binary_kind, wide_encoding

_FIELD_CHARACTERS = 100_000_000  # one mask or text may be long

_HEAD_BYTES = 4_096

Floats = npt.NDArray[np.float64]


class NotATable(Exception):  # noqa: N818 - says what the file is
    """The file is not a readable CSV table; the text says why, ``line`` where (0: the whole file)."""

    def __init__(self, why: str, line: int = 0) -> None:
        """Keep the reason and the line."""
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` have as many cells as ``header``; ``lines`` gives the physical line of each row, from 2."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column as text."""
        index = self.header.index(name)
        return tuple(row[index] for row in self.rows)

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return set(names) <= set(self.header)

    def numbers(self, name: str) -> Floats:
        """Return a column as floats, shape (rows,); what is no number becomes nan."""
        return np.array([_number(cell) for cell in self.column(name)], dtype=np.float64)

    def cells(self, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Return the rows reduced to the columns ``names``, in that order."""
        indices = [self.header.index(name) for name in names]
        return tuple(tuple(row[i] for i in indices) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Stream:
    """A CSV file read row by row, for files that need not fit into memory: ``rows`` gives each row with its line."""

    path: Path
    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def stream_sheet(path: Path) -> Iterator[Stream]:
    """Open a CSV file, UTF-8 with or without mark. Raises NotATable for anything else, or when a row has another width."""
    csv.field_size_limit(_FIELD_CHARACTERS)
    try:
        _check_kind(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            if not header:
                raise NotATable("is empty")
            doubled = [name for name in header if header.count(name) > 1]
            mark = next((mark for mark in ";\t|" if len(header) == 1 and mark in header[0]), None)
            if mark is not None:
                raise NotATable(f"columns are separated by {mark!r}: commas expected", 1)
            if doubled:
                raise NotATable(f"column {doubled[0]!r} stands twice in the header", 1)
            yield Stream(path, header, _rows(reader, len(header)))
    except UnicodeDecodeError as error:
        raise NotATable(f"is not text in UTF-8: byte 0x{error.object[error.start]:02x} found") from error
    except (csv.Error, OSError) as error:
        raise NotATable(f"cannot be read as CSV: {error}") from error


def _check_kind(path: Path) -> None:
    """Raise NotATable for a file whose first bytes are those of another format or encoding."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    kind = binary_kind(head) or wide_encoding(head)
    if kind is not None:
        raise NotATable(f"is {kind}: a CSV text file in UTF-8 expected, not compressed")


def _rows(reader: Any, width: int) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        if not row:  # a blank line, as scoring passes it over
            continue
        if len(row) != width:
            raise NotATable(f"{len(row)} cells in this row, {width} in the header", reader.line_num)
        yield reader.line_num, row


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file, UTF-8 with or without mark. Raises NotATable for anything else, or for a row of another width."""
    rows, lines = [], []
    with stream_sheet(path) as stream:
        for line, row in stream.rows:
            rows.append(tuple(row))
            lines.append(line)
    return Sheet(path, stream.header, tuple(rows), tuple(lines))


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
