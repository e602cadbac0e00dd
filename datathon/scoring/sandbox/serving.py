"""The event loop of one scorer process: connections, children, deadlines. One thread, a bounded number of children."""

import codecs
import json
import os
import platform
import selectors
import socket
import struct
import sys
import sysconfig
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from datathon.scoring.sandbox import lock, place, recycle, zygote
from datathon.scoring.sandbox.lock import Refused
from datathon.scoring.sandbox.syscalls import table
from scorers import catalogue, runner, sources, toy

_MOST_WAITING = 256
_NO_LANDLOCK = (
    b"programs and scorers that read libraries need Landlock, which this machine does not have (level container)"
)
_REQUEST_BYTES = 65_536
_FAREWELL_S = 60.0
STATUS = b'{"stage": "status"}'
"""The request that a generation answers with what it sees of itself and its place."""
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn")
_CODECS = ("ascii", "latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-32", "unicode_escape", "idna",
           "cp437")  # fmt: skip
_CORE_MODULES = ("numpy.char", "numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.rec")
_FULL_MODULES = (
    "pandas", "scipy.stats", "scipy.spatial", "scipy.sparse", "scipy.optimize", "scipy.special", "scipy.interpolate",
    "sklearn.metrics", "sklearn.preprocessing", "sklearn.calibration", "sklearn.isotonic",
    "base64", "bisect", "collections", "csv", "datetime", "decimal", "difflib", "fractions", "functools", "hashlib",
    "heapq", "io", "itertools", "json", "math", "operator", "re", "statistics", "string", "textwrap", "typing",
    "unicodedata", "zlib",
    # What libraries import late, for a Python whose own folder the service's user may not enter.
    "concurrent.futures.process", "concurrent.futures.thread", "configparser", "glob", "graphlib", "importlib.metadata",
    "importlib.resources", "logging.config", "multiprocessing.pool", "optparse", "pkgutil", "shlex", "timeit", "tomllib",
    "tracemalloc", "unittest.mock", "xml.etree.ElementTree", "zipfile",
)  # fmt: skip


def warm(*, full: bool) -> None:
    """Import everything a child may need and walk every path once: nothing can be loaded after the seal."""
    library_folders()  # Python reads a file of its own for this, once
    for codec in _CODECS:
        codecs.lookup(codec)
    # numpy and SciPy load some of their parts at first use, which would be too late.
    for name in (*_CORE_MODULES, *(_FULL_MODULES if full else ())):
        import_module(name)
    toy.run(runner.functions())
    if full:
        toy.run_full()


def level(layers: frozenset[str]) -> str:
    """Return the level the layers reach: "full" with Landlock, "container" without."""
    return "full" if "landlock" in layers else "container"


def layers() -> frozenset[str]:
    """Try the layers in a child and return those that work; raises Refused below the minimum."""
    if table() is None:
        raise Refused(f"unknown processor architecture {platform.machine()}")
    if zygote.threads() != 1:
        raise Refused(f"more than one thread in the service: {', '.join(place.thread_names()[1:])}")
    if not hasattr(os, "pidfd_open"):
        raise Refused("this kernel is too old (pidfd is missing)")
    if not _holds(frozenset({"seccomp"})):
        raise Refused("seccomp cannot be loaded")
    return lock.LAYERS if _holds(lock.LAYERS) else frozenset({"seccomp"})


def _holds(wanted: frozenset[str]) -> bool:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            lock.seal(wanted)
            code = 2
            os.open("/", os.O_RDONLY)
        except PermissionError:
            code = 0 if code == 2 else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@cache
def library_folders() -> tuple[str, ...]:
    """Return the folders of Python's own modules and of installed libraries; nothing else is ever read by a child."""
    found = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += [place for place in sys.path if Path(place).name in {"site-packages", "dist-packages"}]
    return tuple(dict.fromkeys(found))


