"""Limits of a child: when they fire, who says why it ended, and that it cannot put the blame elsewhere."""

import json
import os
from pathlib import Path

import pytest
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Limits
from datathon.scoring import outcome
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor, zygote
from datathon.scoring.sandbox.attacks import program
from datathon.scoring.sandbox.client import ScorerClient, StageEnd

PATIENT = Limits(cpu_s=10, wall_s=60, memory_mb=128)
GROW = """
import mmap
held, size = [], 0
try:
    while True:
        held.append(mmap.mmap(-1, 1 << 20))
        size += 1
except OSError:
    held.clear()
return "%d MiB" % size"""
SPIN = "while True: pass"
IGNORE_THE_SIGNAL_AND_SPIN = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
WRITE = """
pipe = next(fd for fd in range(3, 64) if alive(fd) and not seekable(fd))
left = {size}
while left > 0:
    left -= libc.write(pipe, b'x' * left, left)
libc._exit(0)"""


def in_stage(scorer: ScorerClient, stage: str, body: str, limits: Limits) -> StageEnd:
    code = program(body, {})
    if stage == "parse":
        return doctor.run_parse(scorer, code, limits=limits)[0]
    return doctor.run_score(scorer, code, b"", limits=limits)


@pytest.mark.parametrize("stage", ["parse", "score"])
@pytest.mark.parametrize("body", [SPIN, IGNORE_THE_SIGNAL_AND_SPIN], ids=["plainly", "ignoring the signal"])
@pytest.mark.parametrize("limit", [0.4, 1.2])
def test_cpu_limit_fires_within_a_tenth(scorer: ScorerClient, stage: str, body: str, limit: float) -> None:
    used = []
    while not used or (used[-1] > 1.1 * limit and len(used) < 4):  # a supervisor kept from its processor looks late
        end = in_stage(scorer, stage, body, Limits(limit, 60, 128))
        assert end.end == "cpu"
        used.append(end.cpu_s)
    assert limit <= used[-1] <= 1.1 * limit


@pytest.mark.parametrize("stage", ["parse", "score"])
def test_wall_limit_fires(scorer: ScorerClient, stage: str) -> None:
    end = in_stage(scorer, stage, "import time; time.sleep(30)", Limits(5, 0.5, 128))
    assert end.end == "wall"
    assert end.wall_ms >= 500
    assert end.cpu_s < 0.5


@pytest.mark.parametrize("megabytes", [64, 200])
def test_memory_limit_fires_within_a_tenth(scorer: ScorerClient, megabytes: int) -> None:
    end = in_stage(scorer, "parse", GROW, Limits(10, 60, megabytes))
    got = int(json.loads(end.reply)["problems"][0]["params"]["text"].removeprefix("PASS ").split()[0])
    assert 0.9 * megabytes <= got <= megabytes


def test_memory_beyond_the_limit_ends_the_child_in_both_stages(scorer: ScorerClient) -> None:
    code = b"def parse(file, ctx):\n    return bytearray(1 << 31)\ndef score(y_true, y_pred, ctx):\n    return bytearray(1 << 31)\n"
    ends = [doctor.run_parse(scorer, code)[0], doctor.run_score(scorer, code, b"")]
    assert [end.end for end in ends] == ["memory", "memory"]


@pytest.mark.parametrize("stage", ["parse", "score"])
def test_output_limit_fires_at_the_byte_beyond(scorer: ScorerClient, stage: str) -> None:
    most = zygote.REPLY_BYTES[stage]
    assert in_stage(scorer, stage, WRITE.format(size=most), PATIENT).end == "done"
    assert in_stage(scorer, stage, WRITE.format(size=most + 1), PATIENT).end == "output"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("libc._exit(77)", "memory"),
        ("libc._exit(70)", "error"),
        ("libc._exit(5)", "crash"),
        ("libc.abort()", "crash"),
        ("ctypes.string_at(1)", "crash"),
        ("call('kill', libc.getpid(), 9)", "done"),
        ("raw(facts['tgkill'], libc.getpid(), libc.getpid(), 9)", "done"),
        ("raw(facts['tgkill'], libc.getpid(), libc.getpid(), 24)", "done"),
    ],
)
def test_whatever_way_a_hostile_child_ends_nobody_is_charged_and_no_worker_blamed(
    scorer: ScorerClient, body: str, expected: str
) -> None:
    # It may claim a lack of memory or an error, which costs its team nothing and gains it nothing; it can neither
    # pretend to have been killed from outside nor (78: the seal did not hold) that the sandbox is broken.
    end = in_stage(scorer, "parse", body, PATIENT)
    assert end.end == expected
    assert expected == "done" or outcome.failure_code(end.end) in {"memory", "scorer_error"}


def test_child_cannot_claim_that_the_seal_failed(scorer: ScorerClient) -> None:
    assert in_stage(scorer, "parse", "libc._exit(78)", PATIENT).end == "crash"


def test_fractions_of_a_second_of_cpu_are_a_limit_too(scorer: ScorerClient, tmp_path: Path) -> None:
    code = "def parse(file, ctx):\n    while True: pass\ndef score(y_true, y_pred, ctx):\n    return {'m': 1.0}\n"
    challenge = make_challenge(tmp_path, scorer=code, limits=Limits(0.25, 60, 128))
    with (tmp_path / "file").open("w+b") as file:
        file.write(GOOD)
        file.seek(0)
        told = score_file(challenge, file, scorer=scorer)
    assert (told.outcome, told.code) == ("failed", "timeout")
    assert 0.25 <= told.resources["cpu_s"] <= 0.29


def test_clock_of_a_process_is_the_one_the_library_gives() -> None:
    import ctypes

    found = ctypes.c_int()
    assert ctypes.CDLL(None).clock_getcpuclockid(os.getpid(), ctypes.byref(found)) == 0
    assert zygote._cpu_clock(os.getpid()) == found.value
