import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import answers, free_port, wait_until

from datathon.config import PREFIX
from datathon.store.db import make_engine, reading


@contextmanager
def demo(data: Path, port: int):
    """Start the demonstration and wait until it is ready; give the process and what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    command = [sys.executable, "-m", "datathon.cli", "demo", "--port", str(port), "--data-dir", str(data)]
    with (data.parent / "stderr").open("a", encoding="utf-8") as told:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, env=environment, text=True)
    with process:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                break
        yield process, lines
        if process.poll() is None:
            process.send_signal(signal.SIGINT)


def children(pid: int) -> list[int]:
    """Return the processes below ``pid``."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(child) for child in found]


def everybody_below(pid: int) -> list[int]:
    below = children(pid)
    return below + [deeper for child in below for deeper in everybody_below(child)]


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def facts(data: Path) -> list[object]:
    """Return what the first start must have left in the database."""
    queries = (
        "SELECT state, count(*) FROM submission GROUP BY state ORDER BY state",
        "SELECT count(*) FROM person",
        "SELECT count(*) FROM score",
        "SELECT state, count(*) FROM sheet GROUP BY state ORDER BY state",
        "SELECT edition_id, version FROM published_ranking",
    )
    engine = make_engine(f"sqlite:///{data / 'datathon.sqlite3'}")
    with reading(engine) as db:
        found = [[tuple(row) for row in db.connection().exec_driver_sql(query)] for query in queries]
    engine.dispose()
    return list(found)


@pytest.mark.timeout(400)
def test_demo_fills_itself_restarts_children_stops_whole_and_resumes(tmp_path):
    data, port = tmp_path / "data", free_port()
    address = f"http://127.0.0.1:{port}"
    with demo(data, port) as (process, first):
        assert first[-1] == f"ready {address}"
        assert [line.split()[0] for line in first[:-1]] == ["participant"] * 4 + ["juror"] * 3 + ["organiser"] * 2
        assert all(len(line.split()) == 3 for line in first[:-1])
        assert answers(address)
        left = facts(data)
        assert left[0] == [("rejected", 4), ("scored", 48), ("withdrawn", 1)]
        assert left[4] == [("2025", 1)]

        worker = next(pid for pid in children(process.pid) if "worker" in name_of(pid))
        os.kill(worker, signal.SIGKILL)
        told = data.parent / "stderr"
        wait_until(lambda: "worker restarted" in told.read_text(encoding="utf-8"))
        assert "worker stopped (signal 9), restarting in" in told.read_text(encoding="utf-8")
        below = everybody_below(process.pid)
    assert process.returncode == 0
    assert [pid for pid in below if not is_gone(pid)] == []

    private = ["secret-key", "sign-ins.json"]
    assert [stat.S_IMODE((data / name).stat().st_mode) for name in private] == [0o600, 0o600]
    assert set(json.loads((data / "sign-ins.json").read_text(encoding="utf-8"))) >= {first[0].split()[1]}

    with demo(data, port) as (process, again):
        assert again == first
        assert facts(data) == left
        below = everybody_below(process.pid)
        process.kill()
    wait_until(lambda: all(is_gone(pid) for pid in below))
