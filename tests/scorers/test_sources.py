"""The digest of a shipped metric: everything its value comes from, and nothing else."""

import gc
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import scorers
from scorers import catalogue, sources

PACKAGE = Path(scorers.__file__).parent


def digests(folder: Path) -> dict[str, str]:
    """Return the digests that a copy of the package under ``folder`` gives."""
    code = """
import json
from scorers import catalogue, sources
print(json.dumps({name: sources.digest(name) for name in catalogue.SHIPPED}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_metric_depends_on_its_module_what_that_imports_and_what_hands_over() -> None:
    assert {"texts", "edits", "rows", "weights", "runner", "shipped", "blob"} <= sources.modules("texts")
    assert "texts" not in sources.modules("regression")
    # Each metric says for itself what it is; another one's words must not change it.
    assert not any(name.startswith("declared_") or name in {"catalogue", "toy"} for name in sources.modules("texts"))


@pytest.mark.parametrize(("changed", "metric", "other"), [
    ("weights", "mae", None), ("shipped", "mae", None), ("runner", "mae", None), ("blob", "mae", None),
    ("edits", "wer", "mae"), ("ranking", "lrap", "mae"),
])  # fmt: skip
def test_change_of_a_source_changes_the_digests_that_depend_on_it(
    tmp_path: Path, changed: str, metric: str, other: str | None
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "scorers", ignore=shutil.ignore_patterns("__pycache__"))
    before = {name: sources.digest(name) for name in catalogue.SHIPPED}
    with (tmp_path / "scorers" / f"{changed}.py").open("a") as file:
        file.write("# another line\n")
    after = digests(tmp_path)
    assert after[metric] != before[metric]
    assert {name for name in before if before[name] == after[name]} == (
        set()
        if other is None
        else {name for name, one in catalogue.SHIPPED.items() if changed not in sources.modules(one.module)}
    )
    assert other is None or after[other] == before[other]


def test_digests_tell_a_digest() -> None:
    found = {sources.digest(name) for name in catalogue.SHIPPED}
    assert all(one.startswith("sha256:") and len(one) == 71 for one in found)


def meanings(folder: Path) -> dict[str, str]:
    """Return the meanings that a copy of the package under ``folder`` gives."""
    code = """
import json
from scorers import catalogue, sources
print(json.dumps({name: sources.meaning(name) for name in catalogue.SHIPPED}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_meaning_follows_what_is_computed_and_no_comment_docstring_or_reader(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "scorers", ignore=shutil.ignore_patterns("__pycache__"))
    before = {name: sources.meaning(name) for name in catalogue.SHIPPED}
    edits = tmp_path / "scorers" / "edits.py"
    edits.write_text(
        "# Said otherwise.\n" + edits.read_text().replace('"""', '"""In other words: ', 1) + "\n\n# The end.\n"
    )
    for reader in ("table", "diagnosis", "runner", "declaration"):
        with (tmp_path / "scorers" / f"{reader}.py").open("a") as file:
            file.write("\nANOTHER = 1\n")
    assert meanings(tmp_path) == before
    with edits.open("a") as file:
        file.write("\nANOTHER = '# no comment'\n")
    after = meanings(tmp_path)
    assert after["wer"] != before["wer"]
    assert after["mae"] == before["mae"]
    with edits.open("a") as file:
        file.write("\nSHIFT = " + "'" * 3 + "\n# no comment either\n" + "'" * 3 + "\n")
    assert meanings(tmp_path)["wer"] != after["wer"]


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Let other threads run whenever rubbish is collected, as anything that watches collections does."""

    def step_aside(_phase: str, _info: dict[str, int]) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(step_aside)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(step_aside)


@pytest.mark.usefixtures("interrupted")
def test_threads_that_ask_at_once_all_get_the_same_answer() -> None:
    # Python 3.11 cannot build two syntax trees at once in threads: the second one ends in a SystemError.
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(sources.modules.__wrapped__, ["ranking"] * 4))
    assert set(told) == {sources.modules("ranking")}
