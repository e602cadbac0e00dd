"""Hostile code in real children of a process that forks as the scorer service does, with the layers one chooses.

The service itself has no switch that leaves a layer out, and must not have one. ``python hostile.py`` reads a list of
cases from standard input and prints how each ended; ``ran`` starts it. A case without layers at all (``bare``) runs in
a plain fork of an ordinary process: what anybody's program may do. Unless a case says ``hidden``, the forking process
lets itself be looked into, which the service never does: otherwise no layer of the child could show what it stops.
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from datathon.scoring.sandbox import service
from datathon.scoring.sandbox.attacks import Attack, source

BARE, HIDDEN = "bare", "hidden"
DUMPABLE = 4
OTHER_JOBS = 8
"""Descriptors of other jobs that lie open where the children are forked."""


@dataclass(frozen=True)
class Case:
    """One attack in one stage behind some layers."""

    attack: str
    stage: str
    layers: tuple[str, ...]
    code: str
    cpu_s: float
    wall_s: float


def case(attack: Attack, stage: str, layers: Sequence[str], facts: Mapping[str, Any]) -> Case:
    """Return the case of ``attack``; ``facts`` say where the canaries are."""
    plain = {k: v for k, v in facts.items() if not k.startswith("_")}
    return Case(attack.name, stage, tuple(layers), source(attack, plain).decode(), attack.cpu_s, attack.wall_s)


def ran(cases: Sequence[Case], *, bare: bool = False) -> dict[tuple[str, str, tuple[str, ...]], tuple[str, str]]:
    """Return for each case how its child ended and what it said."""
    environment = {**os.environ, "DATATHON_TEST_CANARY": "seen"} if bare else service.ENVIRONMENT
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps([asdict(c) for c in cases]), env=environment,
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {(c.attack, c.stage, c.layers): (end, said) for c, (end, said) in zip(cases, told, strict=True)}


def _main() -> None:
    cases = [Case(**{**one, "layers": tuple(one["layers"])}) for one in json.load(sys.stdin)]
    kept = [os.memfd_create(f"other {n}") for n in range(OTHER_JOBS)]
    run = _as_anybody() if all(c.layers == (BARE,) for c in cases) else _as_the_service()
    told = [run(c) for c in cases]
    for descriptor in kept:
        os.close(descriptor)
    json.dump(told, sys.stdout)


def _as_anybody() -> Any:
    """Give up root for good, where these attacks would do harm, and return what runs a case."""
    from datathon.scoring.sandbox import generation, lock

    generation._become_nobody(allow_root=False)
    assert os.getuid() != 0
    lock.prctl(DUMPABLE, 1)  # the change of user has hidden it
    return _plainly


def _plainly(one: Case) -> tuple[str, str]:
    """Run the attack in a fork of this ordinary process."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        names: dict[str, Any] = {}
        exec(compile(one.code, one.attack, "exec"), names)  # noqa: S102 - the attack itself
        os.write(writer, names["outcome"]().encode())
        os._exit(0)
    os.close(writer)
    said = b""
    while piece := os.read(reader, 65_536):
        said += piece
    os.close(reader)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return ("done" if code == 0 else f"exit {code}"), f"{len(said)} bytes" if len(said) > 9000 else said.decode()


def _as_the_service() -> Any:
    """Become what a generation of the service is, but for serving; return what forks a child for a case."""
    from datathon.scoring.sandbox import generation, lock, memory, serving, zygote
    from scorers import runner, toy

    serving.warm(full=False)
    generation._become_nobody(allow_root=False)
    os.environ.clear()
    lock.no_new_privileges()
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    known = runner.functions()

    def run(one: Case) -> tuple[str, str]:
        parts = {"form": json.dumps(toy.form(["mae"])).encode(), "ids": toy.IDS, "source": one.code.encode()}
        parts |= {"file": toy.SUBMISSION} if one.stage == "parse" else {"arrays": bytes(4096), "labels": toy.labels()}
        given = {role: memory.sealed(role, data) for role, data in parts.items()}
        if one.stage == "parse":
            given["out"] = memory.sized("arrays", 4096)
        lock.prctl(DUMPABLE, int(HIDDEN not in one.layers))
        order = zygote.Order(one.stage, one.cpu_s, one.wall_s, 256 << 20, given)
        child = zygote.spawn(order, layers=frozenset(one.layers) - {HIDDEN}, null=null, known=known)
        order.close()
        while not select.select([child.pidfd], [], [], max(0.0, child.look_again() - time.monotonic()))[0]:
            child.drain()
        end = child.reap()["end"]
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return end, (child.reply if one.stage == "parse" else child.log).decode("utf-8", "replace")

    return run


if __name__ == "__main__":
    _main()
