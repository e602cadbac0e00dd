"""One job in one fork: what the child does before it reads a submitted byte, and what its parent makes of its end."""

import json
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from datathon.scoring.sandbox import carried, inputs, lock, place, scales, scratch
from scorers import program, runner
from scorers.shipped import Shipped

PREDICT = "predict"
REPLY_BYTES = {"parse": 65_536, "score": 4_096, PREDICT: 65_536}
"""Most a child may answer, by stage."""
LOG_BYTES = 16_384
_NEXT_LOOK_S = 0.005
_LATE_IMPORT = (
    'Under the filter "strict" only modules that were loaded beforehand can be imported. Where the scorer needs another '
    'one, say filter = "files" in [scoring]: the folders of the Python libraries can then be read.\n'
)
EXIT_MEMORY, EXIT_ERROR, EXIT_SEAL, EXIT_BEFORE = 77, 70, 78, 71
_SEALED = b"\0sealed\n"  # the first word on the log pipe, before any submitted byte is read
NEEDS = {
    "parse": frozenset({"form", "file", "ids", "out"}),
    "score": frozenset({"form", "arrays", "labels", "ids"}),
    PREDICT: frozenset({"form", "program", "inputs", "out"}),
}
"""Descriptors each stage is given. No stage is given both file and labels."""
MAY: dict[str, frozenset[str]] = {
    "parse": frozenset({"source"}),
    "score": frozenset({"source", "losses"}),
    PREDICT: frozenset(),
}
"""Descriptors that may come with them."""


@dataclass(frozen=True, slots=True)
class Order:
    """One stage of one job, as asked for: limits in seconds and bytes, descriptors by role.

    ``readable`` folders may be read after the seal; ``folder`` is where a program finds its inputs.
    """

    stage: str
    cpu_s: float
    wall_s: float
    memory_bytes: int
    descriptors: Mapping[str, int]
    weigh: bool = False
    readable: tuple[str, ...] = ()
    folder: str = ""

    def close(self) -> None:
        """Close the descriptors on this side."""
        for descriptor in self.descriptors.values():
            os.close(descriptor)


@dataclass(slots=True)
class Child:
    """A running child as its parent sees it."""

    order: Order
    pid: int
    pidfd: int
    reply_pipe: int
    log_pipe: int
    started: float
    cpu_clock: int
    folder: scratch.Scratch | None = None
    reply: bytearray = field(default_factory=bytearray)
    log: bytearray = field(default_factory=bytearray)
    killed_for: str | None = None

    @property
    def deadline(self) -> float:
        """When its wall time is over, on the monotonic clock."""
        return self.started + self.order.wall_s

    def cpu_used(self) -> float:
        """Return the seconds of CPU it has used, by the kernel's precise clock of that process."""
        try:
            return time.clock_gettime(self.cpu_clock)
        except OSError:  # it has just ended
            return 0.0

    def look_again(self) -> float:
        """When to look at it next, on the monotonic clock: no limit can be passed before. Kills what is over one.

        A child has one thread, so that it cannot use more CPU than the time that passes.
        """
        left = self.order.cpu_s - self.cpu_used()
        now = time.monotonic()
        if left <= 0 or now >= self.deadline:
            self.kill("cpu" if left <= 0 else "wall")
            return now + _NEXT_LOOK_S
        return min(self.deadline, now + max(left, _NEXT_LOOK_S))

    def drain(self) -> list[int]:
        """Take what the pipes hold and return those at their end; a child that says too much is killed."""
        most = REPLY_BYTES[self.order.stage]
        ended = [] if _take(self.reply_pipe, self.reply, most + 1) else [self.reply_pipe]
        ended += [] if _take(self.log_pipe, self.log, len(_SEALED) + LOG_BYTES) else [self.log_pipe]
        if len(self.reply) > most:
            self.kill("output")
        return ended

    def kill(self, reason: str) -> None:
        """End it now; the first reason given is the one that counts."""
        self.killed_for = self.killed_for or reason
        signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def reap(self) -> dict[str, Any]:
        """Collect the dead child and what it was given; say how it ended.

        What it used comes from the kernel, never from the child.
        """
        self.drain()
        sealed = self.log.startswith(_SEALED)
        del self.log[: len(_SEALED) if sealed else 0]
        _, status, usage = os.wait4(self.pid, 0)
        wall = time.monotonic() - self.started
        for descriptor in (self.pidfd, self.reply_pipe, self.log_pipe):
            os.close(descriptor)
        if self.folder is not None:
            self.folder.remove()
        code = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        return {
            "end": self._reason(code, cpu, sealed=sealed),
            "exit": code,
            "wall_ms": round(wall * 1000, 3),
            "cpu_s": round(cpu, 6),
            "max_rss_bytes": usage.ru_maxrss * 1024,
        }

    def _reason(self, code: int, cpu: float, *, sealed: bool) -> str:
        if self.killed_for is not None:
            return self.killed_for
        if not sealed:  # so far only our own code has run: no exit code of somebody else's
            return "refused" if code == EXIT_SEAL else "lost"
        ends = {0: "done", EXIT_MEMORY: "memory", EXIT_ERROR: "error", -signal.SIGSYS: "filter"}
        if code in {-signal.SIGKILL, -signal.SIGXCPU}:
            # Not by us. The kernel's own limit on CPU counts by clock ticks, which on a busy machine differ widely from
            # the time that it reports. A child cannot send itself SIGKILL: it was the machine or its operator.
            over = cpu >= 0.5 * self.order.cpu_s
            return "cpu" if over else "lost" if code == -signal.SIGKILL else "crash"
        return ends.get(code, "crash")


