"""Look for ways to the hidden values that need no model: files, ids, row order, copies of rows."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datathon.editions.check_data import CLASSES as _CLASSES
from datathon.editions.check_data import label_columns, truth_of
from datathon.editions.check_report import Notebook
from datathon.editions.rules import Challenge
from datathon.editions.sheet import Floats, NotATable, Sheet, stream_sheet

_ORDER_ERROR = 0.5
_ORDER_WARNING = 0.2
_ORDER_Z = 5.0
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
    """Note public files that tell the truth of the ids asked about, and ids shared with the training rows.

    Files are read row by row: only rows of hidden ids are kept.
    """
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    truth = list(truth_of(challenge))
    hidden = dict(zip(reference.column(key), reference.cells(truth), strict=True))
    for path in (*_tables(challenge), sample.path):
        with _noted(path, notes), stream_sheet(path) as sheet:
            shared = [name for name in truth if name in sheet.header]
            if key not in sheet.header or not shared:
                continue
            at, columns = sheet.header.index(key), [sheet.header.index(name) for name in shared]
            told = {row[at]: tuple(row[i] for i in columns) for _line, row in sheet.rows if row[at] in hidden}
            places = [truth.index(name) for name in shared]
            right = sum(_same(cells, tuple(hidden[i][p] for p in places)) for i, cells in told.items())
            if path == sample.path:
                if told and right == len(told):
                    notes.error(path, "the sample is the truth itself")
            elif told and right > 0.5 * len(told):
                notes.error(path, f"tells {', '.join(shared[:3])} of {right} of the {len(hidden)} hidden rows")
            elif told:
                notes.error(path, f"{len(told)} hidden {key} stand among its rows, such as {min(told)!r}")
    notes.ran("public values", since)


def check_copies(challenge: Challenge, notes: Notebook) -> None:
    """Note rows without labels that stand, but for their id, among rows with labels: their answer can be looked up.

    Of the rows with labels a hash is kept, eight bytes each: a collision within millions of rows is next to impossible.
    """
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    truth = set(truth_of(challenge))
    tables = _headers(challenge, key, notes)
    for known, columns in tables.items():
        for asked, header in tables.items():
            shared = [name for name in header if name != key and name in columns]
            if not truth <= set(columns) or truth & set(header) or not shared or len(shared) < len(header) - 1:
                continue
            with _noted(asked, notes):
                there = {hashed for _line, hashed in _hashes(known, shared)}
                rows = [(line, hashed in there) for line, hashed in _hashes(asked, shared)]
                copies = [line for line, copied in rows if copied]
                if copies:
                    note = notes.error if len(copies) > 0.01 * len(rows) else notes.warning
                    note(asked, f"{len(copies)} rows are the same in {known.name} but for {key}", copies[0])
    notes.ran("copies", since)


def check_id_patterns(challenge: Challenge, reference: Sheet, notes: Notebook) -> None:
    """Note ids whose writing tells the label: letters before the number, last character, length, odd or even.

    Correlation ratio (share of the label's variance between the groups, its root): error from 0.5, warning from 0.2;
    within five standard errors of what groups drawn by chance would give it counts as chance.
    """
    since = len(notes.findings)
    key = challenge.submission.id if challenge.submission is not None else ""
    ids = reference.column(key)
    patterns: dict[str, list[str]] = {
        "the letters before the number": [_DIGITS.split(name, maxsplit=1)[0] for name in ids],
        "the last character": [name[-1:] for name in ids],
        "the length": [str(len(name)) for name in ids],
    }
    if all(name[-1:].isdigit() for name in ids):
        patterns["odd or even number"] = [str(int(name[-1]) % 2) for name in ids]
    for pattern, groups in patterns.items():
        found, inverse = np.unique(np.array(groups), return_inverse=True)
        if not 2 <= len(found) <= min(_CLASSES, len(ids) // 3):
            continue
        worst, name = max(((_ratio(inverse, values), n) for n, values in label_columns(reference, truth_of(challenge))),
                          default=(0.0, ""))  # fmt: skip
        free = len(found) - 1
        chance = (free + _ORDER_Z * np.sqrt(2 * free)) / len(ids)
        if worst**2 > chance and worst >= _ORDER_WARNING:
            note = notes.error if worst >= _ORDER_ERROR else notes.warning
            note(reference.path, f"{name} can be told from {key} ({pattern}, correlation {worst:.2f}): give new ids")
            break
    notes.ran("id patterns", since)


def _ratio(groups: npt.NDArray[np.intp], values: Floats) -> float:
    """Return the root of the share of ``values``' variance that lies between groups (codes from 0), 0 to 1."""
    spread = float(values.var())
    if not np.isfinite(spread) or spread == 0:
        return 0.0
    counts = np.bincount(groups)
    means = np.bincount(groups, weights=values) / counts
    return float(np.sqrt((counts * (means - values.mean()) ** 2).sum() / len(values) / spread))


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
            ((abs(spearman(position, v)), n) for n, v in label_columns(reference, truth_of(challenge))),
            default=(0.0, ""),
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


def _same(told: tuple[str, ...], hidden: tuple[str, ...]) -> bool:
    return all(a == b or _close(a, b) for a, b in zip(told, hidden, strict=True))


def _close(told: str, hidden: str) -> bool:
    try:
        return float(told) == float(hidden)
    except ValueError:
        return False


def _tables(challenge: Challenge) -> list[Path]:
    return [path for path in _files(challenge.folder / "public") if path.suffix.lower() == ".csv"]


def _headers(challenge: Challenge, key: str, notes: Notebook) -> dict[Path, tuple[str, ...]]:
    """Return the columns of each public table that has the column ``key``."""
    found = {}
    for path in _tables(challenge):
        with _noted(path, notes), stream_sheet(path) as sheet:
            if key in sheet.header:
                found[path] = sheet.header
    return found


@contextmanager
def _noted(path: Path, notes: Notebook) -> Iterator[None]:
    """Note, once for each file, that it is not a table."""
    try:
        yield
    except NotATable as error:
        if not any(f.file == path for f in notes.findings):
            notes.warning(path, str(error), error.line)


def _hashes(path: Path, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the line of each row and a hash of its cells in the columns ``names``."""
    with stream_sheet(path) as sheet:
        places = [sheet.header.index(name) for name in names]
        for line, row in sheet.rows:
            yield line, hash(tuple(row[i] for i in places))


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
