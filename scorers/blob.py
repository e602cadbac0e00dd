"""How arrays cross from one process to the next: raw little-endian columns at places both sides compute alone.

The layout comes from the challenge, never from the bytes, so that a hostile writer can choose values and nothing else.
Standard library to lay out and write; numpy only to look at the columns.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

STRING_BYTES = 256
"""Longest text value in a column of type ``string``, in bytes of UTF-8."""

_KINDS = {
    "number": ("<f8", 8),
    "integer": ("<i8", 8),
    "category": ("<i4", 4),
    "string": (f"S{STRING_BYTES}", STRING_BYTES),
}
_ALIGN = 64
_MAGIC = b"DTHNREF1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one column lies: its name, numpy type, first byte, number of rows."""

    name: str
    dtype: str
    offset: int
    rows: int


def layout(columns: Sequence[Mapping[str, Any]], rows: int) -> tuple[tuple[Place, ...], int]:
    """Return the places of ``columns`` (mappings with ``name`` and ``type``) of ``rows`` values, and the bytes in all."""
    places: list[Place] = []
    offset = 0
    for column in columns:
        dtype, width = _KINDS[str(column["type"])]
        places.append(Place(str(column["name"]), dtype, offset, rows))
        offset += -(-width * rows // _ALIGN) * _ALIGN
    return tuple(places), max(offset, _ALIGN)


def view(buffer: Any, place: Place) -> "npt.NDArray[Any]":
    """Return the column at ``place`` as an array over ``buffer`` (no copy)."""
    import numpy as np  # noqa: PLC0415 - the writing side stays free of numpy

    return np.frombuffer(buffer, dtype=np.dtype(place.dtype), count=place.rows, offset=place.offset)


def pack(columns: Mapping[str, tuple[str, bytes]], meta: Mapping[str, Any]) -> bytes:
    """Return named columns (numpy type, raw bytes) and ``meta`` as one blob that describes itself.

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
    """Return the columns of a blob as read-only arrays, and its ``meta``."""
    import numpy as np  # noqa: PLC0415 - the writing side stays free of numpy

    head, start = _head(blob)
    arrays = {}
    for name, (dtype, offset, size) in head["columns"].items():
        kind = np.dtype(dtype)
        arrays[name] = np.frombuffer(blob, dtype=kind, count=size // kind.itemsize, offset=start + offset)
    return arrays, dict(head["meta"])


def _head(blob: Any) -> tuple[dict[str, Any], int]:
    raw = bytes(blob[:12])
    if raw[:8] != _MAGIC:
        raise ValueError("not a prepared reference")
    (size,) = struct.unpack("<I", raw[8:12])
    head: dict[str, Any] = json.loads(bytes(blob[12 : 12 + size]))
    return head, -(-(12 + size) // _ALIGN) * _ALIGN