def _take(pipe: int, into: bytearray, most: int) -> bool:
    """Move what ``pipe`` holds into ``into``, dropping what goes beyond ``most``; False at the pipe's end."""
    for _ in range(4):  # a child that never stops talking must not keep its parent here
        try:
            chunk = os.read(pipe, 65_536)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        into += chunk[: max(0, most - len(into))]
    return True


def _cpu_backstop(cpu_s: float) -> int:
    """Return the kernel's own limit in whole seconds: behind the supervisor's, should that be held up."""
    return -int(-cpu_s // 1) + 1


def _cpu_clock(pid: int) -> int:
    """Return the id of the clock that counts the CPU time of process ``pid`` (man 3 clock_getcpuclockid)."""
    return (~pid << 3) | 2


def threads() -> int:
    """Return how many threads this process has; a fork copies one of them only."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - called before every fork


def spawn(order: Order, *, layers: frozenset[str], null: int, known: Mapping[str, Shipped]) -> Child:
    """Fork a child for ``order``; ``null`` is an open /dev/null, ``known`` the shipped metrics."""
    if threads() != 1:
        names = ", ".join(place.thread_names()[1:])
        raise lock.SealError(0, f"more than one thread, forking is unsafe: {names}")
    address = _mapped_bytes() + _shared_bytes(order) + order.memory_bytes
    folder = None
    if order.stage == PREDICT:
        folder = scratch.make()
        order = replace(order, folder=folder.path, readable=(*order.readable, folder.path))
    try:
        return _forked(order, address, layers, null, known, folder)
    except BaseException:
        if folder is not None:
            folder.remove()
        raise


def _forked(order: Order, address: int, layers: frozenset[str], null: int, known: Mapping[str, Shipped],
            folder: scratch.Scratch | None) -> Child:  # fmt: skip
    reply_read, reply_write = os.pipe2(os.O_CLOEXEC)
    log_read, log_write = os.pipe2(os.O_CLOEXEC)
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _child(order, parent, address, layers, (null, reply_write, log_write), known)
    os.close(reply_write)
    os.close(log_write)
    os.set_blocking(reply_read, False)
    os.set_blocking(log_read, False)
    return Child(order, pid, os.pidfd_open(pid), reply_read, log_read, time.monotonic(), _cpu_clock(pid), folder)


def _mapped_bytes() -> int:
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - called before every fork
        return int(statm.read().split()[0]) * resource.getpagesize()


def _shared_bytes(order: Order) -> int:
    """Return what the job maps of the platform's: sized for the longest file, it must not count against the scorer."""
    return sum(os.fstat(d).st_size for role, d in order.descriptors.items() if role in {"out", "arrays", "labels"})


def _child(order: Order, parent: int, address: int, layers: frozenset[str], ends: tuple[int, int, int],
           known: Mapping[str, Shipped]) -> NoReturn:  # fmt: skip
    null, reply, log = ends
    code = EXIT_BEFORE
    try:
        work = _prepare(order, reply, log, known)
        # A program was read to the end before; it has nothing more to do with any descriptor.
        keep = {reply, log} if order.stage == PREDICT else {reply, log, *order.descriptors.values()}
        if order.weigh:
            keep.add(account := scales.open_scales())
            work = scales.weighed(work, account, lambda text: _write(log, text.encode()))
        if order.readable:
            carried.offer()
        _isolate(order, parent, address, null, keep)
        lock.seal(layers, readable=order.readable)
        _write(log, _SEALED)
        code = EXIT_ERROR
        _write(reply, work())
        code = 0
    except MemoryError:
        code = EXIT_MEMORY if code == EXIT_ERROR else code
    except BaseException as problem:  # noqa: BLE001 - the child's edge: everything ends in an exit code, the text in the log
        code = EXIT_SEAL if code == EXIT_BEFORE and isinstance(problem, lock.SealError) else code
        _complain(log, _LATE_IMPORT if isinstance(problem, ImportError) and not order.readable else "")
    os._exit(code)


def _isolate(order: Order, parent: int, address: int, null: int, keep: set[int]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    lock.close_all_but(keep)
    lock.die_with_parent(parent)
    lock.hide()
    lock.limit(cpu_s=_cpu_backstop(order.cpu_s), address_bytes=address)


def _prepare(order: Order, reply: int, log: int, known: Mapping[str, Shipped]) -> Callable[[], bytes]:
    """Map what the job was given and return the work to do once sealed. Reads the platform's bytes only."""
    del reply
    given = order.descriptors
    form: dict[str, Any] = json.loads(_all(given["form"]))
    if order.stage == PREDICT:
        return _prepare_program(order, form, log)
    ids = _all(given["ids"])
    source = _all(given["source"]) if "source" in given else None
    if order.stage == "parse":
        out = mmap.mmap(given["out"], 0)
        size = _size(given["file"])
        os.lseek(given["file"], 0, os.SEEK_SET)
        file = open(given["file"], "rb", closefd=False)  # noqa: SIM115 - a descriptor; lives as long as the child
        return lambda: runner.parse(form, lambda: _bytes(given["file"], size), file, ids, out, source)
    arrays = mmap.mmap(given["arrays"], 0, access=mmap.ACCESS_READ)
    labels = mmap.mmap(given["labels"], 0, access=mmap.ACCESS_READ)
    losses = mmap.mmap(given["losses"], 0) if "losses" in given else None
    return lambda: runner.score(
        form, arrays, labels, ids, source, known, lambda text: _write(log, text.encode()), losses
    )


def _prepare_program(order: Order, form: dict[str, Any], log: int) -> Callable[[], bytes]:
    """Put the inputs into the job's folder, which the program may read and nobody else uses."""
    given = order.descriptors
    raw = _all(given["program"])
    inputs.unpack(given["inputs"], order.folder)
    out = mmap.mmap(given["out"], 0)
    say = lambda text: _write(log, text.encode("utf-8", "replace"))  # noqa: E731 - as below
    return lambda: program.predict(form, raw, order.folder, out, say)


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _all(descriptor: int) -> bytes:
    return _bytes(descriptor, _size(descriptor))


def _bytes(descriptor: int, size: int) -> bytes:
    parts: list[bytes] = []
    at = 0
    while at < size:
        part = os.pread(descriptor, size - at, at)
        if not part:
            break
        parts.append(part)
        at += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _complain(log: int, advice: str = "") -> None:
    try:
        _write(log, (traceback.format_exc()[-LOG_BYTES + len(advice) :] + advice).encode("utf-8", "replace"))
    except BaseException:  # noqa: BLE001 - out of memory or worse: the exit code says enough
        return
