"""The catalogue as its files stand now: read again when one of them changed, the last good state where one is broken."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from datathon.editions.catalogue import Catalogue, load_catalogue

EVERY_S = 2.0
"""Seconds between two looks at the files, at least: a look costs one ``stat`` for each of them."""

Signature = tuple[tuple[str, int, int], ...]


class Watch:
    """The catalogue under ``root``, for processes that live for days. Threads may share one.

    A folder that was good and is broken now keeps its last good state and is listed in ``broken`` beside it, so that a
    mistake in a file never takes an edition off the air.
    """

    def __init__(self, root: Path, *, every_s: float = EVERY_S) -> None:
        """Read the catalogue for the first time."""
        self._root, self._every_s = root, every_s
        self._lock = threading.Lock()
        self._signature = signature(root)
        self._looked_at = time.monotonic()
        self.catalogue = load_catalogue(root)

    def look(self) -> bool:
        """Bring ``catalogue`` up to date and return whether it was read again; at most once every ``every_s`` seconds."""
        if time.monotonic() - self._looked_at < self._every_s or not self._lock.acquire(blocking=False):
            return False
        try:
            found = signature(self._root)
            self._looked_at = time.monotonic()
            if found == self._signature:
                return False
            # The signature comes first: what is written while the files are read is read again at the next look.
            self.catalogue = keep_good(self.catalogue, load_catalogue(self._root))
            self._signature = found
            return True
        finally:
            self._lock.release()


def keep_good(before: Catalogue, after: Catalogue) -> Catalogue:
    """Return ``after`` with the editions of ``before`` whose folders are broken now."""
    lost = {one.id: before.editions[one.id] for one in after.broken if one.id in before.editions}
    if not lost:
        return after
    editions = {**after.editions, **lost}
    return replace(after, editions={key: editions[key] for key in sorted(editions)})


def signature(root: Path) -> Signature:
    """Return name, instant of change and size of every file that a catalogue may depend on, hidden folders aside."""
    return tuple(sorted(_files(root)))


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        for name in names:
            path = os.path.join(folder, name)  # noqa: PTH118 - a string is enough, for hundreds of files
            try:
                status = os.stat(path)  # noqa: PTH116 - as above
            except OSError:
                continue  # gone between the two calls: the next look sees a stable state
            yield path, status.st_mtime_ns, status.st_size
