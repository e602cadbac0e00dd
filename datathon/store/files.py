"""Uploaded files, kept under their SHA-256 and never changed."""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

from datathon.kernel.errors import NotFound, TooLarge, Unavailable
from datathon.kernel.ids import new_token

CHUNK_BYTES = 1 << 20
_COARSE_NS = 1_000_000
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EMLINK}


class Readable(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, nothing at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely on disk: ``digest`` is its SHA-256 in hexadecimal, ``size`` is in bytes.

    ``made_ns`` is the time of the file that this putting made, None when the same bytes were there before.
    """

    digest: str
    size: int
    made_ns: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder of files named by digest, with permission ``mode``; ``min_free_bytes`` is left free on its disk."""

    root: Path
    min_free_bytes: int = 0
    mode: int = 0o440

    def put(self, stream: Readable, *, limit_bytes: int) -> Stored:
        """Copy ``stream`` to the disk for good (file and folder are synced) and return its digest and size.

        Raises TooLarge as soon as more than ``limit_bytes`` came, Unavailable when the disk is full or nearly so.
        Nothing is left behind in either case. The same bytes twice are one file.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.check_space()
            with NamedTemporaryFile(dir=self.root, prefix="incoming-", delete=False) as file:
                temporary = Path(file.name)
                try:
                    stored = _copy(stream, file, limit_bytes)
                    os.fsync(file.fileno())
                    stored = replace(stored, made_ns=self._keep(temporary, stored.digest))
                finally:
                    temporary.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(
                "The platform cannot keep the file at the moment. Nothing was counted; try again later."
            ) from error
        return stored

    def check_space(self) -> None:
        """Raise Unavailable when the disk has less room than must stay free."""
        if shutil.disk_usage(self.root).free < self.min_free_bytes:
            raise Unavailable(
                "The platform's disk is nearly full. Nothing was counted; the organisers can see this alert."
            )

    def _keep(self, temporary: Path, digest: str) -> int | None:
        target = self.path(digest)
        target.parent.mkdir(exist_ok=True)
        temporary.chmod(self.mode)
        made: int | None = temporary.stat().st_mtime_ns
        while True:
            now = time.time_ns()
            with suppress(FileNotFoundError):
                # The same bytes are here already: who is about to drop them sees that they are wanted again.
                os.utime(target, ns=(now, now))
                made = None
                break
            try:  # a link, since renaming would put it over one that came a moment ago
                target.hardlink_to(temporary)
            except FileExistsError:
                continue
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                temporary.rename(target)
                made = None
            break
        for folder in (target.parent, self.root):
            _sync_folder(folder)
        # A disk that keeps no finer times could not tell who came later.
        return made if made is not None and made % _COARSE_NS else None

    def drop(self, digest: str, *, unused_since: datetime) -> bool:
        """Remove a kept file that nobody handed in again after ``unused_since``; False when it is not there or was.

        Whoever puts the same bytes at the same time is not robbed: the file is set aside first, and put back when its
        time shows that it was wanted meanwhile.
        """
        return self._drop(digest, lambda time_ns: time_ns > unused_since.timestamp() * 1e9)

    def take_back(self, stored: Stored) -> bool:
        """Remove the file that putting ``stored`` made, unless the same bytes were there before or came again since."""
        return stored.made_ns is not None and self._drop(stored.digest, lambda time_ns: time_ns != stored.made_ns)

    def _drop(self, digest: str, wanted: Callable[[int], bool]) -> bool:
        # Each sets it aside under a name of its own: whoever drops the same bytes meanwhile takes no other's file.
        target, aside = self.path(digest), self.root / f"dropped-{digest}-{new_token()}"
        try:
            target.rename(aside)
            kept = wanted(aside.stat().st_mtime_ns)
        except FileNotFoundError:
            return False
        if kept:
            aside.rename(target)
            return False
        aside.unlink(missing_ok=True)
        return True

    def put_back(self) -> None:
        """Put back what an interrupted ``drop`` set aside."""
        for aside in self.root.glob("dropped-*"):
            target = self.path(aside.name.split("-")[1])
            with suppress(FileNotFoundError):
                aside.unlink() if target.exists() else aside.rename(target)

    def path(self, digest: str) -> Path:
        """Return where the file of this digest is or would be."""
        return self.root / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """Open a kept file for reading; NotFound when it is not there."""
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError as error:
            raise NotFound("This file is no longer kept.") from error

    def chunks(self, digest: str) -> Iterator[bytes]:
        """Give a kept file piece by piece; NotFound at once, and not halfway, when it is not there."""
        return _pieces(self.open(digest))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK_BYTES):
            yield piece


def _copy(stream: Readable, file: object, limit_bytes: int) -> Stored:
    sha, size = hashlib.sha256(), 0
    while piece := stream.read(CHUNK_BYTES):
        size += len(piece)
        if size > limit_bytes:
            raise TooLarge("The file is larger than %(limit)s.", field="file", limit=limit_bytes)
        sha.update(piece)
        file.write(piece)  # type: ignore[attr-defined]  # the temporary file's wrapper has no public type
    file.flush()  # type: ignore[attr-defined]
    return Stored(sha.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
