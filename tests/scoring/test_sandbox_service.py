"""The service: many at once, gone clients, killed children, a dead service, who may connect."""

import contextlib
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Limits, Metric
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor, memory
from datathon.scoring.sandbox.client import ChildLost, ScorerClient, ScorerUnavailable
from datathon.scoring.sandbox.private import private_scorer
from datathon.scoring.sandbox.syscalls import table

SLEEP = b"import time\ndef parse(file, ctx):\n    time.sleep(20)\n"
LONG = Limits(cpu_s=5, wall_s=30, memory_mb=128)


@pytest.fixture
def own() -> Iterator[ScorerClient]:
    """A service that this test may break."""
    with private_scorer(libraries="core") as client:
        yield client


def keeper_pid(client: ScorerClient) -> int:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) as connection:
        connection.connect(str(client.socket_path))
        pid: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return pid


def service_pid(client: ScorerClient) -> int:
    """The process that forks children."""
    return int(client.status()["pid"])


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if stat.read_text().rsplit(")", 1)[1].split()[1] == str(pid):
                found.append(int(stat.parent.name))
    return found


def held(pid: int) -> int:
    """How many descriptors a process holds, as far as this user may look."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except PermissionError:
        return 0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    results: list[object] = []

    def run() -> None:
        try:
            results.append(work())
        except ScorerUnavailable as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def test_child_killed_from_outside_is_a_fault_of_the_platform_and_the_service_goes_on(own: ScorerClient) -> None:
    pid = service_pid(own)
    thread, results = in_thread(lambda: doctor.run_parse(own, SLEEP, limits=LONG)[0])
    until(lambda: children(pid))
    os.kill(children(pid)[0], signal.SIGKILL)
    thread.join()
    assert [type(result) for result in results] == [ChildLost]  # neither the file's fault nor the scorer's
    assert doctor.run_parse(own, None)[0].reply == b'{"rows": 4}'
    assert children(pid) == []


def test_client_that_leaves_takes_its_job_along(own: ScorerClient) -> None:
    pid = service_pid(own)
    code = (
        "import sys; from pathlib import Path; from datathon.scoring.sandbox import doctor\n"
        "from datathon.scoring.sandbox.client import ScorerClient\n"
        f"doctor.run_parse(ScorerClient(Path(sys.argv[1])), {SLEEP!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(own.socket_path)]) as client:
        until(lambda: children(pid))
        client.kill()
    until(lambda: not children(pid))
    assert doctor.run_parse(own, None)[0].end == "done"


def test_service_that_dies_in_the_middle_is_unavailable_and_leaves_nothing(own: ScorerClient, tmp_path: Path) -> None:
    pid = service_pid(own)
    thread, results = in_thread(lambda: doctor.run_parse(own, SLEEP, limits=LONG))
    until(lambda: children(pid))
    (child,) = children(pid)
    os.kill(keeper_pid(own), signal.SIGKILL)
    thread.join()
    assert isinstance(results[0], ScorerUnavailable)
    until(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2])
    with pytest.raises(ScorerUnavailable):
        score_file(make_challenge(tmp_path), io.BytesIO(GOOD), scorer=ScorerClient(own.socket_path))


def test_jobs_at_once_all_come_back(own: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path, metrics=(Metric("roc_auc"), Metric("rmse")))
    threads = [in_thread(lambda: score_file(challenge, io.BytesIO(GOOD), scorer=own)) for _ in range(24)]
    for thread, _ in threads:
        thread.join()
    assert {getattr(results[0], "outcome", results[0]) for _, results in threads} == {"scored"}


def test_service_keeps_no_descriptor_of_a_finished_job(own: ScorerClient) -> None:
    pid = service_pid(own)
    doctor.run_parse(own, None)
    before = held(pid)
    for _ in range(20):
        end, arrays = doctor.run_parse(own, None)
        doctor.run_score(own, None, arrays)
        assert end.end == "done"
    until(lambda: held(pid) <= before)


@pytest.mark.parametrize(
    "message", [b"", b"{}", b"nonsense", b'{"stage": "parse", "roles": [], "limits": {}}', b"[" * 60_000]
)
def test_nonsense_is_answered_and_the_service_goes_on(own: ScorerClient, message: bytes) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) as connection:
        connection.connect(str(own.socket_path))
        if message:
            connection.send(message)
            assert b"bad_request" in connection.recv(65_536)
    assert doctor.run_parse(own, None)[0].end == "done"


def test_parse_is_refused_when_labels_come_along(own: ScorerClient) -> None:
    descriptor = memory.sealed("x", b"x")
    roles = dict.fromkeys(("form", "file", "ids", "out", "labels"), descriptor)
    try:
        with pytest.raises(ScorerUnavailable) as refusal:
            own.run("parse", limits=LONG, descriptors=roles, full=False)
        assert "bad_request" in str(refusal.value.params["detail"])
    finally:
        os.close(descriptor)


def test_second_service_at_the_same_place_is_refused(own: ScorerClient) -> None:
    command = [sys.executable, "-m", "datathon.scoring.sandbox.service", "--libraries", "core", "--socket"]
    done = subprocess.run([*command, str(own.socket_path)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 3
    assert "another service answers" in done.stderr
    assert own.ready()


def test_socket_of_a_dead_service_is_taken_over(tmp_path: Path) -> None:
    path = Path("/tmp") / f"dth-test-{os.getpid()}.sock"  # noqa: S108 - a socket's path must be short
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as dead:
        dead.bind(str(path))
    command = [sys.executable, "-m", "datathon.scoring.sandbox.service", "--libraries", "core", "--die-with-parent"]
    with subprocess.Popen([*command, "--socket", str(path)], stderr=subprocess.DEVNULL) as service:
        try:
            client = ScorerClient(path, patience_s=20)
            assert score_file(make_challenge(tmp_path), io.BytesIO(GOOD), scorer=client).outcome == "scored"
            assert path.stat().st_mode & 0o777 == 0o600
        finally:
            service.kill()
            path.unlink(missing_ok=True)


def test_caller_with_secrets_hands_none_to_the_service(own: ScorerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATATHON_TEST_SECRET", "0123")
    with private_scorer(libraries="core") as client:
        pid = service_pid(client)
        if os.getuid() == 0:
            assert b"0123" not in Path(f"/proc/{pid}/environ").read_bytes()
            assert b"0123" not in Path(f"/proc/{keeper_pid(client)}/environ").read_bytes()
            assert "Uid:\t10001" in Path(f"/proc/{pid}/status").read_text()
        assert "Threads:\t1\n" in Path(f"/proc/{pid}/status").read_text()
    assert own.ready()


def test_stranger_cannot_connect(own: ScorerClient) -> None:
    # An ordinary user cannot become a stranger; there the socket's permission says the same.
    assert own.socket_path.stat().st_mode & 0o077 == 0
    if os.getuid() != 0:
        return
    code = "import os, socket, sys; os.setresuid(4242, 4242, 4242); socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(sys.argv[1])"
    own.socket_path.parent.chmod(0o711)
    done = subprocess.run(
        [sys.executable, "-c", code, str(own.socket_path)], capture_output=True, check=False, timeout=60
    )
    assert b"PermissionError" in done.stderr


# Starts the service on a kernel that seems to lack one system call.
LACKING = """
import ctypes, os, struct, sys
number, path = int(sys.argv[1]), sys.argv[2]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050026), (0x06, 0, 0, 0x7FFF0000)]
code = b"".join(struct.pack("<HBBI", *step) for step in steps)
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, ctypes.c_ulong(1), 0, 0, 0)
assert libc.prctl(22, ctypes.c_ulong(2), ctypes.byref(Program(len(code) // 8, code))) == 0
module = "datathon.scoring.sandbox.service"
os.execv(sys.executable, [sys.executable, "-m", module, "--socket", path, "--die-with-parent", *sys.argv[3:]])
"""


def on_a_kernel_without(number: int, path: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", LACKING, str(number), str(path), *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_kernel_without_landlock_scores_at_level_container() -> None:
    machine = table()
    assert machine is not None
    with tempfile.TemporaryDirectory(prefix="dth-", dir="/tmp") as folder:
        path = Path(folder) / "s"
        with on_a_kernel_without(machine.landlock, path) as service:
            try:
                report = doctor.examine(ScorerClient(path, patience_s=20))
            finally:
                service.kill()
    assert [check for check in report.checks if not check.ok] == []
    assert report.level == "container"


def test_process_at_work_that_dies_is_replaced_behind_the_same_socket(own: ScorerClient) -> None:
    before = service_pid(own)
    os.kill(before, signal.SIGKILL)
    until(lambda: doctor.run_parse(own, None)[0].end == "done")
    assert service_pid(own) != before


def test_child_that_falls_before_its_seal_is_a_fault_of_the_platform(own: ScorerClient) -> None:
    broken = memory.sealed("form", b"no form")
    try:
        with pytest.raises(ChildLost, match="not available") as told:
            own.run("parse", limits=LONG, descriptors=dict.fromkeys(("form", "file", "ids", "out"), broken), full=False)
    finally:
        os.close(broken)
    assert "JSONDecodeError" in str(told.value.params["detail"])
