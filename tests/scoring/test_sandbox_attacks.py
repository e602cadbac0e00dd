"""Everything an attacker with code inside a sealed child would try, in real PARSE and SCORE children."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from datathon.scoring import outcome
from datathon.scoring.sandbox import doctor, lock
from datathon.scoring.sandbox.attacks import ATTACKS, Attack, source
from datathon.scoring.sandbox.client import ScorerClient

IDS = [f"{attack.row}-{attack.name}-{stage}" for attack in ATTACKS for stage in attack.stages]
CASES = [(attack, stage) for attack in ATTACKS for stage in attack.stages]
UNSEALED = {
    "read_passwd", "read_canary_file", "list_tmp", "environment_of_parent", "own_environment", "tcp_loopback",
    "udp_loopback", "abstract_socket", "path_socket", "fork", "memfd", "fill_disk", "fill_shm", "sysv_shared_memory",
    "change_given_files", "signal_parent", "allow_core_dumps", "executable_memory", "pidfd_parent", "late_import",
}  # fmt: skip
"""Attacks that any ordinary process can do: proof that the probes work."""
NOT_BY_LANDLOCK = {
    "own_environment", "udp_loopback", "path_socket", "fork", "daemon", "exec", "memfd", "sysv_shared_memory", "mount",
    "raise_limits", "allow_core_dumps", "executable_memory", "inherited_descriptors", "find_labels", "fake_result",
    "change_given_files", "raise_priority", "new_user_namespace", "io_uring", "bpf", "userfaultfd", "perf_event",
    "keyctl", "become_root", "x32_call", "terminal_input", "clone3", "signal_everybody", "pidfd_parent",
    "open_by_handle", "reopen_descriptor", "late_import", "fill_disk", "signal_parent", "signal_parent_thread",
}  # fmt: skip
"""What Landlock alone does not promise (or promises only from a certain version on); seccomp has to."""


@pytest.fixture(scope="module")
def canaries() -> Iterator[dict[str, Any]]:
    with doctor._canaries() as facts:
        yield facts
        assert [check for check in doctor._canaries_untouched(facts) if not check.ok] == []


@pytest.mark.parametrize(("attack", "stage"), CASES, ids=IDS)
def test_attack_is_stopped(scorer: ScorerClient, canaries: dict[str, Any], attack: Attack, stage: str) -> None:
    check = doctor._attempt(scorer, attack, stage, canaries)
    assert check.ok, check.detail


def test_forged_score_is_not_believed(scorer: ScorerClient, canaries: dict[str, Any]) -> None:
    attack = next(a for a in ATTACKS if a.name == "fake_result")
    facts = {k: v for k, v in canaries.items() if not k.startswith("_")}
    end, _ = doctor.run_parse(scorer, source(attack, facts))
    with pytest.raises(outcome.Untrusted):
        outcome.read_parse(end.reply, rows=4, columns=["id", "p"])


# Runs each attack in a fork of a plain process with the layers named, and tells how it ended.
_RUNNER = """
import ctypes, json, os, sys
from datathon.scoring.sandbox import lock
given = os.memfd_create("given")
os.write(given, bytes(64))
layers, programs = frozenset(json.loads(sys.argv[1])), json.load(sys.stdin)
told = {}
for name, text in programs.items():
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        names = {}
        exec(compile(text, name, "exec"), names)
        if layers:
            lock.seal(layers)
        os.write(writer, names["outcome"]().encode())
        os._exit(0)
    os.close(writer)
    said = b""
    while piece := os.read(reader, 65536):
        said += piece
    os.close(reader)
    os.waitpid(pid, 0)
    told[name] = said.decode()
print(json.dumps(told))
"""


def _alone(layers: set[str], names: set[str], canaries: dict[str, Any]) -> dict[str, str]:
    facts = {k: v for k, v in canaries.items() if not k.startswith("_")}
    chosen = [a for a in ATTACKS if a.name in names]
    programs = json.dumps({a.name: source(a, facts).decode() for a in chosen})
    command = [sys.executable, "-c", _RUNNER, json.dumps(sorted(layers))]
    done = subprocess.run(command, input=programs, capture_output=True, text=True, check=True, timeout=60)
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_probes_succeed_where_nothing_is_sealed() -> None:
    with doctor._canaries() as facts:
        told = _alone(set(), UNSEALED, facts)
    assert [name for name, said in told.items() if not said.startswith("PASS ")] == []


def test_seccomp_alone_stops_what_any_layer_can(canaries: dict[str, Any]) -> None:
    # Descriptors and the process's own variables are the supervisor's part, not a filter's.
    by_the_service = {"inherited_descriptors", "own_environment", "find_labels", "fake_result", "x32_call"}
    told = _alone({"seccomp"}, {a.name for a in ATTACKS} - by_the_service, canaries)
    assert [(name, said) for name, said in told.items() if not said.startswith("stopped ")] == []


def test_landlock_alone_stops_files_and_tcp(canaries: dict[str, Any]) -> None:
    # Before version 4 it knows no TCP; without it the layer is not part of the level reached.
    abi = lock.landlock_abi()
    names = {a.name for a in ATTACKS} - NOT_BY_LANDLOCK - (set() if abi >= 4 else {"tcp_loopback"})
    told = _alone({"landlock"}, names, canaries) if abi else {}
    assert [(name, said) for name, said in told.items() if not said.startswith("stopped ")] == []
    assert len(told) == (len(names) if abi else 0)


def test_whole_examination_reaches_a_level(scorer: ScorerClient) -> None:
    report = doctor.examine(scorer)
    assert [check for check in report.checks if not check.ok] == []
    assert report.level == ("full" if lock.landlock_abi() else "container")
    told = json.loads(json.dumps(report.as_json()))
    assert told["ok"] is True
    assert {"kernel", "landlock_abi", "uid", "checks", "level", "service"} <= set(told)


def test_examination_that_finds_a_hole_refuses() -> None:
    attack = ATTACKS[0]
    end = doctor.StageEnd(
        "done", b'{"problems": [{"params": {"text": "PASS open gave 5"}}]}', "", 1, 0, 0, "full", {}, {}
    )
    assert not doctor.verdict(attack, "parse", end).ok


def test_part_that_raises_is_reported() -> None:
    def broken() -> str:
        raise OSError("no answer")

    check = doctor._look(("redis", broken))
    assert (check.ok, check.group, check.detail) == (False, "platform", "no answer")


def test_children_drop_root(scorer: ScorerClient) -> None:
    body = "def parse(file, ctx):\n    import os\n    from scorers import Reject\n    raise Reject('format', '%d %d' % (os.getuid(), os.getegid()))\n"
    end, _ = doctor.run_parse(scorer, body.encode())
    expected = "10001 10001" if os.getuid() == 0 else f"{os.getuid()} {os.getegid()}"
    assert json.loads(end.reply)["problems"][0]["params"]["text"] == expected
