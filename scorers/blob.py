"""How arrays cross from one process to the next: raw little-endian columns at places both sides compute alone.

The layout comes from the challenge, never from the bytes, so that a hostile writer can choose values and nothing else.
Text is laid out as offsets into one area that all text columns of the file share; its size is bounded by that of the
file, and memory never written to costs nothing. Standard library to lay out and write; numpy only to look at columns.
"""

import array
import itertools
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

TEXT_CHARACTERS = 256
"""Longest text value of a column of type ``string`` that declares no ``max_length``, in characters."""
TEXT = "text"
"""What stands for a numpy type where a column is text: offsets (int64, one more than rows), bytes of UTF-8 elsewhere."""

_KINDS = {"number": ("<f8", 8), "integer": ("<i8", 8), "category": ("<i4", 4), "string": (TEXT, 8)}
_UTF8_BYTES = 4  # most that one character takes
_ALIGN = 64
_MAGIC = b"DTHNREF1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one column lies: its name, numpy type (or ``TEXT``), first byte, number of rows.

    Of a text column, ``offset`` is where its offsets begin; they count from ``area``, of ``area_bytes`` bytes.
    """

    name: str
    dtype: str
    offset: int
    rows: int
    area: int = 0
    area_bytes: int = 0


def layout(columns: Sequence[Mapping[str, Any]], rows: int, max_bytes: int) -> tuple[tuple[Place, ...], int]:
    """Return the places of ``columns`` of ``rows`` values, and the bytes in all.

    Columns are mappings with ``name``, ``type`` and, of text, ``max_length`` (characters). ``max_bytes`` is the size of
    the largest file: its text cannot be longer.
    """
    places: list[Place] = []
    offset = text = 0
    for column in columns:
        dtype, width = _KINDS[str(column["type"])]
        places.append(Place(str(column["name"]), dtype, offset, rows))
        offset += _aligned(width * (rows + 1 if dtype == TEXT else rows))
        text += _UTF8_BYTES * longest(column) * rows if dtype == TEXT else 0
    text = min(text, max_bytes)
    if text:
        places = [replace(p, area=offset, area_bytes=text) if p.dtype == TEXT else p for p in places]
    return tuple(places), max(offset + _aligned(text), _ALIGN)


def longest(column: Mapping[str, Any]) -> int:
    """Return the most characters a value of a text column may have."""
    return int(column.get("max_length") or TEXT_CHARACTERS)


def view(buffer: Any, place: Place) -> "npt.NDArray[Any]":
    """Return the column at ``place`` as an array over ``buffer`` (no copy); its offsets where it is text."""
    import numpy as np  # noqa: PLC0415 - the writing side stays free of numpy

    dtype, rows = ("<i8", place.rows + 1) if place.dtype == TEXT else (place.dtype, place.rows)
    return np.frombuffer(buffer, dtype=np.dtype(dtype), count=rows, offset=place.offset)


def write_texts(buffer: Any, place: Place, values: Sequence[bytes], start: int) -> int:
    """Write a text column's ``values`` (UTF-8) into the shared area from byte ``start`` on; return the next free byte.

    Raises ValueError when they do not fit.
    """
    joined = b"".join(values)
    if start + len(joined) > place.area_bytes:
        raise ValueError(f"{place.name}: more text than a file of the largest size can hold")
    view(buffer, place)[:] = list(itertools.accumulate(map(len, values), initial=start))
    buffer[place.area + start : place.area + start + len(joined)] = joined
    return start + len(joined)


def read_texts(buffer: Any, place: Place) -> list[str] | None:
    """Return a text column's values, or None when its offsets or bytes are not what ``write_texts`` leaves.

    ``buffer`` may have been written by a stranger, but no more changes.
    """
    offsets = view(buffer, place)
    if offsets[0] < 0 or offsets[-1] > place.area_bytes or (offsets[1:] < offsets[:-1]).any():
        return None
    first = int(offsets[0])
    raw = bytes(buffer[place.area + first : place.area + int(offsets[-1])])
    try:
        return _cut(raw, (offsets - first).tolist())
    except UnicodeDecodeError:
        return None


def text_column(values: Sequence[str]) -> tuple[str, bytes]:
    """Return a column of text for ``pack``, as long as its values and no longer."""
    encoded = [value.encode() for value in values]
    return TEXT, array.array("q", itertools.accumulate(map(len, encoded), initial=0)).tobytes() + b"".join(encoded)


def _cut(raw: bytes, offsets: Sequence[int]) -> list[str]:
    if raw.isascii():
        text = raw.decode("ascii")
        return [text[start:end] for start, end in itertools.pairwise(offsets)]
    return [raw[start:end].decode("utf-8") for start, end in itertools.pairwise(offsets)]


def _aligned(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def pack(columns: Mapping[str, tuple[str, bytes]], meta: Mapping[str, Any]) -> bytes:
    """Return named columns (numpy type, raw bytes) and ``meta`` as one blob that describes itself.

    ``meta`` has the number of ``rows``. Columns of text come from ``text_column``.
    Only for what the platform itself wrote: the reference. The reader trusts the blob.
    """
    table: dict[str, list[Any]] = {}
    body = bytearray()
    for name, (dtype, raw) in columns.items():
        table[name] = [dtype, len(body), len(raw)]
        body += raw
        body += bytes(-len(body) % _ALIGN)
    head = json.dumps({"columns": table, "meta": dict(meta)}).encode()
    start = -(-(len(_MAGIC) + 4 + len(head)) // _ALIGN) * _ALIGN
    return (_MAGIC + struct.pack("<I", len(head)) + head).ljust(start, b"\0") + bytes(body)


def unpack(blob: Any) -> "tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]":
    """Return the columns of a blob as read-only arrays (of str objects where they are text), and its ``meta``."""
    import numpy as np  # noqa: PLC0415 - the writing side stays free of numpy

    head, start = _head(blob)
    arrays = {}
    for name, (dtype, offset, size) in head["columns"].items():
        if dtype == TEXT:
            arrays[name] = np.array(_texts(blob, start + offset, size, int(head["meta"]["rows"])), dtype=object)
            continue
        kind = np.dtype(dtype)
        arrays[name] = np.frombuffer(blob, dtype=kind, count=size // kind.itemsize, offset=start + offset)
    return arrays, dict(head["meta"])


def _texts(blob: Any, offset: int, size: int, rows: int) -> list[str]:
    head = 8 * (rows + 1)
    return _cut(bytes(blob[offset + head : offset + size]), array.array("q", bytes(blob[offset : offset + head])))


def _head(blob: Any) -> tuple[dict[str, Any], int]:
    raw = bytes(blob[:12])
    if raw[:8] != _MAGIC:
        raise ValueError("not a prepared reference")
    (size,) = struct.unpack("<I", raw[8:12])
    head: dict[str, Any] = json.loads(bytes(blob[12 : 12 + size]))
    return head, -(-(12 + size) // _ALIGN) * _ALIGN
