import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datathon.demo.supervise import Service, Supervisor

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(said):
    made = Supervisor(said.append)
    yield made
    made.stop()


def wait_until(condition, look=lambda: None):
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it did not happen within 20 seconds"
        look()
        time.sleep(0.02)


def test_look_restarts_a_killed_child_and_says_so(supervisor, said, tmp_path):
    supervisor.add(Service("worker", SLEEP, {}, tmp_path / "worker.log"))
    first = supervisor.children[0].process
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: said[-1:] == ["worker restarted"], supervisor.look)
    assert said[0].startswith("worker stopped (signal 9), restarting in")
    assert supervisor.children[0].process.pid != first.pid


def test_look_waits_longer_for_a_child_that_ends_at_once(supervisor, said, tmp_path):
    now = [0.0]
    supervisor.clock = lambda: now[0]
    supervisor.add(Service("web", (sys.executable, "-c", "raise SystemExit(3)"), {}, tmp_path / "web.log"))
    pauses = []
    for _ in range(6):
        child = supervisor.children[0]
        wait_until(lambda child=child: child.process is None, supervisor.look)
        pauses.append(child.pause_s)
        now[0] = child.start_at
        supervisor.look()
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert said[0].startswith("web stopped (exit 3), restarting in 1 s; see ")


def test_stop_ends_every_child(supervisor, tmp_path):
    for name in ("a", "b"):
        supervisor.add(Service(name, SLEEP, {}, tmp_path / f"{name}.log"))
    processes = [child.process for child in supervisor.children]
    supervisor.stop()
    assert [process.poll() for process in processes] == [-signal.SIGTERM, -signal.SIGTERM]


def test_children_get_their_own_environment_only(supervisor, tmp_path, monkeypatch):
    monkeypatch.setenv("DATATHON_SECRET_KEY", "not for children")
    show = (sys.executable, "-c", "import os; print(sorted(k for k in os.environ if k != 'LC_CTYPE'))")
    supervisor.add(Service("show", show, {"A": "1"}, tmp_path / "show.log"))
    supervisor.children[0].process.wait()
    assert (tmp_path / "show.log").read_text() == "['A']\n"


KILLED = """
import os, sys, signal
from pathlib import Path
from datathon.demo.supervise import Service, Supervisor
supervisor = Supervisor(print)
supervisor.add(Service("sleep", (sys.executable, "-c", "import time; time.sleep(60)"), {}, Path(sys.argv[1])))
print(supervisor.children[0].process.pid, flush=True)
signal.pause()
"""


def test_children_of_a_killed_supervisor_end_with_it(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not running(child))


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
