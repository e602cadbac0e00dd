"""What needs the level full waits aside where the scorer service has no Landlock, and comes when it has."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from factories import make_edition, make_submission, make_team
from impaired import BEFORE
from sandboxed import REPOSITORY
from sqlalchemy import Engine
from sqlmodel import col, select

from datathon import jobs
from datathon.config import Settings
from datathon.editions.catalogue import Catalogue, load_catalogue
from datathon.kernel.clock import utcnow
from datathon.scoring import pulse
from datathon.scoring.examine import boot_of
from datathon.scoring.held import count_held, is_held
from datathon.scoring.line import line
from datathon.scoring.queue import _bells
from datathon.scoring.sandbox import doctor
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.syscalls import table
from datathon.scoring.tables import DoctorReport
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import Submission

EDITION, PLAIN, ASKS, READS = "atelier", "marnage", "programmes", "lecteurs"
PROGRAM = b"""
import pandas as pd

def predict(input_dir):
    return pd.read_csv(input_dir / "sample_submission.csv")
"""
SCORER = """
def score(y_true, y_pred, ctx):
    import wave
    return {"mae": 1.0}
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """An edition with a challenge for files, one for programs, one whose scorer reads libraries."""
    folder = tmp_path / "challenges"
    shutil.copytree(REPOSITORY / "challenges" / EDITION, folder / EDITION)
    for name, old, new in (
        (ASKS, "[quota]", "[program]\n\n[quota]"),
        (READS, 'metrics = [{ name = "mae", decimals = 4 }]',
         'scorer = "scorer.py"\nfilter = "files"\nmetrics = [{ name = "mae", direction = "lower" }]'),
    ):  # fmt: skip
        shutil.copytree(folder / EDITION / PLAIN, folder / EDITION / name)
        file = folder / EDITION / name / "challenge.toml"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
        (folder / EDITION / name / "scorer.py").write_text(SCORER)
    return replace(settings, challenges_dir=folder)


@contextmanager
def service(what: str) -> Iterator[ScorerClient]:
    """Start a scorer service on a machine of which ``what`` is done beforehand."""
    with TemporaryDirectory(prefix="dth-", dir="/tmp") as folder:
        path = Path(folder) / "s"
        command = [sys.executable, "-c", BEFORE.replace("WHAT", what), "--socket", str(path)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as started:
            try:
                yield ScorerClient(path, patience_s=30)
            finally:
                started.kill()


def examined(engine: Engine, scorer: ScorerClient) -> str:
    """Note the level of the service as an examination does, and that a worker sees it; return the level."""
    level = doctor.run_parse(scorer, None)[0].level
    with transaction(engine) as db:
        db.add(DoctorReport(at=utcnow(), worker="w", level=level, report={"boot": boot_of(scorer)}))
        pulse.beat(db, "w scorer", pulse.SCORER, now=utcnow())
    return level


def sent(engine: Engine, settings: Settings, known: Catalogue) -> None:
    """Send a program and a file to be read first of all, then an ordinary file, and an organiser's predictions."""
    sample = known.challenge(EDITION, PLAIN)
    assert sample is not None
    files = FileStore(settings.files_dir)
    digests = {}
    for name, body in (("p", PROGRAM), ("f", (sample.folder / "sample_submission.csv").read_bytes())):
        path = settings.data_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        with path.open("rb") as file:
            digests[name] = files.put(file, limit_bytes=10**7).digest
    with transaction(engine) as db:
        make_edition(db, EDITION)
        first, second = make_team(db, "Une", edition=EDITION), make_team(db, "Deux", edition=EDITION)
        for challenge, digest in ((ASKS, digests["p"]), (READS, digests["f"])):
            make_submission(db, first, edition=EDITION, challenge=challenge, digest=digest)
        make_submission(db, second, edition=EDITION, challenge=PLAIN, digest=digests["f"])
        own = make_submission(db, second, edition=EDITION, challenge=ASKS, digest=digests["f"])
        own.team_id, own.baseline, own.file_name = None, "mean", "mean.csv"


def rows(engine: Engine) -> dict[str, tuple[str, int]]:
    with reading(engine) as db:
        found = db.exec(select(Submission).order_by(col(Submission.challenge_id)))
        return {row.baseline or row.challenge_id: (row.state, row.attempt) for row in found}


def test_what_needs_the_full_level_waits_aside_without_landlock_and_comes_with_it(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = load_catalogue(settings.challenges_dir)
    sent(engine, settings, known)
    machine = table()
    assert machine is not None
    aside = {ASKS: ("received", 1), READS: ("received", 1)}
    with service(f"without_call({machine.landlock})") as scorer:
        assert examined(engine, scorer) == "container"
        house = jobs.House(settings, engine, known, scorer, "w")
        monkeypatch.setattr(jobs, "open_house", lambda *_: house)
        with reading(engine) as db:
            assert (_bells(db, known), count_held(db, known, EDITION, now=utcnow())) == (2, 2)
        assert jobs.serve(settings, engine, for_s=60) == jobs.NOBODY
        assert rows(engine) == {**aside, PLAIN: ("scored", 1), "mean": ("scored", 1)}
        with reading(engine) as db:
            assert _bells(db, known) == 0
            assert line(db, known, now=utcnow()).order == ()
            held = [is_held(db, c, now=utcnow()) for n in (PLAIN, ASKS, READS) if (c := known.challenge(EDITION, n))]
            assert held == [False, True, True]
    with service("") as scorer:
        if examined(engine, scorer) != "full":  # this machine has no Landlock: nothing comes
            return
        house = jobs.House(settings, engine, known, scorer, "w")
        with reading(engine) as db:
            assert (_bells(db, known), count_held(db, known, EDITION, now=utcnow())) == (2, 0)
        jobs.serve(settings, engine, for_s=60)
        assert set(rows(engine).values()) == {("scored", 1)}
