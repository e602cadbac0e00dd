"""Programs of teams in the real sandbox: what they may, what they may not, and whose fault is what."""

import io
import json
import os
import signal
import socket
import struct
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Challenge, Limits, Program
from datathon.scoring import explain, outcome
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.predict import run_program
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import inputs, scratch
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.sandbox.private import private_scorer

INPUT = "id,x\na,9\nb,2\nc,8\nd,4\n" + "\n" * (1 + os.getpid())
"""The public file of this process alone: other tests run programs at the same time, in the same place."""
SHORT = Limits(cpu_s=1, wall_s=60, memory_mb=200)
READS = b"""
import pandas as pd

def predict(input_dir):
    frame = pd.read_csv(input_dir / "test.csv")
    frame["p"] = frame["x"] / 10
    return frame[["id", "p"]]
"""


def ask(folder: Path, limits: Limits = SHORT, **changes: Any) -> Challenge:
    challenge = make_challenge(folder, **changes)
    (folder / "public").mkdir()
    (folder / "public" / "test.csv").write_text(INPUT)
    return replace(challenge, program=Program(("public/test.csv", "sample_submission.csv"), limits))


def run(folder: Path, program: bytes, scorer: ScorerClient, **changes: Any) -> ScoringOutcome:
    return score_file(ask(folder, **changes), io.BytesIO(program), scorer=scorer)


def text(result: ScoringOutcome) -> str:
    return explain.sentence(result.problems[0], "en")


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return made.getvalue()


def left_behind() -> list[Path]:
    found = []
    for path in scratch.PLACE.glob(f"{scratch.PREFIX}*/test.csv"):
        with suppress(FileNotFoundError):
            found += [path.parent] if path.read_text() == INPUT else []
    return found


def test_predictions_of_a_program_are_scored_as_a_file(scorer: ScorerClient, tmp_path: Path) -> None:
    result = run(tmp_path / "a", READS, scorer)
    as_file = score_file(make_challenge(tmp_path / "b"), io.BytesIO(GOOD), scorer=scorer)
    assert result.outcome == "scored", text(result)
    assert result.values == as_file.values
    assert set(result.timings_ms) == {"predict", "parse", "score", "total"}
    assert result.submission != as_file.submission
    assert result.sandbox == "full"


@pytest.mark.parametrize("returned", [
    "pd.DataFrame(rows, columns=['id', 'p'])",
    "pd.DataFrame(rows, columns=['id', 'p']).set_index('id')",
    "{'id': [r[0] for r in rows], 'p': np.array([r[1] for r in rows])}",
    "'id,p\\n' + ''.join(f'{i},{p}\\n' for i, p in rows)",
    "b'id,p\\n' + b''.join(b'%s,%r\\n' % (i.encode(), p) for i, p in rows)",
])  # fmt: skip
def test_each_kind_of_answer_gives_the_same_score(scorer: ScorerClient, tmp_path: Path, returned: str) -> None:
    program = (
        "import numpy as np\nimport pandas as pd\nrows = list(zip('abcd', (0.9, 0.2, 0.8, 0.4)))\n"
        f"def predict(input_dir):\n    return {returned}\n"
    )
    result = run(tmp_path, program.encode(), scorer)
    assert result.outcome == "scored", text(result)
    assert result.values["all"]["mae"] == pytest.approx(0.225)


def test_numbers_keep_every_digit(scorer: ScorerClient, tmp_path: Path) -> None:
    program = b"def predict(d):\n    return {'id': list('abcd'), 'p': [1 / 3, 0.1 + 0.2, 2 / 3, 1e-17]}\n"
    result = run(tmp_path, program, scorer)
    assert result.values["all"]["mae"] == ((1 - 1 / 3) + (0.1 + 0.2) + (1 - 2 / 3) + 1e-17) / 4


def test_same_program_has_the_same_score_after_a_restart(scorer: ScorerClient, tmp_path: Path) -> None:
    program = b"""
import random
import numpy as np
from sklearn.ensemble import RandomForestRegressor

def predict(input_dir):
    x = np.random.rand(60, 3)
    forest = RandomForestRegressor(n_estimators=3, n_jobs=-1).fit(x, x[:, 0])
    first = list({"eta", "zeta", "theta"})[0]
    p = (forest.predict(np.random.rand(4, 3)) + random.random() + len(first) / 10) / 3
    return {"id": list("abcd"), "p": p}
"""
    first = run(tmp_path / "a", program, scorer, limits=Limits(20, 60, 512))
    with private_scorer() as fresh:
        second = run(tmp_path / "b", program, fresh, limits=Limits(20, 60, 512))
    assert first.outcome == "scored", text(first)
    assert first.values == second.values


