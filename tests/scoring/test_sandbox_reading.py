"""The filter that lets a child read library folders: what it opens, and that nothing else comes with it."""

import io
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Metric
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor, lock, serving, zygote
from datathon.scoring.sandbox.attacks import ATTACKS, NOT_FOR_PROGRAMS, PARSE, PREDICT, SCORE, Attack, program
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.syscalls import _TABLES, table

LATE = """
def score(y_true, y_pred, ctx):
    import scipy.signal
    import scipy.ndimage
    return {"mine": float(scipy.ndimage.sum_labels([1.0, 2.0]))}
"""
# Modules of Python itself: pure, in a package, an extension with its pure part, a codec found by its name.
STANDARD = """
def score(y_true, y_pred, ctx):
    import colorsys, sqlite3, wave
    from xml.dom import minidom
    table = sqlite3.connect(":memory:")
    (four,) = table.execute("select 2 + 2").fetchone()
    word = minidom.parseString("<a>b</a>").documentElement.firstChild.data
    with wave.open(__import__("io").BytesIO(), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
    return {"mine": four + len(word) + len("\\u30c6".encode("shift_jis")) + colorsys.rgb_to_hsv(0, 0, 1)[2]}
"""
MINE = (Metric("mine", direction="lower"),)
STAGES = (PARSE, SCORE, PREDICT)
MORE = (
    Attack(0, "read_own_environment", "return call('open', b'/proc/self/environ', 0)"),
    Attack(0, "read_own_maps", "return call('open', b'/proc/self/maps', 0)"),
    Attack(0, "list_processes", "return call('open', b'/proc', 0o200000)"),
    Attack(0, "list_root", "return call('open', b'/', 0o200000)"),
    Attack(0, "read_passwords", "return call('open', b'/etc/shadow', 0)"),
    Attack(0, "name_a_file", "return call('open', b'/etc/passwd', 0o10000000)"),
    Attack(0, "read_by_another_call", "return raw(437, -100, b'/etc/passwd', ctypes.create_string_buffer(24), 24)"),
    Attack(0, "write_a_library", "return call('open', facts['library'].encode(), 1)"),
    Attack(0, "append_to_a_library", "return call('open', facts['library'].encode(), 0o2001)"),
    Attack(0, "make_a_file", "return call('open', facts['library'].encode() + b'.new', 0o102, 0o600)"),
    Attack(0, "make_an_unnamed_file", "return call('open', b'/tmp', 0o20200002, 0o600)"),
    Attack(0, "shorten_a_library", "return call('open', facts['library'].encode(), 0o1000)"),
    Attack(0, "remove_a_library", "return call('unlink', facts['library'].encode())"),
    Attack(0, "rename_a_library", "return call('rename', facts['library'].encode(), b'/tmp/x')"),
    Attack(0, "execute_a_library", "argv = (ctypes.c_char_p * 2)(b'x', None)\nreturn call('execve', facts['library'].encode(), argv, None)"),
    Attack(0, "climb_out", "return call('open', facts['folder_of_libraries'].encode() + b'/../../../../../../../../etc/passwd', 0)"),
    Attack(0, "make_it_executable", """
libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(None, ctypes.c_size_t(4096), 3, 0x22, -1, ctypes.c_long(0))
return call('mprotect', ctypes.c_void_p(at), ctypes.c_size_t(4096), 5)"""),
)  # fmt: skip
CASES = [(a, s) for a in (*ATTACKS, *MORE) if a.name not in NOT_FOR_PROGRAMS for s in STAGES]


@pytest.fixture(scope="module")
def canaries() -> Iterator[dict[str, Any]]:
    with doctor._canaries() as facts:
        place = Path(sysconfig.get_paths()["purelib"])
        yield {**facts, "library": str(place / "numpy" / "version.py"), "folder_of_libraries": str(place)}
        assert [check for check in doctor._canaries_untouched(facts) if not check.ok] == []


def test_late_import_works_where_files_may_be_read(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = replace(make_challenge(tmp_path, scorer=LATE, metrics=MINE), filter="files")
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, dict(result.values["all"])) == ("scored", {"mine": 3.0}), result.logs


def test_standard_library_is_imported_late_whoever_started_the_service(scorer: ScorerClient, tmp_path: Path) -> None:
    # Where the tests run as root with a Python of root's own, its folder is closed to the service: memory serves.
    challenge = replace(make_challenge(tmp_path, scorer=STANDARD, metrics=MINE), filter="files")
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, dict(result.values["all"])) == ("scored", {"mine": 8.0}), result.logs


