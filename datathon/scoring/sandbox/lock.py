"""Sealing a process for good: rlimits, Landlock without a single rule, a strict seccomp allow-list.

Own ctypes code: the kernel's interfaces are frozen, and no popular package for them is kept up. Each layer is meant
to hold alone; ``seal`` applies what it is told and raises ``SealError`` when a layer cannot be applied.
"""

import ctypes
import errno
import os
import resource
import signal
import struct
from collections.abc import Collection

from datathon.scoring.sandbox.syscalls import Table, table

LAYERS = frozenset({"landlock", "seccomp"})
STRICT, FILES = "strict", "files"
FILTERS = (STRICT, FILES)
"""How much a child may call: nothing that takes a path, or reading where Landlock lets it."""

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_LANDLOCK_VERSION = 1  # flag of landlock_create_ruleset
_LANDLOCK_BENEATH = 1  # kind of rule: a folder and what lies under it
_LANDLOCK_READ = 1 << 2 | 1 << 3  # read a file, list a folder; not execute, not write

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class SealError(OSError):
    """A layer of the sandbox cannot be applied here; nothing may be scored."""


class Refused(Exception):  # noqa: N818 - the service says no
    """Scoring would not be safe here; the message says what is missing."""


def prctl(option: int, value: int) -> None:
    """Change one property of this process (prctl); raises SealError."""
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise SealError(ctypes.get_errno(), f"prctl({option})")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` (a process id) ends; exits at once if it already has."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def hide() -> None:
    """Forbid core dumps and attaching to this process by others of the same user."""
    prctl(_PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """Give up gaining rights through exec for good."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def limit(*, cpu_s: int, address_bytes: int) -> None:
    """Lower the resource limits for good; ``address_bytes`` is the whole address space, what is mapped included."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))  # SIGXCPU can be ignored, the SIGKILL after it cannot
    resource.setrlimit(resource.RLIMIT_AS, (address_bytes, address_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_NPROC,
                 resource.RLIMIT_MSGQUEUE):  # fmt: skip
        resource.setrlimit(kind, (0, 0))


def landlock_abi() -> int:
    """Return the Landlock version of this kernel, 0 where there is none."""
    machine = table()
    if machine is None:
        return 0
    found = _libc.syscall(machine.landlock, None, ctypes.c_size_t(0), ctypes.c_uint32(_LANDLOCK_VERSION))
    return max(0, int(found))


def landlock_only(readable: Collection[str] = ()) -> None:
    """Deny every file, TCP, and (with the kernel's help) signals and abstract sockets outside; raises SealError.

    What lies under the folders ``readable`` may be read and listed, nothing else of it; a folder that is not there, or
    that this user may not enter, gives nothing.
    """
    machine, abi = table(), landlock_abi()
    if machine is None or abi < 1:
        raise SealError(errno.ENOSYS, "landlock")
    rights = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)  # refer, truncate and ioctl_dev came with these versions
    attributes = struct.pack("<QQQ", (1 << rights) - 1, 0b11 if abi >= 4 else 0, 0b11 if abi >= 6 else 0)
    attributes = attributes[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = _libc.syscall(machine.landlock, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if rules < 0:
        raise SealError(ctypes.get_errno(), "landlock_create_ruleset")
    for folder in readable:
        _allow_reading(machine, rules, folder)
    done = _libc.syscall(machine.landlock + 2, ctypes.c_int(rules), ctypes.c_uint32(0))
    problem = ctypes.get_errno()
    os.close(rules)
    if done != 0:
        raise SealError(problem, "landlock_restrict_self")


def _allow_reading(machine: Table, rules: int, folder: str) -> None:
    try:
        place = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    attributes = struct.pack("<Qi", _LANDLOCK_READ, place)
    kind, flags = ctypes.c_int(_LANDLOCK_BENEATH), ctypes.c_uint32(0)
    done = _libc.syscall(machine.landlock + 1, ctypes.c_int(rules), kind, attributes, flags)
    problem = ctypes.get_errno()
    os.close(place)
    if done != 0:
        raise SealError(problem, f"landlock_add_rule {folder}")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_REFUSE = 0x00050000  # SECCOMP_RET_ERRNO; the low half is the errno
_ANONYMOUS = 0x20  # MAP_ANONYMOUS
# Any way to write, make, shorten or only name a file: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE, O_PATH.
_NOT_READING = 0x1 | 0x2 | 0o100 | 0o1000 | 0o2000 | 0o20000000 | 0o10000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data, little-endian
_LOAD, _EQUAL, _GREATER_EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


def allow_list(machine: Table, pid: int, *, reading: bool = False) -> bytes:
    """Return the BPF program that lets process ``pid`` make the calls of ``machine`` and refuses all others.

    A wrong architecture or an x32 call kills; clone3 does not exist (ENOSYS, so that libraries fall back and are
    refused in plain words); anything else not allowed is EPERM. No memory may become executable; fcntl only reads or
    duplicates; tgkill only serves abort() in ``pid``: whoever is killed otherwise was killed from outside.
    """
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, machine.audit), (_RETURN, 0, 0, _KILL)]
    program += [(_LOAD, 0, 0, _NUMBER)]
    if machine.x32_bit:
        program += [(_GREATER_EQUAL, 0, 1, machine.x32_bit), (_RETURN, 0, 0, _KILL)]
    for number in (*machine.allowed.values(), *(machine.reading.values() if reading else ())):
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for name, block in _guards(pid, reading=reading).items():
        if name in machine.guarded:
            program += [(_EQUAL, 0, len(block), machine.guarded[name]), *block]
    program += [(_EQUAL, 0, 1, machine.clone3), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    program += [(_RETURN, 0, 0, _REFUSE | errno.EPERM)]
    return b"".join(struct.pack("<HBBI", *step) for step in program)


def _guards(pid: int, *, reading: bool) -> dict[str, list[tuple[int, int, int, int]]]:
    """Return for each guarded call the steps that look at its arguments; each ends in an answer."""

    def argument(index: int) -> tuple[int, int, int, int]:
        return (_LOAD, 0, 0, _ARGUMENTS + 8 * index)

    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    not_executable = [argument(2), (_ANY_BIT, 0, 1, 0x4), refuse, allow]
    fcntl = [argument(1)]
    for command in (0, 1, 3, 1030):  # F_DUPFD, F_GETFD, F_GETFL, F_DUPFD_CLOEXEC
        fcntl += [(_EQUAL, 0, 1, command), allow]
    abort = [argument(0), (_EQUAL, 0, 3, pid), argument(2), (_EQUAL, 0, 1, signal.SIGABRT), allow, refuse]
    found = {"mmap": not_executable, "mprotect": not_executable, "fcntl": [*fcntl, refuse], "tgkill": abort}
    if reading:
        # An extension module is mapped from its file, read-only; memory without a file stays without code.
        from_file = [argument(3), (_ANY_BIT, 0, 1, _ANONYMOUS), refuse, allow]
        written = [argument(2), (_ANY_BIT, 1, 0, 0x4), allow, (_ANY_BIT, 0, 1, 0x2), refuse]
        found["mmap"] = [*written, *from_file]
        for name, flags in (("open", 1), ("openat", 2)):
            found[name] = [argument(flags), (_ANY_BIT, 0, 1, _NOT_READING), refuse, allow]
    return found


def seccomp_list(*, reading: bool = False) -> None:
    """Load the allow-list for this process, for good; raises SealError."""
    machine = table()
    if machine is None:
        raise SealError(errno.ENOSYS, "no table of system calls for this architecture")
    code = allow_list(machine, os.getpid(), reading=reading)
    program = _Program(len(code) // 8, code)
    if _libc.syscall(machine.seccomp, ctypes.c_uint(_SECCOMP_SET_MODE_FILTER), ctypes.c_uint(0), ctypes.byref(program)):
        raise SealError(ctypes.get_errno(), "seccomp")


def seal(layers: Collection[str] = LAYERS, *, readable: Collection[str] = ()) -> None:
    """Apply ``layers`` to this process for good, seccomp last; raises SealError.

    With ``readable`` folders the calls that read files are allowed there: Landlock must then be among the layers.
    """
    if readable and "landlock" not in layers:
        raise SealError(errno.ENOSYS, "reading files needs Landlock")
    no_new_privileges()
    if "landlock" in layers:
        landlock_only(readable)
    if "seccomp" in layers:
        seccomp_list(reading=bool(readable))


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor from 3 on that is not in ``keep``."""
    top = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 20)
    low = 3
    for descriptor in sorted(d for d in keep if d >= low):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, max(top, low))
