"""What a process can see of the place it runs in: network devices, threads, rights, limits of the container."""

import contextlib
import fcntl
import os
import platform
import socket
import struct
import threading
from pathlib import Path
from typing import Any

_SIOCGIFFLAGS = 0x8913
_IFF_UP, _IFF_LOOPBACK = 0x1, 0x8
_CGROUP = Path("/sys/fs/cgroup")
_CGROUP_LIMITS = ("memory.max", "pids.max", "cpu.max", "memory/memory.limit_in_bytes", "pids/pids.max")


def network_devices() -> list[str]:
    """Return the network devices that are up, the loopback left out."""
    found = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFFLAGS, struct.pack("256s", name.encode()))
            (flags,) = struct.unpack("H", answer[16:18])
            if flags & _IFF_UP and not flags & _IFF_LOOPBACK:
                found.append(name)
    return sorted(found)


def thread_names() -> list[str]:
    """Return the name of every thread of this process, Python's name where it has one; the first one leads."""
    known = {thread.native_id: thread.name for thread in threading.enumerate()}
    names = []
    for task in sorted(Path("/proc/self/task").iterdir(), key=lambda path: int(path.name)):
        comm = task / "comm"
        names.append(known.get(int(task.name)) or comm.read_text().strip())
    return names


def limits() -> dict[str, str]:
    """Return the limits of the control group as far as they are seen and set."""
    found = {}
    for name in _CGROUP_LIMITS:
        with contextlib.suppress(OSError):
            said = (_CGROUP / name).read_text().strip()
            if said.split()[0] != "max" and not (said.isdigit() and int(said) > 1 << 60):
                found[name.rsplit("/", 1)[-1]] = said
    return found


def facts() -> dict[str, Any]:
    """Return what an examination wants to know of this process and its surroundings."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return {
        "pid": os.getpid(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "uid": os.getuid(),
        "capabilities": status.get("CapEff", "").strip(),
        "no_new_privileges": status.get("NoNewPrivs", "").strip() == "1",
        "threads": thread_names(),
        "network_devices": network_devices(),
        "limits": limits(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "strays": [],
    }


def children() -> set[int]:
    """Return the process ids of this process's children, ended ones that nobody collected included."""
    found = set()
    me = str(os.getpid())
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if entry.read_text().rsplit(")", 1)[1].split()[1] == me:
                found.add(int(entry.parent.name))
    return found