def environment() -> dict[str, str]:
    """Return what the numbers depend on: Python, machine and library versions of this process."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _LIBRARIES:
        if {"scikit-learn": "sklearn"}.get(name, name) in sys.modules:
            found[name] = metadata.version(name)
    return found


def shipped_digests() -> dict[str, str]:
    """Return the SHA-256 of the sources each shipped metric depends on, as they lie here, by metric name."""
    return {name: sources.digest(name) for name in catalogue.SHIPPED}


@dataclass(slots=True)
class Life:
    """How long this generation serves: until ``children`` forks or ``age_s`` seconds, then until told to retire."""

    control: socket.socket
    children: int
    age_s: float
    born: float = field(default_factory=time.monotonic)
    served: int = 0
    worn: bool = False
    retired_at: float | None = None

    def left_s(self) -> float | None:
        """Return the seconds until something is to be done, None when only the keeper's word is waited for."""
        if self.retired_at is not None:
            return max(0.0, self.retired_at + _FAREWELL_S - time.monotonic())
        return None if self.worn else max(0.0, self.born + self.age_s - time.monotonic())

    def look(self) -> None:
        """Tell the keeper, once, that a successor is wanted."""
        if not self.worn and (self.served >= self.children or time.monotonic() >= self.born + self.age_s):
            self.worn = True
            self.control.send(recycle.WORN)


@dataclass(slots=True)
class _Client:
    """A connection and what it is waiting for."""

    socket: socket.socket
    child: zygote.Child | None = None
    order: zygote.Order | None = None


@dataclass(slots=True)
class _Loop:
    selector: selectors.BaseSelector
    layers: frozenset[str]
    jobs: int
    about: dict[str, Any]
    null: int
    known: dict[str, Any]
    life: Life
    libraries: tuple[str, ...]
    clients: set[int] = field(default_factory=set)
    running: list[_Client] = field(default_factory=list)
    waiting: deque[_Client] = field(default_factory=deque)


def serve(listener: socket.socket, *, layers: frozenset[str], jobs: int, peers: set[int] | None, life: Life,
          about: dict[str, Any]) -> None:  # fmt: skip
    """Answer requests until retired with nothing left to do, or until the keeper has gone.

    ``peers`` are the uids that may connect (None: whoever the socket's permission lets in).
    """
    loop = _Loop(selectors.DefaultSelector(), layers, jobs or len(os.sched_getaffinity(0)), about,
                 os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC), runner.functions(), life, library_folders())  # fmt: skip
    listener.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    loop.selector.register(listener, selectors.EVENT_READ, None)
    loop.selector.register(life.control, selectors.EVENT_READ, None)
    while not _farewell(loop):
        for key, _ in loop.selector.select(_patience(loop)):
            if key.fd == life.control.fileno():
                if life.control.recv(64) != recycle.RETIRE:
                    return
                life.retired_at = time.monotonic()
                _forget(loop, life.control.fileno())
                _forget(loop, listener.fileno())
                listener.close()
            elif key.data is None:
                _accept(loop, listener, peers)
            else:
                _attend(loop, key.data, key.fd)
        while loop.waiting and len(loop.running) < loop.jobs:
            _start(loop, loop.waiting.popleft())
        life.look()


def _farewell(loop: _Loop) -> bool:
    """Whether nothing is left to do: retired, no job, nobody connected who could still send one within reason."""
    if loop.life.retired_at is None or loop.running or loop.waiting:
        return False
    return not loop.clients or time.monotonic() >= loop.life.retired_at + _FAREWELL_S


def _attend(loop: _Loop, client: _Client, descriptor: int) -> None:
    """Do what ``descriptor`` of ``client`` calls for: a request, a child's end, a child's words."""
    if descriptor == client.socket.fileno():
        _request(loop, client)
    elif client.child is None:
        return  # reaped a moment ago, in this very round
    elif descriptor == client.child.pidfd:
        _ended(loop, client)
    else:
        for pipe in client.child.drain():
            _forget(loop, pipe)


def _patience(loop: _Loop) -> float | None:
    """Return the seconds until something must be looked at again, None without; kills children over a limit."""
    looks = [c.child.look_again() for c in loop.running if c.child is not None and c.child.killed_for is None]
    waits = [max(0.0, min(looks) - time.monotonic())] if looks else []
    left = loop.life.left_s()
    waits += [] if left is None or (left == 0 and loop.running) else [left]
    return min(waits) if waits else None


def _accept(loop: _Loop, listener: socket.socket, peers: set[int] | None) -> None:
    try:
        connection, _ = listener.accept()
    except OSError:  # gone again, or too many descriptors: the next round tries again
        return
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    if peers is not None and uid not in peers:
        connection.close()
        return
    loop.clients.add(connection.fileno())
    connection.setblocking(False)  # noqa: FBT003 - the standard library takes it so
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    loop.selector.register(connection, selectors.EVENT_READ, _Client(connection))


