"""The sandbox attacking itself, in real children, before it is trusted with a hidden reference.

The level reached is "full" (Landlock and seccomp), "container" (seccomp alone) or "refuse": anything that got through.
"""

import contextlib
import json
import os
import platform
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datathon.editions.rules import Limits
from datathon.scoring.sandbox import inputs, memory
from datathon.scoring.sandbox.attacks import ATTACKS, NOT_FOR_PROGRAMS, PARSE, PREDICT, SCORE, Attack, program, source
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable, StageEnd
from datathon.scoring.sandbox.lock import landlock_abi
from datathon.scoring.sandbox.private import private_scorer
from scorers import toy

Further = Sequence[tuple[str, Callable[[], str]]]
"""Further checks: a name, and a callable that returns a sentence when all is well and raises when not."""

# Wall times are generous: on a busy machine an attack that waits for its turn has not succeeded.
_LIMITS = Limits(cpu_s=2, wall_s=60, memory_mb=256)
_PATIENT = Limits(cpu_s=2, wall_s=60, memory_mb=128)
_LEFT_S = 35.0
_BUSY_S = 0.5
_SECRET = struct.pack("<d", toy.LABELS["b"])


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``group`` is sandbox, limits, split, score or platform; ``detail`` says what was seen.

    ``warning``: safe enough to score, yet weaker than it should be.
    """

    name: str
    group: str
    ok: bool
    detail: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole examination: ``level`` is "full", "container" or "refuse"."""

    level: str
    checks: tuple[Check, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object of ``datathon doctor --json``."""
        checks = [
            {"name": c.name, "group": c.group, "ok": c.ok, "detail": c.detail, "warning": c.warning}
            for c in self.checks
        ]
        return {"level": self.level, "ok": all(c.ok for c in self.checks), **self.facts, "checks": checks}


def examine_here(further: Further = (), *, options: Sequence[str] = ()) -> Report:
    """Examine a scorer service started for this purpose with ``options``, then the platform's parts in ``further``."""
    os.environ["DATATHON_TEST_CANARY"] = "seen"
    try:
        with private_scorer(options=options) as client:
            report = examine(client)
    except ScorerUnavailable as error:
        detail = str(error.params.get("detail", ""))
        report = Report("refuse", (Check("service", "sandbox", ok=False, detail=detail),), _machine())
    finally:
        os.environ.pop("DATATHON_TEST_CANARY", None)
    return Report(report.level, (*report.checks, *map(_look, further)), report.facts)


def examine(client: ScorerClient) -> Report:
    """Attack the service that ``client`` talks to; raises ScorerUnavailable when it cannot be reached or refuses."""
    with _canaries() as facts:
        checks = [_attempt(client, attack, stage, facts) for attack in ATTACKS for stage in attack.stages]
        checks += _programs(client, facts)
        checks += _canaries_untouched(facts)
    checks += [*_limits(client), *_ends_of_split(client)]
    known, end = _toy(client, full=False)
    known_full, end_full = _toy(client, full=True)
    told = {"core": client.status(), "full": client.status(full=True)}
    checks += [known, known_full]
    for name, facts in told.items():
        checks += surroundings(name, facts)
    checks += [_nothing_left(client)]
    broken = [c for c in checks if not c.ok]
    libraries = {**end.environment, **end_full.environment}
    facts = {**_machine(), "service": {**told["core"], "level": end.level, "libraries": libraries}}
    return Report("refuse" if broken else end.level, tuple(checks), facts)


def lines(report: Report) -> Iterator[str]:
    """Yield the report as text for a terminal."""
    for check in report.checks:
        mark = "FAIL" if not check.ok else "warn" if check.warning else "ok  "
        yield f"{mark} {check.group:9} {check.name:32} {check.detail}"
    for name, value in report.facts.items():
        inner = value.items() if isinstance(value, dict) else ()
        yield f"     {name}:" if inner else f"     {name}: {value}"
        yield from (f"       {one}: {said}" for one, said in inner)
    yield f"level {report.level}"


def run_parse(client: ScorerClient, code: bytes | None, raw: bytes = toy.SUBMISSION, *, limits: Limits = _LIMITS,
              full: bool = False, level: str = "strict") -> tuple[StageEnd, bytes]:  # fmt: skip
    """Run PARSE on the toy challenge with ``code`` as scorer; return its end and what it left in the arrays."""
    with contextlib.ExitStack() as stack:
        given = _given(stack, code, {"file": raw})
        given["out"] = memory.sized("arrays", 4096)
        stack.callback(os.close, given["out"])
        end = client.run(PARSE, limits=limits, descriptors=given, full=full, filter_level=level)
        return end, os.pread(given["out"], 4096, 0)


def run_score(client: ScorerClient, code: bytes | None, arrays: bytes, *, limits: Limits = _LIMITS,
              full: bool = False, level: str = "strict") -> StageEnd:  # fmt: skip
    """Run SCORE on the toy challenge with ``code`` as scorer."""
    with contextlib.ExitStack() as stack:
        given = _given(stack, code, {"arrays": arrays.ljust(4096, b"\0"), "labels": toy.labels()})
        return client.run(SCORE, limits=limits, descriptors=given, full=full, filter_level=level)


def run_predict(client: ScorerClient, code: bytes, *, limits: Limits = _LIMITS) -> StageEnd:
    """Run ``code`` as a team's program, with one public input."""
    parts = {
        "form": b'{"seed": 1, "max_bytes": 4096}',
        "program": code,
        "inputs": inputs.pack_bytes({"test.csv": b"id\n"}),
    }
    with contextlib.ExitStack() as stack:
        given = {role: memory.sealed(role, data) for role, data in parts.items()}
        given["out"] = memory.sized("predictions", 4096)
        for descriptor in given.values():
            stack.callback(os.close, descriptor)
        return client.run(PREDICT, limits=limits, descriptors=given, full=True, filter_level="files")


def _given(stack: contextlib.ExitStack, code: bytes | None, more: dict[str, bytes]) -> dict[str, int]:
    parts = {"form": json.dumps(toy.form(["mae"])).encode(), "ids": toy.IDS, **more}
    if code is not None:
        parts["source"] = code
    given = {}
    for role, data in parts.items():
        given[role] = memory.sealed(role, data)
        stack.callback(os.close, given[role])
    return given


def verdict(attack: Attack, stage: str, end: StageEnd) -> Check:
    """Judge how an attack ended, by what the service saw first and by the attack's own words second."""
    name = f"{attack.name} ({stage})"
    if end.end in attack.ends:
        return Check(name, "sandbox", ok=True, detail=f"ended: {end.end}")
    text = end.log if stage == SCORE else end.reply.decode("utf-8", "replace")
    if "forged" in attack.ends:
        # The forger wrote what SCORE writes; PARSE's reply is read as PARSE's, where it means nothing.
        forged = end.end == "done" and b'"rows"' not in end.reply and b'"problems"' not in end.reply
        return Check(name, "split", ok=forged, detail="a forged result is not a reply of PARSE")
    stopped = "stopped " in text and "PASS " not in text
    at = text.find("stopped " if stopped else "PASS ")
    detail = text[at : at + 120].split('"')[0].splitlines()[0] if at >= 0 else f"{end.end}: {text[-120:]}"
    return Check(name, "sandbox", ok=stopped, detail=detail)


def _programs(client: ScorerClient, facts: dict[str, Any]) -> list[Check]:
    """Attack from within a team's program, which may read library folders; without Landlock see it refused."""
    try:
        return [_attempt(client, attack, PREDICT, facts) for attack in ATTACKS if attack.name not in NOT_FOR_PROGRAMS]
    except ScorerUnavailable as error:
        if not error.refused:
            raise
        return [Check("programs", "sandbox", ok=True, detail="refused, they need Landlock")]


def _attempt(client: ScorerClient, attack: Attack, stage: str, facts: dict[str, Any]) -> Check:
    return verdict(attack, stage, run_attack(client, attack, stage, facts))


def run_attack(client: ScorerClient, attack: Attack, stage: str, facts: dict[str, Any], **how: Any) -> StageEnd:
    """Run ``attack`` in a child of ``stage``; ``how`` as for the function that runs that stage."""
    code = source(attack, {k: v for k, v in facts.items() if not k.startswith("_")})
    how["limits"] = Limits(attack.cpu_s, attack.wall_s, _LIMITS.memory_mb)
    if stage == PREDICT:
        return run_predict(client, code, **how)
    return run_parse(client, code, **how)[0] if stage == PARSE else run_score(client, code, b"", **how)


@contextlib.contextmanager
def _canaries() -> Iterator[dict[str, Any]]:
    """Put up what an escape would reach: a readable file and four listeners."""
    folder = Path(tempfile.mkdtemp(prefix="dth-doctor-", dir="/tmp"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o777)  # an escape must not be stopped by the folder's permission: that would prove nothing
        secret = folder / "canary"
        secret.write_text("canary")
        tcp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        abstract, path = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0{folder.name}")
        path.bind(str(folder / "path.sock"))
        for listener in (tcp, udp, abstract, path):
            listener.setblocking(False)  # noqa: FBT003 - the standard library takes it so
            if listener is not udp:
                listener.listen(16)
        (folder / "path.sock").chmod(0o777)
        yield {
            "file": str(secret), "folder": str(folder), "tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1],
            "abstract": folder.name, "path": str(folder / "path.sock"), "label": _SECRET.hex(),
            "_listeners": {"tcp": tcp, "udp": udp, "abstract": abstract, "path": path},
        }  # fmt: skip


def _canaries_untouched(facts: dict[str, Any]) -> list[Check]:
    checks = []
    for name, listener in facts["_listeners"].items():
        reached = True
        try:
            if name == "udp":
                listener.recv(16)
            else:
                listener.accept()[0].close()
        except BlockingIOError:
            reached = False
        detail = "somebody connected" if reached else "nobody connected"
        checks.append(Check(f"listener_{name}", "sandbox", ok=not reached, detail=detail))
    left = sorted(p.name for p in Path(facts["folder"]).iterdir())
    detail = ", ".join(left)
    checks.append(Check("canary_folder", "sandbox", ok=left == ["canary", "path.sock"], detail=detail))
    return checks


def _limits(client: ScorerClient) -> list[Check]:
    """See each limit fire, in PARSE, within a tenth of what was asked; a little later is a busy machine's warning."""
    cases = (
        ("memory", "memory", "return len(bytearray(1 << 31))", _PATIENT),
        ("cpu", "cpu", "while True: pass", Limits(0.5, 60, 128)),
        ("wall", "wall", "import time; time.sleep(30)", Limits(2, 0.5, 128)),
        ("output", "output", "while True:\n    for fd in range(3, 64):\n        if alive(fd) and not seekable(fd): libc.write(fd, b'x' * 65536, 65536)",
         _PATIENT),
        ("file_size", "done", "for fd in range(3, 64):\n    libc.ftruncate(fd, ctypes.c_long(1 << 40))\nraise OSError(0, 'nothing grew')",
         _PATIENT),
    )  # fmt: skip
    checks = [_amount_of_memory(client)]
    for name, wanted, body, limits in cases:
        # The allocation must reach the supervisor as such, not as a polite answer.
        code = program(body, {}) if name != "memory" else b"def parse(file, ctx):\n    return len(bytearray(1 << 31))\n"
        end = run_parse(client, code, limits=limits)[0]
        detail = f"ended: {end.end} after {end.wall_ms:.0f} ms, {end.cpu_s:.2f} s of CPU"
        used, asked = {"cpu": (end.cpu_s, limits.cpu_s), "wall": (end.wall_ms / 1000, limits.wall_s)}.get(name, (0, 1))
        ok = end.end == wanted and used <= 1.1 * asked + _BUSY_S
        checks.append(Check(f"limit_{name}", "limits", ok=ok, detail=detail, warning=used > 1.1 * asked))
    return checks


def _amount_of_memory(client: ScorerClient) -> Check:
    """See how much a child gets before it is refused more."""
    body = "import mmap\nheld = []\ntry:\n    while True: held.append(mmap.mmap(-1, 1 << 20))\nexcept OSError: return '%d MiB' % len(held)"
    text = run_parse(client, program(body, {}), limits=_PATIENT)[0].reply.decode("utf-8", "replace")
    got = text.partition("PASS ")[2].partition(" MiB")[0]
    ok = got.isdigit() and 0.9 * _PATIENT.memory_mb <= int(got) <= _PATIENT.memory_mb
    return Check("limit_memory_amount", "limits", ok=ok, detail=f"{got or 'no'} MiB of {_PATIENT.memory_mb} were given")


def _ends_of_split(client: ScorerClient) -> list[Check]:
    """See what each stage holds: the content of every open file, searched for what it must not have."""
    body = """
import os
found = []
for fd in range(3, 1024):
    if seekable(fd):
        buffer = ctypes.create_string_buffer(4096)
        size = libc.pread(fd, buffer, 4096, ctypes.c_long(0))
        found.append(buffer.raw[:max(size, 0)])
held = b''.join(found)
return '+'.join(name for name, mark in facts['marks'].items() if bytes.fromhex(mark) in held)"""
    marks = {"file": toy.SUBMISSION.hex(), "labels": b"DTHNREF1".hex()}
    code = program(body, {"marks": marks})
    parse, score = run_parse(client, code)[0].reply.decode(), run_score(client, code, b"").log
    return [
        Check("parse_has_no_labels", "split", ok='PASS file"' in parse, detail="PARSE holds the file, not the labels"),
        Check("score_has_no_file", "split", ok="PASS labels\n" in score, detail="SCORE holds the labels, not the file"),
    ]


def _toy(client: ScorerClient, *, full: bool) -> tuple[Check, StageEnd]:
    """Score the toy challenge end to end; its score is known to the last bit."""
    name = "toy_score_full" if full else "toy_score"
    first, arrays = run_parse(client, None, full=full)
    end = run_score(client, None, arrays, full=full)
    wanted = {"values": [[v] for v in toy.EXPECTED_MAE.values()]}
    ok = first.reply == b'{"rows": 4}' and end.reply == json.dumps(wanted).encode()
    return Check(name, "score", ok=ok, detail=end.reply.decode("utf-8", "replace") or end.log[-200:]), end


def surroundings(name: str, told: Mapping[str, Any]) -> list[Check]:
    """Judge what a process of the service says of itself: its user, threads, rights, network, limits."""
    uid, threads, devices = told["uid"], list(told["threads"]), list(told["network_devices"])
    rights = int(told["capabilities"] or "0", 16)
    # A service that stays root was told to by name; it refuses to start otherwise.
    process = f"uid {uid}, {len(threads)} thread(s), no_new_privs {int(told['no_new_privileges'])}, rights {rights:x}"
    unsafe = len(threads) != 1 or not told["no_new_privileges"]
    memory_limit = next((int(v) for k, v in told["limits"].items() if k.startswith("memory.") and v.isdigit()), None)
    needed = told["jobs_at_once"] * (Limits().memory_mb << 20)
    room = told["memory_bytes"] if memory_limit is None else min(memory_limit, told["memory_bytes"])
    seen = f"up: {', '.join(devices)}; no child can make a socket" if devices else "none but the loopback"
    cgroup = ", ".join(f"{k} {v}" for k, v in told["limits"].items()) or "none seen; each child is limited by itself"
    size = f"{told['jobs_at_once']} children of {Limits().memory_mb} MB in {room >> 20} MB"
    return [
        Check(f"process ({name})", "sandbox", ok=not unsafe, detail=process, warning=uid == 0 or rights != 0),
        Check(f"network ({name})", "sandbox", ok=True, detail=seen, warning=bool(devices)),
        Check(f"container_limits ({name})", "limits", ok=True, detail=cgroup, warning=memory_limit is None),
        Check(f"room ({name})", "limits", ok=True, detail=size, warning=needed > room),
    ]


def _nothing_left(client: ScorerClient) -> Check:
    """Look for children of the service that belong to no job at work."""
    until = time.monotonic() + _LEFT_S
    while left := [*client.status()["strays"], *client.status(full=True)["strays"]]:
        if time.monotonic() >= until:
            break
        time.sleep(0.1)
    detail = ", ".join(map(str, left)) or "no process of a finished job"
    return Check("nothing_left_alive", "limits", ok=not left, detail=detail)


def _look(one: tuple[str, Callable[[], str]]) -> Check:
    name, look = one
    try:
        return Check(name, "platform", ok=True, detail=look())
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part is what the examination reports
        return Check(name, "platform", ok=False, detail=str(error) or type(error).__name__)


def _machine() -> dict[str, Any]:
    return {
        "kernel": platform.release(),
        "machine": platform.machine(),
        "landlock_abi": landlock_abi(),
        "uid": os.getuid(),
        "python": platform.python_version(),
    }
