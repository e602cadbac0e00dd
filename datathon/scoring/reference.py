"""The hidden reference, read once and turned into typed arrays on the order of the public ids.

Standard library only: the worker that calls this stays light. What it returns goes to SCORE as sealed bytes and
nowhere else.
"""

import array
import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datathon.editions.rules import Challenge, Column, Reference, SubmissionFormat
from datathon.editions.split import public_rows
from scorers import blob, written

PUBLIC, PRIVATE, IGNORED = 0, 1, 2
_PARTS = {"public": PUBLIC, "private": PRIVATE, "ignored": IGNORED}
_CACHE: dict[str, "Prepared"] = {}
_MOST_CACHED = 32
_NARROW_BYTES = 64
FIELD_CHARACTERS = 100_000_000
"""Longest field of the organiser's own files: one mask or text may be long."""


class ReferenceFault(Exception):  # noqa: N818 - names whose fault it is
    """The challenge's reference or sample is not in order; the text names file and line, for organisers."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A reference ready to score against: public ids (UTF-8, one a line), labels (``scorers.blob``), rows per part.

    ``where`` has one byte per row: 0 public, 1 private, 2 neither.
    """

    ids: bytes
    labels: bytes
    rows: int
    parts: Mapping[str, int]
    digest: str
    where: bytes


def prepare(challenge: Challenge) -> Prepared:
    """Return the prepared reference of ``challenge``; raises ReferenceFault.

    Kept in memory by the digests of the files and of the configuration: a worker prepares before it forks.
    """
    form, reference = challenge.submission, challenge.reference
    if form is None or reference is None:
        raise ReferenceFault(f"{challenge.id}: no submission format or no reference")
    hidden = _bytes(reference.file)
    sample_file = sample_path(challenge)
    sample = b"" if sample_file is None else _bytes(sample_file)
    digest = "sha256:" + hashlib.sha256(hidden).hexdigest()
    key = hashlib.sha256(repr((digest, hashlib.sha256(sample).digest(), form, reference, "2")).encode()).hexdigest()
    if key not in _CACHE:
        found = _prepare(form, reference, hidden, sample, digest)
        while len(_CACHE) >= _MOST_CACHED:
            _CACHE.pop(next(iter(_CACHE)), None)
        _CACHE[key] = found
    return _CACHE[key]


def sample_path(challenge: Challenge) -> Path | None:
    """Return the sample submission's file, or None when the challenge has none."""
    name = challenge.sample or "sample_submission.csv"
    return next((f for f in (challenge.folder / name, challenge.folder / "public" / name) if f.is_file()), None)


def paired(form: SubmissionFormat, reference: Reference) -> dict[str, Column]:
    """Return which submitted column each truth column is compared with: the like-named one, or the only one."""
    by_name = {c.name: c for c in form.columns}
    if len(reference.truth) == len(form.columns) == 1:
        return {reference.truth[0]: form.columns[0]}
    return {name: by_name[name] for name in reference.truth if name in by_name}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReferenceFault(f"{path}: {error.strerror}") from error


def _prepare(form: SubmissionFormat, reference: Reference, hidden: bytes, sample: bytes, digest: str) -> Prepared:
    table = _table(hidden, reference.file.name)
    for name in (form.id, *reference.truth, *([reference.usage] if reference.usage else [])):
        if name not in table:
            raise ReferenceFault(f"{reference.file.name}:1: no column {name}")
    own_ids = table[form.id]
    rows = {name: i for i, name in enumerate(own_ids)}
    ids = _table(sample, "the sample submission").get(form.id, []) if sample else own_ids
    _check_ids(ids, own_ids, rows, reference.file.name)
    order = [rows[name] for name in ids]
    codes = _part_codes(table, form, reference, digest)
    where = [codes[row] for row in order]
    columns: dict[str, tuple[str, bytes]] = {"part": ("|i1", array.array("b", where).tobytes())}
    pairs = paired(form, reference)
    for name, values in table.items():
        if name in {form.id, reference.usage}:
            continue
        is_truth = name in reference.truth
        label = f"truth:{name}" if is_truth else f"column:{name}"
        columns[label] = _typed(
            [values[row] for row in order], pairs.get(name), f"{reference.file.name}, column {name}"
        )
    parts = {"public": where.count(PUBLIC), "private": where.count(PRIVATE)}
    parts["all"] = parts["public"] + parts["private"]
    labels = blob.pack(columns, {"rows": len(ids)})
    return Prepared("\n".join(ids).encode(), labels, len(ids), parts, digest, bytes(where))