def test_modules_and_files_of_an_archive_come_from_memory(scorer: ScorerClient, tmp_path: Path) -> None:
    files = {
        "main.py": "from pkgutil import get_data\nimport json\nfrom model.apply import scale\nimport pandas as pd\n\n"
        "WEIGHT = json.loads(get_data('main', 'model/weight.json'))\n\n\ndef predict(input_dir):\n"
        "    frame = pd.read_csv(input_dir / 'test.csv')\n    frame['p'] = scale(frame['x'], WEIGHT)\n"
        "    return frame[['id', 'p']]\n",
        "model/__init__.py": "",
        "model/apply.py": "from . import numbers\n\n\ndef scale(x, weight):\n    return x * weight / numbers.TEN\n",
        "model/numbers.py": "TEN = 10\n",
        "model/weight.json": "1.0",
    }
    result = run(tmp_path, zipped(files), scorer)
    assert result.outcome == "scored", text(result)
    assert result.values["all"]["mae"] == pytest.approx(0.225)


def test_program_imports_modules_of_python_that_nothing_loaded_before(scorer: ScorerClient, tmp_path: Path) -> None:
    program = b"""
def predict(d):
    import colorsys, sqlite3, wave
    (p,) = sqlite3.connect(":memory:").execute("select 0.5").fetchone()
    return {"id": list("abcd"), "p": [p, colorsys.rgb_to_hsv(0, 0, 1)[2], 0.0, float(hasattr(wave, "Wave_write"))]}
"""
    result = run(tmp_path, program, scorer)
    assert result.outcome == "scored", text(result)


def test_predictions_are_refused_by_line_and_column_as_a_file_is(scorer: ScorerClient, tmp_path: Path) -> None:
    result = run(
        tmp_path, b"def predict(d):\n    return {'id': list('abcd'), 'p': [0.1, 7, float('nan'), 'x']}\n", scorer
    )
    assert (result.outcome, result.code) == ("rejected", "value_range")
    assert [(p.line, p.column, p.code) for p in result.problems] == [
        (3, "p", "value_range"), (4, "p", "value_not_finite"), (5, "p", "value_type"),
    ]  # fmt: skip


@pytest.mark.parametrize(("program", "code", "line", "said"), [
    ("def predict(d):\n    x = []\n    return x[3]\n", "program_error", 3, "IndexError: list index out of range"),
    ("def f(:\n", "program_error", 1, "SyntaxError"),
    ("import torch\n", "program_error", 1, "a library installed here"),
    ("import sys\nsys.exit(0)\n", "program_error", 2, "SystemExit"),
    ("def predict(d):\n    raise KeyboardInterrupt\n", "program_error", 2, "KeyboardInterrupt"),
    ("def predict(d):\n    return open('/etc/passwd')\n", "program_error", 2, "reading input_dir and nothing else"),
    ("def predict(d):\n    (d / 'x').write_text('y')\n", "program_error", 2, "reading input_dir and nothing else"),
    ("def predict():\n    return {}\n", "program_error", None, "TypeError"),
    ("class Odd(Exception):\n    def __str__(self):\n        1 / 0\ndef predict(d):\n    raise Odd\n", "program_error", 5, "Odd"),
    ("answer = 42\n", "format", None, "a function predict(input_dir)"),
    ("def predict(d):\n    return 3\n", "format", None, "“int”"),
    ("def predict(d):\n    return {'id': ['a'], 'p': [1, 2]}\n", "format", None, "columns of one length"),
    ("def predict(d):\n    return 'x' * 20_000_001\n", "too_large", None, "at most 20000000 bytes"),
    ("def predict(d):\n    return ''\n", "empty", None, ""),
    ("def predict(d):\n    while True: pass\n", "program_limit", None, "at most 1 s of processor time"),
    ("def predict(d):\n    return bytearray(1 << 31)\n", "program_limit", None, "at most 200 MB of memory"),
    ("import os\nos._exit(0)\n", "program_error", None, "ending with a return"),
    ("import os\nos._exit(78)\n", "program_error", None, "ending with a return"),
    ("import ctypes\nctypes.string_at(1)\n", "program_error", None, "ending with a return"),
    ("import os\nfor fd in range(3, 64):\n    try:\n        os.write(fd, b'{\"bytes\": 4}')\n    except OSError: pass\nos._exit(0)\n",
     "encoding", None, ""),
])  # fmt: skip
def test_fault_of_a_program_is_its_team_s(
    scorer: ScorerClient, tmp_path: Path, program: str, code: str, line: int | None, said: str
) -> None:
    result = run(tmp_path, program.encode(), scorer)
    assert (result.outcome, result.code) == ("rejected", code), result.logs
    if code.startswith(("program", "format", "too")):
        assert result.problems[0].line == line
        assert said in text(result)
    assert left_behind() == []


