"""The scorer of docs/scorers.md: its files written and its commands run, as a reader would."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "scorers.md"
FILE = re.compile(r"^`(soundings/[\w./]+)`[^\n]*\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _commands(text: str) -> list[tuple[str, str]]:
    """Return each command of the document with what the document says it prints."""
    found = CONSOLE.search(text)
    assert found is not None
    return [(one.partition("\n")[0], one.partition("\n")[2]) for one in found[1].removeprefix("$ ").split("\n$ ")]


@pytest.mark.timeout(300)
def test_documented_scorer_prints_what_its_text_shows(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    files = FILE.findall(text)
    assert {name for name, _content in files} == {f"soundings/{n}" for n in ("challenge.toml", "scorer.py", "make.py")}
    for name, content in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    commands = _commands(text)
    assert {"datathon check soundings", "datathon score soundings french.csv"} <= {command for command, _ in commands}
    for command, printed in commands:
        done = subprocess.run(  # noqa: S602 - the document's own commands
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout.rstrip("\n") == printed.rstrip("\n"), f"{command}\n{done.stderr}"
