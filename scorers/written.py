"""How a text column's values are written, beyond being text: free, run-length masks, boxes in an image.

Read twice: by PARSE, which says what is wrong, and by SCORE, which trusts nobody. Standard library only.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scorers import blob

Fault = tuple[str, dict[str, Any]]
"""What was expected (a key with a sentence in both languages) and its parameters."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DECIMAL = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_RUNS = re.compile(r"[1-9][0-9]{0,14} [1-9][0-9]{0,14}(?: [1-9][0-9]{0,14} [1-9][0-9]{0,14})*", re.ASCII)


def has_control(text: str) -> bool:
    """Say whether ``text`` has control characters (line ends and tabs are some)."""
    return _CONTROL.search(text) is not None


def runs(text: str) -> list[tuple[int, int]]:
    """Return the runs of a mask that is in order as (first pixel, pixels), by first pixel; none for an empty text."""
    numbers = list(map(int, text.split()))
    return sorted(zip(numbers[::2], numbers[1::2], strict=True))


def fault(text: str, column: Mapping[str, Any]) -> Fault | None:
    """Return what the column's ``format`` expected instead of ``text``, or None when it is in order."""
    return None if not text or not column.get("format") else _FORMATS[column["format"]](text, column)


def all_fit(texts: Sequence[str], column: Mapping[str, Any]) -> bool:
    """Say whether PARSE can have let all ``texts`` through."""
    if max(map(len, texts), default=0) > blob.longest(column) or any(map(has_control, texts)):
        return False
    if not column.get("empty") and "" in texts:
        return False
    return not column.get("format") or not any(fault(text, column) for text in texts)


def as_submitted(text: str, name: str) -> str:
    """Return a text of the reference as a submission in the format ``name`` writes it: true boxes get score 1."""
    if name != "boxes":
        return text
    items = (item.split() for item in text.split(";"))
    return "; ".join(" ".join([words[0], "1", *words[1:]]) for words in items if words)


def _runs_fault(text: str, column: Mapping[str, Any]) -> Fault | None:
    """Judge a mask: pairs "start length", pixels counted from 1, down one column after the other."""
    if not _RUNS.fullmatch(text):
        return "runs", {}
    last = 0
    for start, length in runs(text):
        if start <= last:
            return "runs_apart", {}
        last = start + length - 1
    pixels = column.get("pixels")
    return ("runs_inside", {"pixels": pixels}) if pixels is not None and last > pixels else None


def _boxes_fault(text: str, column: Mapping[str, Any]) -> Fault | None:
    """Judge boxes: "class score x1 y1 x2 y2" between semicolons; true ones have no score."""
    words = 5 if column.get("true") else 6
    for item in text.split(";"):
        cells = item.split()
        if not cells:
            continue
        if len(cells) != words or not all(map(_DECIMAL.fullmatch, cells[1:])):
            return "boxes", {}
        numbers = [float(cell) for cell in cells[1:]]
        left, top, right, bottom = numbers[-4:]
        if not (all(map(math.isfinite, numbers)) and left <= right and top <= bottom):
            return "boxes", {}
    return None


_FORMATS: dict[str, Callable[[str, Mapping[str, Any]], Fault | None]] = {
    "rle": _runs_fault,
    "boxes": _boxes_fault,
}
TEXT_FORMATS = tuple(_FORMATS)
"""The formats a text column may declare."""