def test_wall_time_of_a_program_is_its_team_s_fault_too(scorer: ScorerClient, tmp_path: Path) -> None:
    limits = Limits(cpu_s=5, wall_s=0.3, memory_mb=200)
    result = run(tmp_path, b"import time\ndef predict(d):\n    time.sleep(30)\n", scorer, limits=limits)
    assert (result.outcome, result.code) == ("rejected", "program_limit")
    assert "at most 0.3 s in all" in text(result)
    assert left_behind() == []


def test_line_of_an_error_is_the_last_one_in_the_team_s_own_files(scorer: ScorerClient, tmp_path: Path) -> None:
    files = {
        "main.py": "import pandas as pd\nfrom part import read\n\n\ndef predict(d):\n    return read(d)\n",
        "part.py": "import pandas as pd\n\n\ndef read(d):\n    return pd.read_csv(d / 'absent.csv')\n",
    }
    result = run(tmp_path, zipped(files), scorer)
    assert (result.code, result.problems[0].line) == ("program_error", 5)
    assert "FileNotFoundError" in text(result)
    assert "no error in part.py" in text(result)
    assert "pd.read_csv(d / 'absent.csv')" in result.logs["predict"]


@pytest.mark.parametrize(("files", "code", "said"), [
    ({"main.py": "", "../x.py": ""}, "archive_unsafe", "“../x.py”"),
    ({"main.py": "", "zeros": bytes(3_000_000)}, "archive_unsafe", "zeros"),
    ({"project/main.py": ""}, "format", "main.py at the root"),
])  # fmt: skip
def test_archive_that_is_not_taken_says_why(
    scorer: ScorerClient, tmp_path: Path, files: dict[str, bytes | str], code: str, said: str
) -> None:
    result = run(tmp_path, zipped(files), scorer)
    assert (result.outcome, result.code) == ("rejected", code)
    assert said in text(result)


@pytest.mark.parametrize(("raw", "code"), [
    (b"\x89PNG\r\n\x1a\n" + bytes(9), "format"), (b"", "format"), (b"PK\x03\x04" + bytes(30), "format"),
    (b"x = '\0'", "format"), (b"\x80\x04\x95", "format"), (b"x = '" + bytes([0xE9]) + b"'\n", "program_error"),
])  # fmt: skip
def test_file_that_is_no_program_is_refused(scorer: ScorerClient, tmp_path: Path, raw: bytes, code: str) -> None:
    result = run(tmp_path, raw, scorer)
    assert (result.outcome, result.code) == ("rejected", code), result.logs


