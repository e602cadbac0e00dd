"""Everything an attacker with code inside a sealed child would try, in real PARSE and SCORE children."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from datathon.editions.rules import Limits
from datathon.scoring import outcome
from datathon.scoring.sandbox import doctor, lock
from datathon.scoring.sandbox.attacks import ATTACKS, Attack, source
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.private import private_scorer

IDS = [f"{attack.row}-{attack.name}-{stage}" for attack in ATTACKS for stage in attack.stages]
CASES = [(attack, stage) for attack in ATTACKS for stage in attack.stages]


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


def test_whole_examination_reaches_a_level(scorer: ScorerClient) -> None:
    report = doctor.examine(scorer)
    assert [check for check in report.checks if not check.ok] == []
    assert report.level == ("full" if lock.landlock_abi() else "container")
    told = json.loads(json.dumps(report.as_json()))
    assert told["ok"] is True
    assert {"kernel", "landlock_abi", "uid", "checks", "level", "service"} <= set(told)
    assert {"uid", "capabilities", "no_new_privileges", "network_devices", "limits", "threads", "libraries"} <= set(
        told["service"]
    )
    assert told["service"]["libraries"]["scikit-learn"]
    assert "\n".join(doctor.lines(report)).count("scikit-learn") == 1


def test_surroundings_that_are_unsafe_refuse_and_weak_ones_warn() -> None:
    good = {
        "uid": 10001, "threads": ["MainThread"], "no_new_privileges": True, "capabilities": "0", "network_devices": [],
        "limits": {"memory.max": str(4 << 30)}, "memory_bytes": 8 << 30, "jobs_at_once": 2,
    }  # fmt: skip

    def seen(**change: Any) -> list[tuple[bool, bool]]:
        return [(check.ok, check.warning) for check in doctor.surroundings("core", {**good, **change})]

    fine = (True, False)
    assert seen() == [fine] * 4
    assert seen(threads=["MainThread", "jemalloc_bg_thd"])[0][0] is False
    assert seen(no_new_privileges=False)[0][0] is False
    assert seen(uid=0)[0] == seen(capabilities="00000000a80425fb")[0] == (True, True)
    assert seen(network_devices=["eth0"])[1] == (True, True)
    assert seen(limits={})[2] == (True, True)
    assert seen(jobs_at_once=64)[3] == (True, True)


def test_open_files_of_a_child_are_its_own_job_s_as_its_supervisor_sees_them() -> None:
    # Other jobs wait meanwhile with their labels open in the process that forks.
    sleep = (
        b"import time\ndef parse(file, ctx):\n    time.sleep(60)\ndef score(y_true, y_pred, ctx):\n    time.sleep(60)\n"
    )
    limits = Limits(5, 4, 128)
    with private_scorer(libraries="core", options=["--jobs", "2"]) as client, ThreadPoolExecutor(8) as threads:
        for _ in range(4):
            threads.submit(doctor.run_parse, client, sleep, limits=limits)
            threads.submit(doctor.run_score, client, sleep, b"", limits=limits)
        seen: dict[str, set[str]] = {}
        before: dict[int, set[str]] = {}  # a child that has only just begun still closes what is not its own
        until = time.monotonic() + 30
        while len(seen) < 2 and time.monotonic() < until:
            for pid in children(int(client.status()["pid"])):
                held = open_files(pid)
                if held and before.get(pid) == held:
                    seen["score" if "labels" in held else "parse"] = held
                before[pid] = held
            time.sleep(0.05)
    if os.getuid() == 0:  # others may not look into a child, which is the point of it
        assert seen == {
            "parse": {"form", "file", "ids", "arrays", "source", "pipe", "null"},
            "score": {"form", "arrays", "labels", "ids", "source", "pipe", "null"},
        }
    else:
        assert seen == {}


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if fields[1] == str(pid) and fields[3] == stat.parent.name:
                found.append(int(stat.parent.name))
    return found


def open_files(pid: int) -> set[str]:
    """What a process has open: names of memory files, "pipe", "null", anything else by its path."""
    found = set()
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            target = str(link.readlink()).removesuffix(" (deleted)")
            found.add("pipe" if target.startswith("pipe:") else target.removeprefix("/memfd:").removeprefix("/dev/"))
    return found


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
