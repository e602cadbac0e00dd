"""Reading a submitted prediction file into typed columns aligned on the public ids, without any label at hand.

Two ways in: ``quick`` reads a valid file as spreadsheets and statistics packages write it (whole fields in quotes, any
line end, blank lines, a byte order mark) at the speed of ``bytes.split`` and gives up at the first thing out of the ordinary;
``scorers.diagnosis`` reads by the book, takes anything CSV allows, and says what is wrong.
"""

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import blob, diagnosis, written
from scorers.sniffing import binary_kind

Columns = list[npt.NDArray[Any]]

_BOM = b"\xef\xbb\xbf"
_NUMBER_BYTES = b"0123456789+-.eE \t"
_WHOLE_BYTES = b"0123456789+- \t"
_WHOLE_WITH_POINT = re.compile(rb"(?<=[0-9])\.0*(?![0-9])")
_BLANK = re.compile(rb"\n{2,}")
_LONGEST_HEADER = 65_536
_LONGEST_ID = 64
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_LARGEST = float(np.finfo(np.float64).max)


def read(raw: bytes, form: dict[str, Any], ids: bytes) -> tuple[Columns | None, list[dict[str, Any]]]:
    """Return the columns of ``form`` in its order, each aligned on ``ids``, or None and the first 20 problems.

    ``ids`` are the public ids in UTF-8, one a line. ``form`` has ``id``, ``columns`` (``name``, ``type``, ``min``,
    ``max``, ``values``, ``max_length``, ``empty``, ``format``), ``rows``, ``max_bytes`` and ``row_sum``. Text columns
    come as arrays of bytes objects (UTF-8).
    """
    columns = quick(raw, form, ids)
    return (columns, []) if columns is not None else diagnosis.read(raw, form, ids)


def quick(raw: bytes, form: dict[str, Any], ids: bytes) -> Columns | None:
    """Return the aligned columns of a plain valid file, or None for any other; never a wrong column."""
    if len(raw) > form["max_bytes"] or binary_kind(raw) is not None:
        return None
    split = _split(raw.removeprefix(_BOM), form)
    if split is None:
        return None
    body, ends, order = split
    width = len(order)
    flat = body.replace(b"\n", b",").split(b",")
    flat.pop()
    at = order.index(form["id"])
    same = b"\n".join(flat[at::width]) == ids
    place = slice(None) if same else _align(body, ends, at, width, ids)
    if place is None:
        return None
    columns: Columns = []
    for column in form["columns"]:
        values = _values(flat[order.index(column["name"]) :: width], column)
        if values is None:
            return None
        aligned = np.empty_like(values)
        aligned[place] = values
        columns.append(aligned)
    return columns if _sums_fit(columns, form) else None


def _plain(raw: bytes) -> bytes | None:
    """Return the text with newlines alone and no blank line, or None when it has odd quotes, NUL or is not UTF-8."""
    if b"\0" in raw:
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    plain = raw if b'"' not in raw else _unquoted(raw)
    return plain if plain is None or b"\n\n" not in plain else _BLANK.sub(b"\n", plain)


def _unquoted(raw: bytes) -> bytes | None:
    """Return the text without its quotes where they only stand around whole fields that need none, else None."""
    quotes = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord('"'))
    if quotes.shape[0] % 2:
        return None
    framed = np.frombuffer(b"\n" + raw + b"\n", np.uint8)
    breaks = (framed == ord(",")) | (framed == ord("\n"))
    opens, closes = quotes[::2], quotes[1::2]
    # Each opens right after a comma or a line's start, closes right before one or an end, and holds none of them.
    if not (breaks[opens].all() and breaks[closes + 2].all()):
        return None
    passed = np.cumsum(breaks)
    return raw.replace(b'"', b"") if np.array_equal(passed[opens + 1], passed[closes + 1]) else None


def _split(raw: bytes, form: dict[str, Any]) -> tuple[bytes, npt.NDArray[np.int64], list[str]] | None:
    """Return the body, where each of its fields ends, and the header's names; None unless every row is as wide."""
    plain = _plain(raw)
    end = -1 if plain is None else plain.find(b"\n", 0, _LONGEST_HEADER)
    if plain is None or end < 0:
        return None
    order = [name.strip() for name in plain[:end].decode("utf-8").split(",")]
    if sorted(order) != sorted([form["id"], *(c["name"] for c in form["columns"])]):
        return None
    body = plain[end + 1 :].rstrip(b"\n") + b"\n"  # an editor's empty lines at the end are nothing out of the ordinary
    data = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero((data == ord(",")) | (data == ord("\n")))
    if ends.shape[0] != form["rows"] * len(order):
        return None
    if int(np.diff(ends, prepend=-1).max()) > diagnosis.FIELD_CHARACTERS:
        return None
    pattern = np.full(len(order), ord(","), np.uint8)
    pattern[-1] = ord("\n")
    return (body, ends, order) if (data[ends].reshape(-1, len(order)) == pattern).all() else None


