"""Name the files of a challenge folder safely: nothing outside the folder, sizes and digests as they are on disk."""

import csv
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from datathon.editions.read_toml import Table
from datathon.editions.rules import DataFile, Text

_CHUNK = 1 << 20


def inside(folder: Path, name: str) -> Path | None:
    """Return ``folder/name`` when it stays in the folder, links followed; None when it leaves it or is not relative."""
    if not name or "\0" in name or "\\" in name or Path(name).is_absolute():
        return None
    path = folder / name
    return path if path.resolve().is_relative_to(folder.resolve()) and ".." not in Path(name).parts else None


def existing(table: Table, key: str, *, folder: Path, name: str) -> Path | None:
    """Return the file ``name`` of ``folder``, or None after noting why it cannot be taken."""
    path = inside(folder, name)
    if path is None:
        table.note(f"{key}: {name!r} leaves the folder {folder.name}/", key)
        return None
    if not path.is_file():
        table.note(f"{key}: no file {name!r} in {folder.name}/", key)
        return None
    return path


def data_file(path: Path, about: Text) -> DataFile:
    """Return the name, size, digest and data rows of a public file; read again only when it changed on disk."""
    state = path.stat()
    sha256, rows = _contents(path, state.st_mtime_ns, state.st_size)
    return DataFile(path.name, state.st_size, sha256, about, rows if path.suffix.lower() == ".csv" else None)


@lru_cache(maxsize=1024)
def _contents(path: Path, _mtime_ns: int, _size: int) -> tuple[str, int]:
    digest = hashlib.sha256()
    lines = 0
    last = b"\n"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return digest.hexdigest(), max(0, lines + (last != b"\n") - 1)


def header(path: Path) -> Sequence[str]:
    """Return the column names of a CSV file; empty when it has none or is not text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except (UnicodeDecodeError, csv.Error):
        return []
