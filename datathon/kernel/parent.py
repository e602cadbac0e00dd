"""End with one's parent, so that a killed supervisor leaves nothing behind."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

# Loaded at import: nothing may be loaded between a fork and an exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process as soon as its parent ends; ``parent`` is the pid it should have.

    Linux only: elsewhere a killed parent leaves its children running. The request is lost when a process changes its
    user, which must then ask again.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent ended before the request was made.
        os._exit(1)