def _align(body: bytes, ends: npt.NDArray[np.int64], at: int, width: int, ids: bytes) -> npt.NDArray[np.int64] | None:
    """Return the public row of each row of the file, or None unless the file has every id exactly once.

    Both sides are sorted by a 64-bit hash and laid side by side, then compared byte for byte: a collision, made on
    purpose or not, only sends the file the slow way.
    """
    public = np.frombuffer(ids + b"\n", np.uint8)
    public_ends = np.flatnonzero(public == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))[at::width]
    public_starts = np.concatenate(([0], public_ends[:-1] + 1))
    longest = int((public_ends - public_starts).max())
    ends = ends[at::width]
    if longest > _LONGEST_ID or int((ends - starts).max()) != longest:
        return None
    given = _letters(np.frombuffer(body, np.uint8), starts, ends, longest)
    known = _letters(public, public_starts, public_ends, longest)
    given_hash, known_hash = _hashed(given), _hashed(known)
    given_order, known_order = np.argsort(given_hash), np.argsort(known_hash)
    place = np.empty(given.shape[1], np.int64)
    place[given_order] = known_order
    return place if np.array_equal(known[:, place], given) else None


def _letters(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], longest: int
) -> npt.NDArray[np.uint8]:
    """Return the bytes of each text as a column of shape (longest, texts), filled up with zeros."""
    letters = np.empty((longest, starts.shape[0]), np.uint8)
    last = data.shape[0] - 1
    for j in range(longest):
        there = starts + j
        letters[j] = np.where(there < ends, data[np.minimum(there, last)], 0)
    return letters


def _hashed(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    found = np.zeros(letters.shape[1], np.uint64)
    for row in letters:
        found = (found ^ row) * _FACTOR
        found ^= found >> np.uint64(29)
    return found


def _values(found: list[bytes], column: dict[str, Any]) -> npt.NDArray[Any] | None:
    """Return the column's values in the order of the file, or None when one of them needs a closer look."""
    if column["type"] == "category":
        codes = {value.encode(): code for code, value in enumerate(column["values"])}
        try:
            return np.fromiter(map(codes.__getitem__, found), np.int32, len(found))
        except KeyError:
            return None
    return _text_values(found, column) if column["type"] == "string" else _number_values(found, column)


def _number_values(found: list[bytes], column: dict[str, Any]) -> npt.NDArray[Any] | None:
    whole = column["type"] == "integer"
    joined = b"\n".join(found)
    if whole and b"." in joined:  # what pandas makes of whole numbers with a gap: 3.0
        joined = _WHOLE_WITH_POINT.sub(b"", joined)
    # "1e3" is a whole number to float() and not to the book, "1_0" is a number to float() only.
    if joined.translate(None, (_WHOLE_BYTES if whole else _NUMBER_BYTES) + b"\n"):
        return None
    try:
        values = np.fromiter(map(float, found), np.float64, len(found))
    except ValueError:
        return None
    low, high = (-diagnosis.WHOLE_LIMIT, diagnosis.WHOLE_LIMIT) if whole else (-_LARGEST, _LARGEST)
    low = low if column.get("min") is None else max(low, column["min"])
    high = high if column.get("max") is None else min(high, column["max"])
    # Not-a-number cannot have come through, infinity (1e999) lies outside.
    if not ((values >= low) & (values <= high)).all():
        return None
    return values.astype(np.int64) if whole else values


def _text_values(found: list[bytes], column: dict[str, Any]) -> npt.NDArray[Any] | None:
    """Return the texts as an array of bytes objects, or None when one of them needs a closer look."""
    joined = b"".join(found)
    if max(map(len, found), default=0) > blob.longest(column) or written.has_control(joined.decode("utf-8")):
        return None
    if not column.get("empty") and b"" in found:
        return None
    if column.get("format") and any(written.fault(text.decode("utf-8"), column) for text in found):
        return None
    return np.array(found, dtype=object)


def _sums_fit(columns: Columns, form: dict[str, Any]) -> bool:
    if form.get("row_sum") is None:
        return True
    numeric = [v for v, c in zip(columns, form["columns"], strict=True) if c["type"] in {"number", "integer"}]
    return bool((np.abs(np.sum(numeric, axis=0) - form["row_sum"]) <= diagnosis.SUM_TOLERANCE / 2).all())
