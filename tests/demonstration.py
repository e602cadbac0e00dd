"""The demonstration as people start it, and what its first start leaves behind."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from running import answers, free_port

from datathon.config import PREFIX
from datathon.store.db import make_engine, reading


@dataclass(frozen=True, slots=True)
class Started:
    """A demonstration that is ready: its process, what it printed (``ready ADDRESS`` last) and where it logs."""

    process: subprocess.Popen[str]
    printed: list[str]
    told: Path


@dataclass(frozen=True, slots=True)
class Seeded:
    """A demonstration that filled its folder from nothing, was ready, and was stopped as by Ctrl-C."""

    folder: Path
    printed: list[str]
    answered: bool
    facts: list[object]
    """What stood in the database when it was ready."""
    survivors: list[str]
    """Processes below it that outlived it."""
    code: int

    def copy(self, folder: Path) -> Path:
        """Copy what it left to a folder that another start goes on with."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
        return folder


@contextmanager
def demonstration(folder: Path) -> Iterator[Started]:
    """Start the demonstration on a folder and wait until it is ready; stop it at the end where it still runs."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    command = [sys.executable, "-m", "datathon.cli", "demo", "--port", str(free_port()), "--data-dir", str(folder)]
    told = folder.with_suffix(".log")
    with (
        told.open("a", encoding="utf-8") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True) as process,
    ):
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if line.startswith("ready "):
                break
        try:
            yield Started(process, printed, told)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def fill(folder: Path) -> Seeded:
    """Fill a demonstration in a folder that is not there yet, and stop it."""
    with demonstration(folder) as started:
        assert started.printed[-1].startswith("ready "), started.printed
        answered = answers(started.printed[-1].removeprefix("ready "))
        left = facts(folder)
        below = everybody_below(started.process.pid)
    survivors = [name_of(pid) for pid in below if not is_gone(pid)]
    return Seeded(folder, started.printed, answered, left, survivors, started.process.returncode)


def facts(data: Path) -> list[object]:
    """Return what the first start must have left in the database."""
    queries = (
        "SELECT state, count(*) FROM submission GROUP BY state ORDER BY state",
        "SELECT count(*) FROM person",
        "SELECT count(*) FROM score",
        "SELECT state, count(*) FROM sheet GROUP BY state ORDER BY state",
        "SELECT edition_id, version FROM published_ranking",
    )
    engine = make_engine(f"sqlite:///{data / 'datathon.sqlite3'}")
    with reading(engine) as db:
        found = [[tuple(row) for row in db.connection().exec_driver_sql(query)] for query in queries]
    engine.dispose()
    return list(found)


def children(pid: int) -> list[int]:
    """Return the processes that ``pid`` started and that still run."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(child) for child in found]


def everybody_below(pid: int) -> list[int]:
    """Return the processes below ``pid``, at any depth."""
    below = children(pid)
    return below + [deeper for child in below for deeper in everybody_below(child)]


def name_of(pid: int) -> str:
    """Return the command of a process, "" where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except FileNotFoundError:
        return ""


def is_gone(pid: int) -> bool:
    """Whether a process has ended, its parent told or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True
