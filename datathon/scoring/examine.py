"""Have the scorer service examined before it gets work, once for each start of it.

The examination attacks the service in real children and needs numpy for its toy challenge, so that it runs in a process
of its own: ``python -m datathon.scoring.examine SOCKET`` prints the report as JSON.
"""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.tables import DoctorReport
from datathon.store.db import reading, transaction

REFUSE = "refuse"
PATIENCE_S = 120


def boot_of(scorer: ScorerClient) -> str | None:
    """Return what tells one start of the service from the next, None when it does not answer."""
    if not scorer.ready():
        return None
    try:
        found = scorer.socket_path.stat()
    except OSError:
        return None
    return f"{found.st_ino}-{found.st_mtime_ns}"


def examined_level(engine: Engine, boot: str) -> str | None:
    """Return the level that this start of the service reached when some worker had it examined, None if none did."""
    started = col(DoctorReport.report)["boot"].as_string() == boot
    with reading(engine) as db:
        return db.exec(
            select(DoctorReport.level)
            .where(started, DoctorReport.level != REFUSE)
            .order_by(col(DoctorReport.at).desc())
            .limit(1)
        ).one_or_none()


def level_of(engine: Engine, scorer: ScorerClient) -> str:
    """Return the level of the service that answers ``scorer`` now, "" when none does or nobody examined it."""
    boot = boot_of(scorer)
    return "" if boot is None else examined_level(engine, boot) or ""


def examine(engine: Engine, scorer: ScorerClient, *, boot: str, worker: str, now: datetime) -> str:
    """Have the service examined, keep the report and return the level: "full", "container" or "refuse".

    Raises ScorerUnavailable when the service went away meanwhile; whatever else hinders the examination refuses.
    """
    command = [sys.executable, "-m", "datathon.scoring.examine", str(scorer.socket_path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)  # noqa: S603 - this program again
        report: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        report = {"level": REFUSE, "trouble": f"the examination did not end: {error}"}
    if report["level"] == REFUSE and not scorer.ready():
        raise ScorerUnavailable("it went away while it was examined")
    with transaction(engine) as db:
        db.add(DoctorReport(at=now, worker=worker, level=report["level"], report={"boot": boot, **report}))
    return str(report["level"])


def main(socket_path: Path) -> None:
    """Examine the service at ``socket_path`` and print the report."""
    from datathon.scoring.sandbox import doctor  # noqa: PLC0415 - imports numpy, which workers must not

    # What the examination tries to read from inside the sandbox.
    os.environ["DATATHON_TEST_CANARY"] = "seen"
    try:
        report = doctor.examine(ScorerClient(socket_path)).as_json()
    except ScorerUnavailable as error:
        report = {"level": REFUSE, "trouble": str(error.params.get("detail", ""))}
    print(json.dumps(report))  # noqa: T201 - the process's answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
