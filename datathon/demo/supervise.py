"""Start children, keep them running, say what happened to them, stop them all."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from datathon.kernel.parent import die_with_parent

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
WELL_AFTER_S = 30.0
"""A child that ran this long is started again at once when it ends; one that did not waits longer each time."""

STOP_WAIT_S = 15.0
LOG_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Service:
    """A child to run: its command, its whole environment, its log file, and what to do before each start."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    before: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Child:
    """A service and the process that runs it now."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    start_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Children in the order of their start; they are stopped in the opposite order. ``say`` tells people."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def add(self, service: Service) -> None:
        """Start a service now and keep it running from here on."""
        child = Child(service)
        self.children.append(child)
        self._start(child)

    def look(self) -> None:
        """Notice children that ended and start them again. Call it a few times a second, from the main thread."""
        for child in self.children:
            if child.process is None:
                if self.clock() >= child.start_at:
                    self._start(child)
                    self.say(f"{child.service.name} restarted")
            elif (code := child.process.poll()) is not None:
                self._ended(child, code)

    def stop(self) -> None:
        """End every child: the last one started first, politely, then by force."""
        for child in reversed(self.children):
            if child.process is not None and child.process.poll() is None:
                _end(child.process, self.say, child.service.name)
        self.children.clear()

    def _start(self, child: Child) -> None:
        child.service.before()
        child.service.log.parent.mkdir(parents=True, exist_ok=True)
        if child.service.log.exists() and child.service.log.stat().st_size > LOG_BYTES:
            child.service.log.replace(child.service.log.with_suffix(".log.1"))
        with child.service.log.open("ab") as log:
            child.process = subprocess.Popen(  # noqa: S603 - our own services
                child.service.command,
                env=dict(child.service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own session: Ctrl-C reaches the supervisor alone, which then stops children in order.
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 - one thread here, one system call there
            )
        child.started = self.clock()

    def _ended(self, child: Child, code: int) -> None:
        how = f"signal {-code}" if code < 0 else f"exit {code}"
        well = self.clock() - child.started >= WELL_AFTER_S
        child.pause_s = FIRST_PAUSE_S if well else min(2 * child.pause_s, LONGEST_PAUSE_S)
        child.process, child.start_at = None, self.clock() + child.pause_s
        self.say(f"{child.service.name} stopped ({how}), restarting in {child.pause_s:g} s; see {child.service.log}")


def _end(process: subprocess.Popen[bytes], say: Callable[[str], None], name: str) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_WAIT_S)
    except subprocess.TimeoutExpired:
        say(f"{name} did not stop in {STOP_WAIT_S:g} s and was killed")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
