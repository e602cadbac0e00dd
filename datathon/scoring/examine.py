"""Look at the scorer service before giving it work: does it answer, does it count right, how well is it sealed."""

import io
import socket
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from datathon.editions.rules import Challenge, Column, Metric, Reference, SubmissionFormat
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.tables import DoctorReport
from datathon.store.db import transaction

REFUSE = "refuse"

_REFERENCE = "id,y,Usage\na,1,Public\nb,2,Public\nc,3,Private\nd,4,Private\n"
_SUBMISSION = b"id,y\na,1.5\nb,2.5\nc,3\nd,2\n"
_TRUTH = {"public": {"mae": 0.5}, "private": {"mae": 1.0}, "all": {"mae": 0.75}}


def boot_of(path: Path) -> str | None:
    """Return what tells one start of the service at ``path`` from the next, None when nobody answers there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
            found = path.stat()
        except OSError:
            return None
    return f"{found.st_ino}-{found.st_mtime_ns}"


def examine(engine: Engine, scorer: ScorerClient, *, worker: str, now: datetime) -> str:
    """Score a toy challenge whose values are known, keep the report and return the sandbox level, or "refuse".

    A wrong value refuses too: it must come out to the last bit. Raises ScorerUnavailable when the service is gone,
    unless it says itself that scoring would not be safe.
    """
    try:
        with TemporaryDirectory(prefix="datathon-examine-") as folder:
            outcome = score_file(_toy(Path(folder)), io.BytesIO(_SUBMISSION), scorer=scorer)
    except ScorerUnavailable as error:
        if not error.refused:
            raise
        level, report = REFUSE, {"refused": str(error.params.get("detail", ""))}
    else:
        right = {part: dict(values) for part, values in outcome.values.items()} == _TRUTH
        level = outcome.sandbox if right and outcome.sandbox in {"full", "container"} else REFUSE
        report = {"toy": outcome.as_json(), "log": outcome.private_log}
    with transaction(engine) as db:
        db.add(DoctorReport(at=now, worker=worker, level=level, report=report))
    return level


def _toy(folder: Path) -> Challenge:
    (folder / "reference.csv").write_text(_REFERENCE, encoding="ascii")
    (folder / "sample_submission.csv").write_text("id,y\na,0\nb,0\nc,0\nd,0\n", encoding="ascii")
    return Challenge(
        id="toy",
        edition="",
        folder=folder,
        title={"fr": "Essai"},
        summary={"fr": ""},
        description={"fr": ""},
        submission=SubmissionFormat(id="id", columns=(Column("y"),)),
        reference=Reference(file=folder / "reference.csv", truth=("y",), usage="Usage"),
        metrics=(Metric("mae"),),
    )
