import os
import subprocess
import sys

import pytest

COMMANDS = [["demo"], ["web"], ["worker"], ["scorer"], ["score"], ["doctor"], ["check"], ["bench"], ["verify"]]
COMMANDS += [["db", "upgrade"], ["user", "create"]]


def datathon(*arguments, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("DATATHON_")}
    return subprocess.run(
        [sys.executable, "-m", "datathon.cli", *arguments],
        capture_output=True,
        text=True,
        env=kept | environment,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_has_an_example(command):
    done = datathon(*command, "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout


def test_help_lists_every_command():
    done = datathon("--help")
    names = {line.split()[0] for line in done.stdout.split("Commands:")[1].splitlines() if line.strip()}
    assert {command[0] for command in COMMANDS} <= names


def test_help_imports_no_body():
    code = "import sys, datathon.cli; print(sorted({'flask', 'sqlalchemy', 'rq', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_wrong_usage_ends_with_2():
    assert datathon("score").returncode == 2


def test_unknown_setting_is_named_in_one_line():
    done = datathon("worker", DATATHON_LEASE="30")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("datathon: configuration: DATATHON_LEASE: unknown setting; known ones: ")
    assert done.stderr.count("\n") == 1


def test_platform_fault_is_one_line_and_3(tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    done = datathon("db", "upgrade", DATATHON_DATA_DIR=str(blocked / "data"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "Not a directory" in done.stderr


def test_db_upgrade_says_where_it_is(tmp_path):
    done = datathon("db", "upgrade", DATATHON_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the database is at ")