def _request(loop: _Loop, client: _Client) -> None:
    try:
        message, descriptors, _, _ = socket.recv_fds(client.socket, _REQUEST_BYTES, 16)
    except BlockingIOError:
        return
    except OSError:
        message, descriptors = b"", []
    if not message:
        _leave(loop, client)
        return
    if message == STATUS and not descriptors:
        _answer(loop, client, {"end": "status", "facts": _facts(loop)}, b"", b"")
        return
    order = _order(message, descriptors, loop)
    if order is None or client.order is not None or client.child is not None or len(loop.waiting) >= _MOST_WAITING:
        for descriptor in descriptors:
            os.close(descriptor)
        busy = order is not None and client.order is None
        _answer(loop, client, {"end": "busy" if busy else "bad_request"}, b"", b"")
        return
    client.order = order
    loop.waiting.append(client)


def _facts(loop: _Loop) -> dict[str, Any]:
    """Return what an examination wants to know of this generation; ``strays`` are children of no job at work."""
    at_work = {c.child.pid for c in loop.running if c.child is not None}
    life = {"served": loop.life.served, "recycled_after": loop.life.children, "jobs_at_once": loop.jobs}
    return {**place.facts(), **life, "strays": sorted(place.children() - at_work)}


def _order(message: bytes, descriptors: list[int], loop: _Loop) -> zygote.Order | None:
    """Return the order in ``message``, or None when it is not a proper one for this process."""
    try:
        asked = json.loads(message)
        roles, limits = asked["roles"], asked["limits"]
        needed = zygote.NEEDS[asked["stage"]]
        order = zygote.Order(
            stage=str(asked["stage"]),
            cpu_s=float(limits["cpu_s"]),
            wall_s=float(limits["wall_s"]),
            memory_bytes=int(limits["memory_bytes"]),
            descriptors=dict(zip(roles, descriptors, strict=True)),
            weigh=asked.get("weigh") is True,
            readable=loop.libraries if _filter(asked) == lock.FILES else (),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    predict = order.stage == zygote.PREDICT
    fits = needed <= set(roles) <= needed | zygote.MAY[order.stage] and len(set(roles)) == len(roles)
    fits = fits and (not predict or ("pandas" in sys.modules and bool(order.readable)))
    return order if fits and order.cpu_s > 0 and order.wall_s > 0 and order.memory_bytes > 0 else None


def _filter(asked: dict[str, Any]) -> str:
    """Return the filter level asked for; raises ValueError for one that does not exist."""
    named = str(asked.get("filter", lock.STRICT))
    if named not in lock.FILTERS:
        raise ValueError(named)
    return named


def _start(loop: _Loop, client: _Client) -> None:
    order, client.order = client.order, None
    if order is None:
        return
    if order.readable and "landlock" not in loop.layers:
        order.close()
        _answer(loop, client, {"end": "refused"}, b"", _NO_LANDLOCK)
        return
    try:
        child = zygote.spawn(order, layers=loop.layers, null=loop.null, known=loop.known)
    except (OSError, MemoryError) as problem:
        order.close()
        _answer(loop, client, {"end": "refused"}, b"", str(problem).encode())
        return
    order.close()
    client.child = child
    loop.running.append(client)
    for descriptor in (child.pidfd, child.reply_pipe, child.log_pipe):
        loop.selector.register(descriptor, selectors.EVENT_READ, client)


def _ended(loop: _Loop, client: _Client) -> None:
    child, client.child = client.child, None
    if child is None:
        return
    loop.running.remove(client)
    loop.life.served += 1
    for descriptor in (child.pidfd, child.reply_pipe, child.log_pipe):
        _forget(loop, descriptor)
    verdict = child.reap()
    if client.socket.fileno() >= 0:
        _answer(loop, client, verdict, bytes(child.reply), bytes(child.log))


def _answer(loop: _Loop, client: _Client, verdict: dict[str, Any], reply: bytes, log: bytes) -> None:
    """Send verdict, reply and private log as three packets; whoever does not take them is let go."""
    try:
        for packet in (json.dumps({**verdict, **loop.about}).encode(), b"r" + reply, b"l" + log):
            client.socket.send(packet)
    except OSError:
        _leave(loop, client)


def _leave(loop: _Loop, client: _Client) -> None:
    """Forget a client that has gone; its job is ended and collected by the loop."""
    loop.clients.discard(client.socket.fileno())
    _forget(loop, client.socket.fileno())
    client.socket.close()
    if client in loop.waiting:
        loop.waiting.remove(client)
    if client.order is not None:
        client.order.close()
        client.order = None
    if client.child is not None:
        client.child.kill("gone")


def _forget(loop: _Loop, descriptor: int) -> None:
    if descriptor in loop.selector.get_map():
        loop.selector.unregister(descriptor)
