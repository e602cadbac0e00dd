"""The folder a program finds its inputs in: made for one job, removed after it, swept up when its service was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

PLACE = Path("/tmp")  # noqa: S108 - mkdtemp makes the folder; the service's environment names no other place
PREFIX = "dth-program-"


@dataclass(frozen=True, slots=True)
class Scratch:
    """A folder of one job; the lock on ``descriptor`` tells other services that its owner is alive."""

    path: str
    descriptor: int

    def remove(self) -> None:
        """Delete the folder with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.descriptor)


def make() -> Scratch:
    """Return a new empty folder that only this user may enter; raises OSError."""
    # It gets the name that ``sweep`` looks for only once it is locked.
    fresh = tempfile.mkdtemp(prefix=".dth-", dir=PLACE)
    descriptor = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    path = PLACE / f"{PREFIX}{Path(fresh).name.removeprefix('.dth-')}"
    Path(fresh).rename(path)
    return Scratch(str(path), descriptor)


def sweep() -> int:
    """Delete the folders that killed services of this user left behind; return how many."""
    swept = 0
    for path in PLACE.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.is_symlink() or path.stat().st_uid != os.geteuid():
                continue
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
                swept += 1
            finally:
                os.close(descriptor)
    return swept
