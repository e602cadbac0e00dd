"""The demonstration as journeys start it: filled once, copied for each test that walks through it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from running import free_port

from datathon.config import PREFIX


@contextmanager
def _demonstration(folder: Path) -> Iterator[list[str]]:
    """Run the demonstration on a folder; give what its start prints, ``ready`` last."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    command = [sys.executable, "-m", "datathon.cli", "demo", "--port", str(free_port()), "--data-dir", str(folder)]
    with (
        folder.with_suffix(".log").open("w", encoding="utf-8") as told,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, env=environment, text=True) as process,
    ):
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if line.startswith("ready "):
                break
        yield printed
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration that was filled and stopped."""
    folder = tmp_path_factory.mktemp("seeded") / "demo"
    folder.mkdir()
    with _demonstration(folder) as printed:
        assert printed[-1].startswith("ready "), printed
    return folder


@pytest.fixture
def demonstration(seeded: Path, tmp_path: Path) -> Iterator[list[str]]:
    """What the start of a demonstration of the test's own prints, ``ready`` last; it runs until the test ends."""
    folder = tmp_path / "demo"
    shutil.copytree(seeded, folder, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    with _demonstration(folder) as printed:
        yield printed