# A service that finds its Python's folder closed after it left root: only the listing fails, so that anybody can try it.
CLOSED = """
import sys
from datathon.scoring.sandbox import carried
def leave():
    raise PermissionError
carried.carry(leave)
# What root could still read, its successor cannot.
sys.path[:] = [place for place in sys.path if not place.endswith(("lib-dynload", f"python3.{sys.version_info[1]}"))]
sys.path_importer_cache.clear()
assert "wave" not in sys.modules
try:
    import wave
except ImportError:
    print("not yet")
carried.offer()
import wave, inspect, sqlite3
print(wave.__loader__.__class__.__name__, "Wave_read" in inspect.getsource(wave.Wave_read), bool(sqlite3.sqlite_version))
try:
    import no_such_module
except ImportError:
    print("no such module")
"""


def test_library_taken_along_is_imported_from_memory() -> None:
    done = subprocess.run([sys.executable, "-c", CLOSED], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split("\n")[:-1] == ["not yet", "FromMemory True True", "no such module"], done.stderr


def test_library_that_can_be_read_is_not_taken_along() -> None:
    code = "from datathon.scoring.sandbox import carried; carried.carry(lambda: None); print(len(carried._finder))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "0\n"


def test_late_import_under_the_strict_filter_says_what_to_do(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path, scorer=LATE, metrics=MINE)
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code) == ("failed", "scorer_error")
    assert "ModuleNotFoundError" in result.logs["score"]
    assert 'filter = "files" in [scoring]' in result.logs["score"]


@pytest.mark.parametrize(("attack", "stage"), CASES, ids=[f"{a.name}-{s}" for a, s in CASES])
def test_attack_is_stopped_where_files_may_be_read(
    scorer: ScorerClient, canaries: dict[str, Any], attack: Attack, stage: str
) -> None:
    how = {} if stage == PREDICT else {"full": True, "level": "files"}
    end = doctor.run_attack(scorer, attack, stage, canaries, **how)
    check = doctor.verdict(attack, stage, end)
    assert check.ok, check.detail


def test_reading_child_can_read_the_libraries(scorer: ScorerClient, canaries: dict[str, Any]) -> None:
    # Without this the attacks above might be stopped for another reason than the one meant.
    attack = Attack(0, "read_a_library", "return call('open', facts['library'].encode(), 0)")
    for stage in STAGES:
        how = {} if stage == PREDICT else {"full": True, "level": "files"}
        check = doctor.verdict(attack, stage, doctor.run_attack(scorer, attack, stage, canaries, **how))
        assert not check.ok, stage


def test_parse_that_may_read_files_sees_no_labels(scorer: ScorerClient, canaries: dict[str, Any]) -> None:
    attack = next(a for a in ATTACKS if a.name == "find_labels")
    end = doctor.run_attack(scorer, attack, PARSE, canaries, full=True, level="files")
    assert b"no labels here" in end.reply


def test_child_without_landlock_is_never_let_near_files() -> None:
    with pytest.raises(lock.SealError):
        lock.seal({"seccomp"}, readable=("/usr",))


def test_unknown_filter_is_no_order(scorer: ScorerClient) -> None:
    from datathon.scoring.sandbox.client import ScorerUnavailable

    with pytest.raises(ScorerUnavailable):
        doctor.run_parse(scorer, None, level="everything")


def test_only_folders_of_libraries_may_be_read() -> None:
    for folder in serving.library_folders():
        assert any(part.startswith("python3") or part.endswith("-packages") for part in Path(folder).parts), folder


def test_each_architecture_knows_the_calls_that_read() -> None:
    for one in _TABLES.values():
        assert {"newfstatat", "getdents64", "readlinkat"} <= set(one.reading)
        assert not {"socket", "execve", "clone", "unlink", "mkdir"} & {*one.reading, *one.allowed, *one.guarded}
        assert not set(one.reading.values()) & set(one.allowed.values())
        strict, reading = lock.allow_list(one, 1), lock.allow_list(one, 1, reading=True)
        assert len(strict) < len(reading) <= 4096 * 8
    assert table() is None or zygote.NEEDS[PREDICT].isdisjoint({"labels", "ids", "file", "arrays"})
    assert program("return 1", {})