def _check_ids(ids: Sequence[str], own_ids: Sequence[str], rows: Mapping[str, int], file: str) -> None:
    if not ids:
        raise ReferenceFault("the sample submission has no ids")
    if len(rows) != len(own_ids) or len(set(ids)) != len(ids):
        raise ReferenceFault(f"{file}: an id appears twice, here or in the sample submission")
    if set(ids) != set(own_ids):
        other = min(set(ids) ^ set(own_ids))
        raise ReferenceFault(f"{file}: the id {other!r} is not both here and in the sample submission")
    bad = next((name for name in ids if not name or not name.isprintable()), None)
    if bad is not None:
        raise ReferenceFault(f"{file}: the id {bad!r} is empty or has control characters")


def _table(raw: bytes, file: str) -> dict[str, list[str]]:
    csv.field_size_limit(FIELD_CHARACTERS)
    try:
        lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        header = next(lines, [])
        rows = [row for row in lines if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReferenceFault(f"{file}: {error}") from error
    if len(set(header)) != len(header):
        raise ReferenceFault(f"{file}:1: a column appears twice")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ReferenceFault(f"{file}:{number}: {len(row)} values, expected {len(header)}")
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: list(values) for name, values in zip(header, columns, strict=True)}


def _part_codes(table: Mapping[str, list[str]], form: SubmissionFormat, reference: Reference, digest: str) -> list[int]:
    if reference.usage is not None:
        codes = []
        for number, usage in enumerate(table[reference.usage], start=2):
            code = _PARTS.get(usage.strip().lower())
            if code is None:
                raise ReferenceFault(f"{reference.file.name}:{number}: {usage!r}, expected Public, Private or Ignored")
            codes.append(code)
        return codes
    split = reference.split
    if split is None:
        return [PUBLIC] * len(table[form.id])
    for name in (split.stratify, split.group):
        if name is not None and name not in table:
            raise ReferenceFault(f"{reference.file.name}:1: no column {name}")
    public = public_rows(
        table[form.id],
        key=digest.encode(),  # ``split.key_of`` the file
        share=split.public,
        strata=None if split.stratify is None else table[split.stratify],
        groups=None if split.group is None else table[split.group],
    )
    return [PUBLIC if p else PRIVATE for p in public]


def _typed(values: Sequence[str], column: Column | None, label: str) -> tuple[str, bytes]:
    """Return the column as numbers where it must be or all values are, else as text.

    Short text has a fixed width, which is quick to compare; text that is compared with text has none.
    """
    kind = None if column is None else column.type
    if column is not None and column.format:
        _check_written(values, column, label)
    numbers: list[float] | None = []
    if kind not in {"string", "category"}:
        for value in values:
            number = _number(value)
            if number is None:
                if kind is not None:
                    raise ReferenceFault(f"{label}: {value!r} is not a finite number")
                numbers = None
                break
            if numbers is not None:
                numbers.append(number)
        if numbers is not None:
            return "<f8", array.array("d", numbers).tobytes()
    encoded = [value.encode() for value in values]
    width = max(1, *(len(value) for value in encoded))
    if kind == "string" or width > _NARROW_BYTES:
        return blob.text_column(values)
    return f"|S{width}", b"".join(value.ljust(width, b"\0") for value in encoded)


def _check_written(values: Sequence[str], column: Column, label: str) -> None:
    for value in values:
        if written.fault(value, {"format": column.format, "pixels": column.pixels, "true": True}) is not None:
            raise ReferenceFault(f"{label}: {value[:40]!r} is not written as {column.format!r} asks")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    # float() takes 1_0 and the digits of every script, people and other programs do not.
    return value if math.isfinite(value) and "_" not in text and text.isascii() else None
