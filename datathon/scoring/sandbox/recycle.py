"""Keep a generation of each scorer process at work, and have a fresh one take over before the old one stops.

Forks of one process share its address layout, its hash seed and whatever it has gathered; a new program starts with
new ones. The listening socket belongs to the keeper and is handed on, so that no connection is ever turned away.
"""

import contextlib
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

READY, WORN, RETIRE = b"ready ", b"worn", b"retire"
_AGAIN_S = 30.0
_LEVELS = ("container", "full")


@dataclass(slots=True)
class _Generation:
    process: subprocess.Popen[bytes]
    control: socket.socket
    level: str = ""


@dataclass(slots=True)
class Slot:
    """One scorer process and its successors: the socket they all listen on and the command that starts them."""

    name: str
    listener: socket.socket
    command: tuple[str, ...]
    environment: Mapping[str, str]
    current: _Generation | None = None
    coming: _Generation | None = None
    retiring: list[_Generation] = field(default_factory=list)
    worn: bool = False
    start_at: float = 0.0


def keep(slots: list[Slot]) -> None:
    """Start a generation of each slot and replace those that are worn or dead; returns when one cannot be started."""
    with selectors.DefaultSelector() as selector:
        for slot in slots:
            _start(slot, selector)
        while True:
            for key, _ in selector.select(_patience(slots)):
                slot, generation = key.data
                if not _heard(slot, generation, selector):
                    return
            for slot in slots:
                if slot.worn and slot.coming is None and time.monotonic() >= slot.start_at:
                    _start(slot, selector)


def _patience(slots: list[Slot]) -> float | None:
    waits = [slot.start_at - time.monotonic() for slot in slots if slot.worn and slot.coming is None]
    return max(0.0, min(waits)) if waits else None


def _start(slot: Slot, selector: selectors.BaseSelector) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    given = (slot.listener.fileno(), theirs.fileno())
    command = [*slot.command, "--listener", str(given[0]), "--control", str(given[1])]
    process = subprocess.Popen(command, env=dict(slot.environment), pass_fds=given, stdin=subprocess.DEVNULL)  # noqa: S603 - this program again
    theirs.close()
    slot.coming = _Generation(process, ours)
    slot.start_at = time.monotonic() + _AGAIN_S
    selector.register(ours, selectors.EVENT_READ, (slot, slot.coming))


def _heard(slot: Slot, generation: _Generation, selector: selectors.BaseSelector) -> bool:
    """Take what a generation says, or its end; False when nobody is left to serve and no one can be started."""
    try:
        said = generation.control.recv(64)
    except OSError:
        said = b""
    if not said:
        return _ended(slot, generation, selector)
    if said == WORN and generation is slot.current:
        slot.worn, slot.start_at = True, 0.0
    elif said.startswith(READY) and generation is slot.coming:
        generation.level = said.removeprefix(READY).decode()
        _hand_over(slot, generation)
    return True


def _hand_over(slot: Slot, successor: _Generation) -> None:
    old = slot.current
    if old is not None and _LEVELS.index(successor.level) < _LEVELS.index(old.level):
        # Examined was the old one: a weaker successor must not serve in its name.
        _say(f"{slot.name}: the successor reaches level {successor.level} only and is not used")
        successor.process.kill()
        return
    slot.current, slot.coming, slot.worn = successor, None, False
    if old is not None:
        slot.retiring.append(old)
        with contextlib.suppress(OSError):
            old.control.send(RETIRE)


def _ended(slot: Slot, generation: _Generation, selector: selectors.BaseSelector) -> bool:
    selector.unregister(generation.control)
    generation.control.close()
    code = generation.process.wait()
    if generation in slot.retiring:
        slot.retiring.remove(generation)
    elif generation is slot.current:
        _say(f"{slot.name}: the process at work ended ({code}), another takes its place")
        slot.current, slot.worn, slot.start_at = None, True, 0.0
        return slot.coming is not None or bool(generation.level)
    elif generation is slot.coming:
        slot.coming = None
        if slot.current is None:
            return False
        _say(f"{slot.name}: a successor did not start ({code}), tried again later")
    return True


def _say(text: str) -> None:
    print(f"scorer: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the service's log
