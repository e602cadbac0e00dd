"""Numbers of the system calls a sealed child may make, per architecture. Frozen by the kernel's ABI."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One architecture: its audit number, the numbers needed to seal, the calls allowed after.

    ``guarded`` calls are allowed by their arguments only; ``reading`` ones (and open, openat) only where a child may
    read files under Landlock.

    ``x32_bit`` marks calls of a second ABI behind the same audit number (0: there is none).
    """

    audit: int
    seccomp: int
    x32_bit: int
    allowed: Mapping[str, int]
    guarded: Mapping[str, int]
    reading: Mapping[str, int]
    clone3: int = 435
    landlock: int = 444


# Reading and writing what is already open, memory, locks, time, signals to oneself, the end; nothing that opens,
# connects, starts, attaches or raises. newfstatat stays out: it takes paths, fstat does not.
_X86_64 = Table(
    audit=0xC000003E,
    seccomp=317,
    x32_bit=0x40000000,
    allowed={
        "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "munmap": 11, "brk": 12, "rt_sigaction": 13,
        "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "sched_yield": 24,
        "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "gettimeofday": 96,
        "getrusage": 98, "sysinfo": 99, "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108,
        "getppid": 110, "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204,
        "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
        "getcpu": 309, "getrandom": 318,
    },
    guarded={"mmap": 9, "mprotect": 10, "fcntl": 72, "tgkill": 234, "open": 2, "openat": 257},
    reading={
        "stat": 4, "lstat": 6, "access": 21, "getcwd": 79, "readlink": 89, "getdents64": 217, "newfstatat": 262,
        "readlinkat": 267, "faccessat": 269, "faccessat2": 439,
    },
)  # fmt: skip
_AARCH64 = Table(
    audit=0xC00000B7,
    seccomp=277,
    x32_bit=0,
    allowed={
        "close": 57, "lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "fstat": 80,
        "exit": 93, "exit_group": 94, "futex": 98, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114,
        "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128,
        "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "times": 153,
        "uname": 160, "getrusage": 165, "getcpu": 168, "gettimeofday": 169, "getpid": 172, "getppid": 173,
        "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "brk": 214,
        "munmap": 215, "mremap": 216, "madvise": 233, "getrandom": 278,
    },
    guarded={"mmap": 222, "mprotect": 226, "fcntl": 25, "tgkill": 131, "openat": 56},
    reading={"getcwd": 17, "faccessat": 48, "getdents64": 61, "readlinkat": 78, "newfstatat": 79, "faccessat2": 439},
)  # fmt: skip
_TABLES = {"x86_64": _X86_64, "aarch64": _AARCH64}


def table() -> Table | None:
    """Return the table of this machine, or None where nobody has written one: nothing is scored there."""
    return _TABLES.get(platform.machine())