def test_program_larger_than_asked_is_refused_unread(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = ask(tmp_path)
    small = replace(challenge, program=replace(challenge.program, max_bytes=50) if challenge.program else None)
    result = score_file(small, io.BytesIO(READS), scorer=scorer)
    assert (result.outcome, result.code, dict(result.timings_ms)) == ("rejected", "too_large", {})


def test_program_holds_its_inputs_and_nothing_of_the_reference(scorer: ScorerClient, tmp_path: Path) -> None:
    program = b"""
import os
def predict(input_dir):
    held = [fd for fd in range(3, 256) if not _closed(fd)]
    raise ValueError(sorted(os.listdir(input_dir)), len(held), len(os.environ), os.getuid() > 0)
def _closed(fd):
    try:
        os.fstat(fd)
    except OSError:
        return True
"""
    result = run(tmp_path, program, scorer)
    assert "ValueError: (['sample_submission.csv', 'test.csv'], 2, 3, True)" in text(result)


@pytest.mark.parametrize("reach", [
    "list(input_dir.parent.iterdir())",
    "(input_dir / '../../etc/passwd').read_text()",
    "open('/proc/self/environ').read()",
    "open('/proc/%d/environ' % os.getppid()).read()",
    "open('/etc/passwd').read()",
    "os.listdir('/')",
    "os.symlink('/etc/passwd', input_dir / 'link')",
    "os.link('/etc/passwd', input_dir / 'link')",
    "os.chmod(input_dir, 0o777)",
    "os.remove(input_dir / 'test.csv')",
    "open(input_dir / 'test.csv', 'a')",
    "socket.socket()",
    "socket.create_connection(('127.0.0.1', 80))",
    "os.fork()",
    "os.kill(os.getppid(), 0)",
    "os.execv('/bin/true', ['true'])",
    "os.memfd_create('x')",
    "subprocess.run(['id'])",
])  # fmt: skip
def test_program_reaches_nothing_else(scorer: ScorerClient, tmp_path: Path, reach: str) -> None:
    program = f"import os, socket, subprocess\ndef predict(input_dir):\n    {reach}\n    raise ZeroDivisionError\n"
    result = run(tmp_path, program.encode(), scorer)
    assert (result.outcome, result.code) == ("rejected", "program_error")
    assert "PermissionError" in text(result)
    assert left_behind() == []


def test_reply_that_a_program_forges_is_not_believed() -> None:
    for reply in (b'{"bytes": 5}', b'{"bytes": -1}', b'{"bytes": true}', b'{"rows": 4}', b"[]", b"",
                  b'{"problems": []}', b'{"values": [[0.0], [0.0], [0.0]]}',
                  json.dumps({"problems": [{"code": "value_type", "line": 1, "column": None, "found": None,
                                            "expected": "", "params": {}}]}).encode()):  # fmt: skip
        with pytest.raises(outcome.Untrusted):
            outcome.read_predict(reply, most=4)
    assert outcome.read_predict(b'{"bytes": 4}', most=4) == (4, ())


def test_folder_of_a_killed_service_is_swept_up_by_the_next(tmp_path: Path) -> None:
    challenge = ask(tmp_path, limits=Limits(20, 60, 256))
    before = set(left_behind())
    with private_scorer(libraries="full") as first:
        pid = _pid(first)
        sleeping = _program(tmp_path, b"import time\ndef predict(d):\n    time.sleep(60)\n")
        child = os.fork()
        if child == 0:
            try:
                run_program(challenge, sleeping, seed=1, scorer=first)
            finally:
                os._exit(0)
        while not set(left_behind()) - before:
            os.sched_yield()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(child, 0)
    (left,) = set(left_behind()) - before
    with private_scorer(libraries="full"):
        assert not left.exists()


def _program(folder: Path, text: bytes) -> int:
    path = folder / "program.py"
    path.write_bytes(text)
    return os.open(path, os.O_RDONLY)


def _pid(client: ScorerClient) -> int:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(f"{client.socket_path}.full")
        pid: int = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return pid


def test_folder_in_use_is_not_swept() -> None:
    place = scratch.make()
    try:
        scratch.sweep()
        assert Path(place.path).is_dir()
        assert Path(place.path).stat().st_mode & 0o077 == 0
    finally:
        place.remove()
    assert not Path(place.path).exists()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "/etc/x", "x\0y"])
def test_input_with_a_name_that_is_a_path_is_not_written(tmp_path: Path, name: str) -> None:
    packed = os.memfd_create("packed")
    os.write(packed, inputs.pack_bytes({name: b"x"}))
    with pytest.raises(ValueError, match="not the name"):
        inputs.unpack(packed, str(tmp_path))
    os.close(packed)
    assert list(tmp_path.iterdir()) == []


def test_core_process_takes_no_program(tmp_path: Path) -> None:
    with private_scorer(libraries="core") as core, pytest.raises(ScorerUnavailable):
        run(tmp_path, READS, ScorerClient(core.socket_path))


def test_missing_input_is_the_platform_s_fault(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = ask(tmp_path)
    (tmp_path / "public" / "test.csv").unlink()
    result = score_file(challenge, io.BytesIO(READS), scorer=scorer)
    assert (result.outcome, result.code) == ("failed", "scorer_error")
    assert "test.csv" in next(iter(result.logs.values()))
