"""Look for ways to the hidden values that need no model: files, ids, row order, copies of rows."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from datathon.editions.check_data import truth_of
from datathon.editions.check_report import Notebook
from datathon.editions.rules import Challenge
from datathon.editions.sheet import Floats, NotATable, Sheet, read_sheet

_ORDER_ERROR = 0.5
_ORDER_WARNING = 0.2
_ORDER_Z = 5.0
_CLASSES = 20
_DIGITS = re.compile(r"\d+")


def check_files(challenge: Challenge, reference: Sheet, notes: Notebook) -> None:
    """Note hidden files that lie in public/, or a public file that is a copy of one, or is not listed."""
    since = len(notes.findings)
    public = challenge.folder / "public"
    hidden = {_digest(p): p for p in _files(challenge.folder / "reference")}
    hidden[_digest(reference.path)] = reference.path
    listed = {f.name for f in challenge.files}
    for path in _files(public):
        if path.resolve() == reference.path.resolve():
            notes.error(path, "the reference lies in public/")
        elif _digest(path) in hidden:
            notes.error(path, f"is a copy of the hidden file {hidden[_digest(path)].name}")
        elif path.parent == public and path.name not in listed:
            notes.warning(path, "is not listed in [[data.files]]: nobody can download it")
    notes.ran("files", since)


def check_public_values(challenge: Challenge, reference: Sheet, sample: Sheet, notes: Notebook) -> None:
    """Note public files that tell the truth of the ids asked about, and ids shared with the training rows."""
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    truth = list(truth_of(challenge))
    hidden = dict(zip(reference.column(key), reference.cells(truth), strict=True))
    for sheet in (*_tables(challenge, notes), sample):
        shared = [name for name in truth if name in sheet.header]
        if key not in sheet.header or not shared:
            continue
        told = dict(zip(sheet.column(key), sheet.cells(shared), strict=True))
        common = sorted(set(told) & set(hidden))
        places = [truth.index(name) for name in shared]
        right = sum(_same(told[i], tuple(hidden[i][p] for p in places)) for i in common)
        if sheet is sample:
            if common and right == len(common):
                notes.error(sheet.path, "the sample is the truth itself")
        elif common and right > 0.5 * len(common):
            notes.error(sheet.path, f"tells {', '.join(shared[:3])} of {right} of the {len(hidden)} hidden rows")
        elif common:
            notes.error(sheet.path, f"{len(common)} hidden {key} stand among its rows, such as {common[0]!r}")
    notes.ran("public values", since)


def check_copies(challenge: Challenge, notes: Notebook) -> None:
    """Note rows without labels that stand, but for their id, among rows with labels: their answer can be looked up."""
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    truth = set(truth_of(challenge))
    tables = [t for t in _tables(challenge, notes) if key in t.header]
    for known in (t for t in tables if truth <= set(t.header)):
        for asked in (t for t in tables if not truth & set(t.header)):
            shared = [name for name in asked.header if name != key and name in known.header]
            if not shared or len(shared) < len(asked.header) - 1:
                continue
            there = set(known.cells(shared))
            copies = [line for line, row in zip(asked.lines, asked.cells(shared), strict=True) if row in there]
            if copies:
                many = len(copies) > 0.01 * len(asked.rows)
                note = notes.error if many else notes.warning
                note(asked.path, f"{len(copies)} rows are the same in {known.path.name} but for {key}", copies[0])
    notes.ran("copies", since)


def check_order(challenge: Challenge, reference: Sheet, sample: Sheet, notes: Notebook) -> None:
    """Note labels that follow the order of the rows or the numbers in the ids: sorting would score without a model.

    Spearman's correlation of each label with the position in the reference, in the sample (what teams see) and with
    the number in the id. Error from 0.5, warning from 0.2; below five standard errors (1 / sqrt(rows), over all
    labels) it counts as chance. Classes of text are taken one by one.
    """
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    ids = reference.column(key)
    place = {value: index for index, value in enumerate(sample.column(key))}
    orders = {
        "the order of its rows": np.arange(len(ids), dtype=np.float64),
        f"the order of the rows of {sample.path.name}": np.array([place.get(i, -1) for i in ids], dtype=np.float64),
    }
    numbers = [_DIGITS.findall(i) for i in ids]
    if all(numbers):
        orders[f"the number in {key}"] = np.array([float("".join(n)[:15]) for n in numbers])
    said: set[str] = set()
    for order, position in orders.items():
        worst, name = max(
            ((abs(spearman(position, v)), n) for n, v in _labels(challenge, reference)), default=(0.0, "")
        )
        if worst * np.sqrt(len(ids)) < _ORDER_Z or worst < _ORDER_WARNING or name in said:
            continue
        said.add(name)
        note = notes.error if worst >= _ORDER_ERROR else notes.warning
        note(reference.path, f"{name} follows {order} (rank correlation {worst:.2f}): shuffle the rows or the ids")
    notes.ran("row order", since)


def spearman(one: Floats, other: Floats) -> float:
    """Return Spearman's rank correlation of two columns of equal length, ties at their mean rank; 0 where undefined."""
    if len(one) < 3 or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return 0.0
    first, second = _ranks(one), _ranks(other)
    spread = float(first.std() * second.std())
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread else 0.0


def _ranks(values: Floats) -> Floats:
    _unique, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Floats = (ends - (counts - 1) / 2.0)[inverse]
    return ranks


def _labels(challenge: Challenge, reference: Sheet) -> Iterator[tuple[str, Floats]]:
    """Yield each label as numbers; a text label with few classes as one 0/1 column per class."""
    for name in truth_of(challenge):
        values = reference.numbers(name)
        if np.isfinite(values).all():
            yield name, values
            continue
        cells = np.array(reference.column(name))
        classes = np.unique(cells)
        if len(classes) <= _CLASSES:
            for value in classes:
                yield f"{name} = {value}", (cells == value).astype(np.float64)


def _same(told: tuple[str, ...], hidden: tuple[str, ...]) -> bool:
    return all(a == b or _close(a, b) for a, b in zip(told, hidden, strict=True))


def _close(told: str, hidden: str) -> bool:
    try:
        return float(told) == float(hidden)
    except ValueError:
        return False


def _tables(challenge: Challenge, notes: Notebook) -> list[Sheet]:
    found = []
    for path in _files(challenge.folder / "public"):
        if path.suffix.lower() != ".csv":
            continue
        try:
            found.append(read_sheet(path))
        except NotATable as error:
            if not any(f.file == path for f in notes.findings):
                notes.warning(path, str(error), error.line)
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
