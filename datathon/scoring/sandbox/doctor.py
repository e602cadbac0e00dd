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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datathon.editions.rules import Limits
from datathon.scoring.sandbox import inputs, memory
from datathon.scoring.sandbox.attacks import ATTACKS, PARSE, PREDICT, SCORE, Attack, program, source
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
_SECRET = struct.pack("<d", toy.LABELS["b"])


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``group`` is sandbox, limits, split, score or platform; ``detail`` says what was seen."""

    name: str
    group: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole examination: ``level`` is "full", "container" or "refuse"."""

    level: str
    checks: tuple[Check, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object of ``datathon doctor --json``."""
        checks = [{"name": c.name, "group": c.group, "ok": c.ok, "detail": c.detail} for c in self.checks]
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
        checks += _canaries_untouched(facts)
    checks += [*_limits(client), *_ends_of_split(client)]
    known, end = _toy(client, full=False)
    pid = _service_pid(client)
    checks += [known, _toy(client, full=True)[0], _process(pid), _nothing_left(pid)]
    broken = [c for c in checks if not c.ok]
    facts = {**_machine(), "service": dict(end.environment)}
    return Report("refuse" if broken else end.level, tuple(checks), facts)


def lines(report: Report) -> Iterator[str]:
    """Yield the report as text for a terminal."""
    for check in report.checks:
        yield f"{'ok  ' if check.ok else 'FAIL'} {check.group:9} {check.name:32} {check.detail}"
    for name, value in report.facts.items():
        yield f"     {name}: {value}"
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
    """See each limit fire, in PARSE."""
    cases = (
        ("memory", "memory", "return len(bytearray(1 << 31))", _PATIENT),
        ("cpu", "cpu", "while True: pass", Limits(1, 60, 128)),
        ("wall", "wall", "import time; time.sleep(30)", Limits(2, 0.3, 128)),
        ("output", "output", "while True:\n    for fd in range(3, 64):\n        if alive(fd) and not seekable(fd): libc.write(fd, b'x' * 65536, 65536)",
         _PATIENT),
        ("file_size", "done", "for fd in range(3, 64):\n    libc.ftruncate(fd, ctypes.c_long(1 << 40))\nraise OSError(0, 'nothing grew')",
         _PATIENT),
    )  # fmt: skip
    checks = []
    for name, wanted, body, limits in cases:
        # The allocation must reach the supervisor as such, not as a polite answer.
        code = program(body, {}) if name != "memory" else b"def parse(file, ctx):\n    return len(bytearray(1 << 31))\n"
        end = run_parse(client, code, limits=limits)[0]
        detail = f"ended: {end.end} after {end.wall_ms:.0f} ms, {end.cpu_s:.2f} s of CPU"
        # The kernel counts by clock ticks: half a second more is a busy machine, not an escape.
        late = name == "cpu" and end.cpu_s > limits.cpu_s * 1.1 + 0.5
        checks.append(Check(f"limit_{name}", "limits", ok=end.end == wanted and not late, detail=detail))
    return checks


def _ends_of_split(client: ScorerClient) -> list[Check]:
    """See what each stage holds: the identity of every open file, compared with what it must not have."""
    body = """
import os
found = []
for fd in range(3, 1024):
    if seekable(fd):
        buffer = ctypes.create_string_buffer(4096)
        size = libc.pread(fd, buffer, 4096, ctypes.c_long(0))
        found.append(buffer.raw[:max(size, 0)])
held = b''.join(found)
return ' '.join(name for name, mark in facts['marks'].items() if bytes.fromhex(mark) in held)"""
    marks = {"file": toy.SUBMISSION.hex(), "labels": b"DTHNREF1".hex()}
    code = program(body, {"marks": marks})
    parse, score = run_parse(client, code)[0].reply.decode(), run_score(client, code, b"").log
    return [
        Check("parse_has_no_labels", "split", ok="PASS file" in parse and "labels" not in parse, detail="PARSE holds the file, not the labels"),
        Check("score_has_no_file", "split", ok="PASS labels" in score, detail="SCORE holds the labels, not the file"),
    ]  # fmt: skip


def _toy(client: ScorerClient, *, full: bool) -> tuple[Check, StageEnd]:
    """Score the toy challenge end to end; its score is known to the last bit."""
    name = "toy_score_full" if full else "toy_score"
    first, arrays = run_parse(client, None, full=full)
    end = run_score(client, None, arrays, full=full)
    wanted = {"values": [[v] for v in toy.EXPECTED_MAE.values()]}
    ok = first.reply == b'{"rows": 4}' and end.reply == json.dumps(wanted).encode()
    return Check(name, "score", ok=ok, detail=end.reply.decode("utf-8", "replace") or end.log[-200:]), end


def _service_pid(client: ScorerClient) -> int:
    """Return the service's process id as seen from here; 0 when it lives in another container."""
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) as connection:
        connection.connect(str(client.socket_path))
        pid: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return pid


def _process(pid: int) -> Check:
    """Look at the service's process: one thread, not root, no way to gain rights."""
    said: dict[str, str] = {}
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines() if pid else []
        said = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    if not said:
        return Check("service_process", "sandbox", ok=True, detail="lives in another container")
    uid, threads, pinned = said["Uid"].split()[0], said["Threads"], said["NoNewPrivs"]
    detail = f"uid {uid}, {threads} thread(s), no_new_privs {pinned}"
    return Check("service_process", "sandbox", ok=threads == "1" and pinned == "1", detail=detail)


def _nothing_left(pid: int) -> Check:
    """Look for children of the service that outlive every job; those at work for somebody else get their time."""
    until = time.monotonic() + _LEFT_S
    left = _children(pid) if pid else set()
    while left and time.monotonic() < until:
        time.sleep(0.1)
        left &= _children(pid)
    detail = ", ".join(map(str, sorted(left))) or "no process of a finished job"
    return Check("nothing_left_alive", "limits", ok=not left, detail=detail)


def _children(pid: int) -> set[int]:
    """Return the children of process ``pid`` that lead a session of their own, as jobs do."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent, _, session = stat.read_text().rsplit(")", 1)[1].split()[1:4]
            if parent == str(pid) and session == stat.parent.name:
                found.add(int(stat.parent.name))
    return found


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
        "network_devices": sorted(name for _, name in socket.if_nameindex()),
        "memory_limit": _memory_limit(),
    }


def _memory_limit() -> str:
    limit = Path("/sys/fs/cgroup/memory.max")
    return limit.read_text().strip() if limit.is_file() else "none seen"
