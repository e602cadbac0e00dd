"""Anonymous memory files: how bytes are handed to the scorer service without a path, and without being changed after."""

import fcntl
import os
from typing import Protocol

_CHANGES = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class Readable(Protocol):
    """Anything with ``read``."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""


def sealed(name: str, data: bytes) -> int:
    """Return a descriptor of a memory file with ``data`` that nobody can change any more."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        write(descriptor, data)
        seal(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def sized(name: str, size: int) -> int:
    """Return a descriptor of a writable memory file of exactly ``size`` bytes, for good."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return descriptor


def seal(descriptor: int) -> None:
    """Freeze the content; raises OSError (EBUSY) while anybody still has it mapped for writing."""
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _CHANGES)


def write(descriptor: int, data: bytes) -> None:
    """Write all of ``data``."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
