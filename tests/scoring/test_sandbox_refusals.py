"""Where scoring would not be safe nothing is scored: the service refuses and says why, for real on this machine."""

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from impaired import BEFORE

from datathon.scoring.sandbox import doctor, place, service
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.sandbox.private import private_scorer
from datathon.scoring.sandbox.syscalls import table


@pytest.fixture
def place_for_a_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dth-", dir="/tmp") as folder:
        yield Path(folder) / "s"


def refused(what: str, path: Path, *options: str) -> str:
    """Start the service after ``what`` and return what it says when it refuses."""
    command = [
        sys.executable,
        "-c",
        BEFORE.replace("WHAT", what),
        "--libraries",
        "core",
        "--socket",
        str(path),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3, done.stderr
    with pytest.raises(ScorerUnavailable):
        doctor.run_parse(ScorerClient(path), None)
    return done.stderr.strip()


def test_kernel_without_seccomp_is_refused(place_for_a_socket: Path) -> None:
    machine = table()
    assert machine is not None
    said = refused(f"without_call({machine.seccomp})", place_for_a_socket)
    assert said == "scorer: sandbox_refused: seccomp cannot be loaded"


def test_unknown_architecture_is_refused(place_for_a_socket: Path) -> None:
    said = refused("another_architecture()", place_for_a_socket)
    assert said.startswith("scorer: sandbox_refused: unknown processor architecture ")
    assert os.uname().machine not in said


def test_root_that_cannot_become_nobody_is_refused(place_for_a_socket: Path) -> None:
    said = refused("root_that_cannot_change()", place_for_a_socket)
    assert said.startswith("scorer: sandbox_refused: started as root and cannot become uid 10001")


def test_root_stays_root_by_explicit_choice_only() -> None:
    with private_scorer(libraries="core", options=["--allow-root"]) as client:
        assert client.status()["uid"] == os.getuid()
    with private_scorer(libraries="core") as client:
        assert client.status()["uid"] == (os.getuid() or 10001)


# A generation as the keeper starts it, but for a thread that somebody's library left running.
THREADED = """
import ctypes, sys, threading
from datathon.scoring.sandbox import service
threading.Thread(target=threading.Event().wait, daemon=True, name="jemalloc_bg_thd").start()
sys.exit(service.main(sys.argv[1:]))
"""


def test_thread_in_the_process_that_forks_is_refused_by_name(place_for_a_socket: Path) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        given = (listener.fileno(), theirs.fileno())
        options = ["--libraries", "core", "--listener", str(given[0]), "--control", str(given[1])]
        done = subprocess.run(
            [sys.executable, "-c", THREADED, "--socket", str(place_for_a_socket), *options],
            env=service.ENVIRONMENT, pass_fds=given, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr.strip()) == (
            3, "scorer: sandbox_refused: more than one thread in the service: jemalloc_bg_thd",
        )  # fmt: skip


def test_thread_that_comes_later_forbids_the_fork() -> None:
    code = (
        "import os, threading; from datathon.scoring.sandbox import lock, zygote\n"
        "threading.Thread(target=threading.Event().wait, daemon=True, name='late').start()\n"
        "order = zygote.Order('parse', 1, 1, 1 << 20, {})\n"
        "try:\n    zygote.spawn(order, layers=lock.LAYERS, null=0, known={})\n"
        "except lock.SealError as refusal:\n    print(refusal.strerror)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=service.ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "more than one thread, forking is unsafe: late\n"


def test_visible_network_is_refused_by_the_strict_setting_only() -> None:
    devices = place.network_devices()
    if devices:
        with pytest.raises(ScorerUnavailable) as refusal, private_scorer(options=["--strict-network"]):
            pass
        assert f"a network is visible ({', '.join(devices)})" in str(refusal.value.params["detail"])
    with private_scorer(libraries="core") as client:
        assert client.status()["network_devices"] == devices


def test_service_without_a_network_serves_under_the_strict_setting(place_for_a_socket: Path) -> None:
    # Only root makes a network namespace everywhere; elsewhere the same is seen by the container of compose.yaml.
    before = "new_network()" if os.getuid() == 0 else ""
    command = [sys.executable, "-c", BEFORE.replace("WHAT", before), "--socket", str(place_for_a_socket)]
    command += ["--libraries", "core"]
    command += ["--strict-network"] if before or not place.network_devices() else []
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as started:
        try:
            client = ScorerClient(place_for_a_socket, patience_s=20)
            assert doctor.run_parse(client, None)[0].end == "done"
            assert client.status()["network_devices"] == ([] if before else place.network_devices())
        finally:
            started.kill()


@pytest.mark.parametrize("why", ["another_architecture()", "root_that_cannot_change()"])
def test_examination_says_why_the_service_refuses(why: str) -> None:
    code = BEFORE.replace("WHAT", why).split("os.execv")[0]
    code += 'os.execv(sys.executable, [sys.executable, "-m", "datathon.cli", "doctor", "--json"])'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 1, done.stderr
    assert '"level": "refuse"' in done.stdout
    assert "sandbox_refused: " in done.stdout


def test_personality_trick_of_these_tests_leaves_no_trace_here() -> None:
    assert ctypes.CDLL(None).personality(0xFFFFFFFF) & 8 == 0
