"""Participant, juror, organiser and visitor walk through a running demonstration in a real Chromium."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import CHROMIUM, REPOSITORY, journey, walk
from running import free_port

from datathon.config import PREFIX


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[list[str]]:
    """What a first start of the demonstration prints, ``ready`` last; it runs until the test ends."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    command = [sys.executable, "-m", "datathon.cli", "demo", "--port", str(free_port()), "--data-dir", str(tmp_path)]
    with (
        (tmp_path.parent / f"{tmp_path.name}.log").open("w", encoding="utf-8") as told,
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


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)")
@pytest.mark.timeout(600)
def test_everybody_walks_their_journey(demonstration: list[str]) -> None:
    address = demonstration[-1].removeprefix("ready ")
    with journey(address, demonstration, REPOSITORY / "test-output" / "screenshots") as here:
        walk(here)
