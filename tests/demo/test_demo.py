import json
import os
import signal
import stat
from pathlib import Path

import pytest
from demonstration import Seeded, children, demonstration, everybody_below, facts, is_gone, name_of
from running import answers, wait_until


@pytest.mark.timeout(400)
def test_first_start_fills_the_demonstration_and_stops_whole(seeded: Seeded) -> None:
    people = [line.split() for line in seeded.printed[:-1]]
    assert [words[0] for words in people] == ["participant"] * 4 + ["juror"] * 3 + ["organiser"] * 2
    assert all(len(words) == 3 for words in people)
    assert seeded.answered
    assert seeded.facts[0] == [("rejected", 4), ("scored", 48), ("withdrawn", 1)]
    assert seeded.facts[4] == [("2025", 1)]
    assert (seeded.code, seeded.survivors) == (0, [])

    private = ["secret-key", "sign-ins.json"]
    assert [stat.S_IMODE((seeded.folder / name).stat().st_mode) for name in private] == [0o600, 0o600]
    kept = json.loads((seeded.folder / "sign-ins.json").read_text(encoding="utf-8"))
    assert set(kept) >= {people[0][1]}


@pytest.mark.timeout(400)
def test_next_start_resumes_restarts_its_children_and_takes_them_along_when_killed(
    seeded: Seeded, tmp_path: Path
) -> None:
    data = seeded.copy(tmp_path / "data")
    with demonstration(data) as again:
        assert again.printed[:-1] == seeded.printed[:-1]
        assert answers(again.printed[-1].removeprefix("ready "))
        assert facts(data) == seeded.facts

        worker = next(pid for pid in children(again.process.pid) if "worker" in name_of(pid))
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: "worker restarted" in again.told.read_text(encoding="utf-8"))
        assert "worker stopped (signal 9), restarting in" in again.told.read_text(encoding="utf-8")
        below = everybody_below(again.process.pid)
        assert len(below) >= len(children(again.process.pid)) >= 4
        again.process.kill()
    wait_until(lambda: all(is_gone(pid) for pid in below))
