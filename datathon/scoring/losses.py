"""Losses by row of the ranking metric: believed only when they make the reported value, kept as secret as the labels.

With the predictions they would tell the hidden answers, so they are never served nor exported. Standard library only.
"""

import array
import hashlib
import io
import itertools
import json
import math
import struct
import sys
import zlib
from collections.abc import Mapping

from datathon.config import Settings
from datathon.editions.rules import Challenge
from datathon.scoring.outcome import Losses, Untrusted
from datathon.scoring.tables import Score
from datathon.store.files import FileStore
from scorers import catalogue, sums

PARTS = ("public", "private")
MEAN, ROOT, REST = "mean", "root", "rest"

_MAGIC, _MAGIC_BEFORE = b"DTHNLOS2", b"DTHNLOS1"
_AGREEMENT = 1e-9
_MOST_BYTES = 1 << 32


def made_by(challenge: Challenge) -> str:
    """Return how the ranking metric comes from what each row brings, a kind of ``scorers.sums``, "" where it does not."""
    if challenge.scorer is not None:
        own = challenge.metrics[0].params.get("losses") if challenge.metrics else None
        return str(own) if own in sums.BY_ROW else ""
    declaration = catalogue.declared(challenge.metrics[0].function) if challenge.metrics else None
    if declaration is None or challenge.reference is None:
        return ""
    return declaration.made_by(columns=len(challenge.reference.truth), grouped="group" in challenge.metrics[0].params)


def by_row(challenge: Challenge) -> bool:
    """Whether the ranking metric is a mean of losses by row, its root or what is missing to 1: a ladder needs that."""
    return made_by(challenge) in sums.BY_ROW


def believed(raw: bytes, *, parts: bytes, made_by: str, values: Mapping[str, float]) -> Losses:
    """Return what a SCORE child wrote as losses; raises Untrusted unless they make each part's value of ``values``.

    Finite in every row of a part (of groups: in one row of each), and agreeing with the value to 1e-9 of it.
    """
    width = sums.WIDTHS[made_by]
    if len(raw) != 8 * width * len(parts):
        raise Untrusted("not what each row brings")
    numbers = _doubles(raw)
    for code, part in enumerate(PARTS):
        if part in values:
            _agreeing(list(itertools.compress(numbers, _those(parts, code, width))), made_by, values[part], part)
    return Losses(made_by, raw, parts)


def _those(parts: bytes, code: int, width: int) -> bytearray:
    """Return 1 for each number of the rows of a part, ``width`` a row, and 0 for the others."""
    rows = parts.translate(bytes(one == code for one in range(256)))
    found = bytearray(width * len(rows))
    for at in range(width):
        found[at::width] = rows
    return found


def _agreeing(there: list[float], made_by: str, value: float, part: str) -> None:
    """Raise Untrusted unless the numbers of a part make its value."""
    if made_by in sums.BY_GROUP:
        there = [number for number in there if not math.isnan(number)]
        made_by = sums.BY_GROUP[made_by]
    try:
        if made_by not in sums.BY_ROW:
            made = sums.of_rows(made_by, there)  # of a number that is not finite no value comes
            if made is None:
                raise Untrusted(f"what the rows of {part} bring makes no value")
            _close(made, value, max(1.0, abs(value)), part)
            return
        mean = math.fsum(there) / len(there)
    except (IndexError, OverflowError, ValueError, ZeroDivisionError) as error:
        raise Untrusted(f"the losses of {part} have no mean") from error
    if not math.isfinite(mean) or (made_by == ROOT and mean < 0):
        raise Untrusted(f"the losses of {part} are not finite")
    made = {MEAN: mean, ROOT: math.sqrt(abs(mean)), REST: 1 - mean}[made_by]
    _close(made, value, max(1.0, abs(value)) if made_by == REST else abs(value), part)


def _close(made: float, value: float, scale: float, part: str) -> None:
    if not abs(made - value) <= _AGREEMENT * scale:
        raise Untrusted(f"the losses of {part} make {made!r}, not the reported value")


def store(settings: Settings) -> FileStore:
    """Return where losses are kept: apart from what people uploaded, readable by the platform's user alone."""
    return FileStore(settings.losses_dir, mode=0o600)


def keep(files: FileStore, losses: Losses) -> str:
    """Keep ``losses`` compressed and return the digest to read them by."""
    head = json.dumps({"made_by": losses.made_by, "rows": len(losses.parts)}).encode()
    # Byte by byte of all numbers, as they are alike: smaller and three times as quick as number by number.
    press = zlib.compressobj(1, strategy=zlib.Z_RLE)
    body = press.compress(losses.parts + b"".join(losses.values[at::8] for at in range(8))) + press.flush()
    packed = _MAGIC + struct.pack("<I", len(head)) + head + body
    return files.put(io.BytesIO(packed), limit_bytes=_MOST_BYTES).digest


def read_losses(files: FileStore, score: Score) -> Losses | None:
    """Return the losses kept with ``score``; None for a metric that has none, or a score from before they were kept.

    Scores with the same ``basis`` have their rows in the same order. Raises NotFound when the file is gone, ValueError
    when it is not what was kept.
    """
    return None if score.losses_digest is None else read_kept(files, score.losses_digest)


def read_kept(files: FileStore, digest: str) -> Losses:
    """Return the losses kept under ``digest``; raises as ``read_losses`` does."""
    with files.open(digest) as file:
        packed = file.read()
    if packed[:8] not in {_MAGIC, _MAGIC_BEFORE} or hashlib.sha256(packed).hexdigest() != digest:
        raise ValueError("not the losses that were kept")
    (size,) = struct.unpack("<I", packed[8:12])
    head = json.loads(packed[12 : 12 + size])
    body = zlib.decompress(packed[12 + size :])
    rows = int(head["rows"])
    values = body[rows:]
    if packed[:8] == _MAGIC:
        together, count = bytearray(len(values)), len(values) // 8
        for at in range(8):
            together[at::8] = values[at * count : (at + 1) * count]
        values = bytes(together)
    return Losses(str(head["made_by"]), values, body[:rows])


def _doubles(raw: bytes) -> "array.array[float]":
    numbers = array.array("d", raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
