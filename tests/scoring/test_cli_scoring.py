"""``datathon score``, ``datathon doctor`` and ``datathon scorer`` as people script against them."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sandboxed import GOOD, REFERENCE, REPOSITORY, SAMPLE

from datathon import cli_scoring
from datathon.scoring.sandbox.client import ScorerClient

TOML = """
[submission]
id = "id"
columns = [{ name = "p", type = "number", min = 0, max = 1 }]

[reference]
file = "reference/reference.csv"
truth = ["label"]
usage = "Usage"

[scoring]
metrics = ["roc_auc"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The smallest challenge that works, outside any edition."""
    challenge = tmp_path / "tiny"
    (challenge / "reference").mkdir(parents=True)
    (challenge / "challenge.toml").write_text(TOML)
    (challenge / "reference" / "reference.csv").write_text(REFERENCE)
    (challenge / "sample_submission.csv").write_text(SAMPLE)
    (challenge / "good.csv").write_bytes(GOOD)
    (challenge / "bad.csv").write_bytes(GOOD.replace(b"0.9", b"nan"))
    return challenge


@pytest.fixture
def running(scorer: ScorerClient, monkeypatch: pytest.MonkeyPatch) -> ScorerClient:
    """The settings name a service that runs."""
    monkeypatch.setenv("DATATHON_SCORER_SOCKET", str(scorer.socket_path))
    return scorer


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.usefixtures("running")
def test_score_of_a_good_file_is_one_object_and_exit_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_scoring.score(folder, folder / "good.csv", as_json=True, repeat=1) == 0
    answer = told(capsys)
    assert (answer["outcome"], answer["code"], answer["messages"]) == ("scored", None, [])
    assert answer["values"] == {"public": {"roc_auc": 1.0}, "private": {"roc_auc": 1.0}, "all": {"roc_auc": 1.0}}


@pytest.mark.usefixtures("running")
def test_repeat_gives_a_list_of_timings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_scoring.score(folder, folder / "good.csv", as_json=True, repeat=3) == 0
    timings = told(capsys)["timings_ms"]
    assert isinstance(timings, list)
    assert [set(t) for t in timings] == [{"parse", "score", "total"}] * 3


@pytest.mark.usefixtures("running")
def test_refused_file_says_where_and_exits_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_scoring.score(folder, folder / "bad.csv", as_json=True, repeat=1) == 1
    (message,) = told(capsys)["messages"]  # type: ignore[misc]
    found = {key: message[key] for key in ("code", "line", "column", "found", "expected")}
    assert found == {
        "code": "value_not_finite", "line": 2, "column": "p", "found": "nan", "expected": "a finite number",
    }  # fmt: skip
    assert cli_scoring.score(folder, folder / "bad.csv", as_json=False, repeat=1) == 1
    assert "Line 2, column p: the value is not a finite number" in capsys.readouterr().out


@pytest.mark.usefixtures("running")
def test_table_for_people_names_metric_and_parts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_scoring.score(folder, folder / "good.csv", as_json=False, repeat=1) == 0
    assert capsys.readouterr().out.split() == ["public", "private", "all", "roc_auc", "1", "1", "1"]


def test_broken_folder_exits_2_and_says_nothing_on_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "challenge.toml").write_text(TOML.replace("roc_auc", "mystery"))
    assert cli_scoring.score(folder, folder / "good.csv", as_json=True, repeat=1) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "challenge.toml:" in said.err


@pytest.mark.usefixtures("running")
def test_fault_of_the_scorer_exits_3_and_goes_to_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = TOML.replace('["roc_auc"]', '[{ name = "mine", direction = "lower" }]\nscorer = "scorer.py"')
    (folder / "challenge.toml").write_text(toml)
    (folder / "scorer.py").write_text("def score(y_true, y_pred, ctx):\n    raise ValueError('secret 0.7318294')\n")
    assert cli_scoring.score(folder, folder / "good.csv", as_json=True, repeat=1) == 3
    said = capsys.readouterr()
    assert json.loads(said.out)["code"] == "scorer_error"
    assert "7318294" not in said.out
    assert "7318294" in said.err


def test_command_starts_a_service_of_its_own_where_none_runs(tmp_path: Path) -> None:
    challenge = REPOSITORY / "challenges" / "atelier" / "marnage"
    command = [sys.executable, "-m", "datathon.cli", "score", str(challenge), str(challenge / "sample_submission.csv")]
    environment = {**os.environ, "DATATHON_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, check=False, env=environment, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["values"]["public"]["mae"] == pytest.approx(1.25525)


def test_doctor_with_a_part_out_of_order_exits_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Nothing listens on port 1: a Redis that is configured and does not answer is worth a failed examination.
    monkeypatch.setenv("DATATHON_REDIS_URL", "redis://:a-secret@127.0.0.1:1/0")
    assert cli_scoring.doctor(as_json=True) == 1
    answer = told(capsys)
    assert answer["level"] in {"full", "container"}
    assert answer["ok"] is False
    assert "a-secret" not in json.dumps(answer)


@pytest.mark.parametrize(("folder_mode", "socket_mode"), [(0o700, 0o600), (0o755, 0o600), (0o770, 0o660)])
def test_socket_is_open_to_the_group_that_shares_its_folder(folder_mode: int, socket_mode: int) -> None:
    with tempfile.TemporaryDirectory(prefix="dth-", dir="/tmp") as place:
        Path(place).chmod(folder_mode)
        path = Path(place) / "s"
        command = [sys.executable, "-m", "datathon.cli", "scorer", "--socket", str(path)]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DATATHON_")}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as service:
            try:
                assert service.stderr is not None
                assert "ready" in service.stderr.readline()
                assert path.stat().st_mode & 0o777 == socket_mode
                assert ScorerClient(path).ready()
            finally:
                service.kill()
