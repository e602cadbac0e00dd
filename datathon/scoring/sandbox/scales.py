"""The child's side of weighing: the kernel's account of its own memory, opened before the seal. See ``weigh``."""

import os
import re
from collections.abc import Callable

_PRIVATE = re.compile(rb"^Private_(?:Clean|Dirty|Hugetlb):\s+(\d+) kB$", re.MULTILINE)


def open_scales() -> int:
    """Return a descriptor of the kernel's account of this process's memory."""
    return os.open("/proc/self/smaps_rollup", os.O_RDONLY | os.O_CLOEXEC)


def weighed(work: Callable[[], bytes], account: int, say: Callable[[str], None]) -> Callable[[], bytes]:
    """Return ``work`` with a word on what this process weighs before and after it."""

    def run() -> bytes:
        idle = _private_bytes(account)
        reply = work()
        say(f"private bytes: {idle} idle, {_private_bytes(account)} done\n")
        return reply

    return run


def _private_bytes(account: int) -> int:
    return 1024 * sum(int(kib) for kib in _PRIVATE.findall(os.pread(account, 4096, 0)))
