"""``datathon check`` as a person runs it, with the real scorer service."""

import json
import subprocess
import sys
from pathlib import Path

from challenge_folders import MINIMAL, write_challenge


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "datathon.cli", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_check_json_of_a_folder_in_order(tmp_path: Path) -> None:
    done = run(str(write_challenge(tmp_path / "essai")), "--json")

    told = json.loads(done.stdout)

    assert (done.returncode, told["ok"], told["problems"]) == (0, True, [])
    assert {"name": "gold", "subject": "essai", "state": "passed", "detail": "roc_auc 1"} in told["checks"]


def test_check_json_of_a_broken_folder(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace("roc_auc", "roc_auk"))

    done = run(str(folder), "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"] == [
        {
            "file": f"{folder}/challenge.toml",
            "line": 11,
            "severity": "error",
            "message": "no shipped metric 'roc_auk', did you mean 'roc_auc'?",
        }
    ]


def test_check_prints_problems_as_a_compiler_does(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace("min = 0", "mini = 0"))

    done = run(str(folder))

    assert done.stdout.splitlines()[0] == (
        f"{folder}/challenge.toml:3: error: submission.columns[1].mini: unknown key, did you mean 'min'?"
    )


def test_check_of_a_folder_of_something_else_is_wrong_usage(tmp_path: Path) -> None:
    done = run(str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
