"""A campaign through the real worker and scorer, from the command line, while the worker is killed and Redis emptied."""

import json
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from factories import make_edition, make_submission, make_team
from redis import Redis
from running import environment, open_services
from sqlmodel import select

from datathon.scoring.tables import RescoringItem, Score
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import Submission

EDITION, CHALLENGE, TEAMS = "atelier", "marnage", 12


@pytest.fixture
def services(settings, tmp_path):
    run = Path(mkdtemp(prefix="dt-"))
    shutil.copytree(settings.challenges_dir / EDITION, tmp_path / "folders" / EDITION)
    settings = replace(settings, lease_s=3, sweep_s=1, challenges_dir=tmp_path / "folders")
    running = open_services(settings, run, tmp_path / "logs")
    yield running
    running.supervisor.stop()
    shutil.rmtree(run)


def submit_all(engine, settings) -> None:
    folder = settings.challenges_dir / EDITION / CHALLENGE
    header, *lines = (folder / "sample_submission.csv").read_text(encoding="utf-8").splitlines()
    ids = [line.split(",")[0] for line in lines]
    settings.files_dir.mkdir(parents=True, exist_ok=True)
    with transaction(engine) as db:
        make_edition(db, EDITION)
        for number in range(TEAMS):
            path = settings.data_dir / "upload"
            path.write_text("\n".join([header, *(f"{name},{number}" for name in ids), ""]), encoding="utf-8")
            with path.open("rb") as file:
                stored = FileStore(settings.files_dir).put(file, limit_bytes=10**7)
            team = make_team(db, f"Équipe {number}", edition=EDITION)
            make_submission(db, team, edition=EDITION, challenge=CHALLENGE, digest=stored.digest)


def rescore(settings, *options: str) -> dict[str, object]:
    command = [sys.executable, "-m", "datathon.cli", "rescore", f"{EDITION}/{CHALLENGE}", "--json", *options]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def count(engine, table, *conditions) -> int:
    with reading(engine) as db:
        return len(db.exec(select(table).where(*conditions)).all())


@pytest.mark.timeout(300)
def test_campaign_outlives_a_killed_worker_and_flushall_and_is_applied_once(engine, services):
    settings = services.settings
    submit_all(engine, settings)
    services.start("worker")
    services.until(lambda: count(engine, Submission, Submission.state == "scored") == TEAMS)
    with reading(engine) as db:
        before = {row.id: row.score_id for row in db.exec(select(Submission)).all()}
    reference = settings.challenges_dir / EDITION / CHALLENGE / "reference" / "reference.csv"
    header, *rows = reference.read_text(encoding="utf-8").splitlines()
    halved = [f"{name},{float(value) / 2:.4f},{usage}" for name, value, usage in (row.split(",") for row in rows)]
    reference.write_text("\n".join([header, *halved, ""]), encoding="utf-8")

    shown = rescore(settings, "--preview")
    assert (shown["applied"], shown["submissions"], shown["scores_changed"]) == (False, TEAMS, TEAMS)
    with reading(engine) as db:
        assert {row.id: row.score_id for row in db.exec(select(Submission)).all()} == before
    with ThreadPoolExecutor(1) as operator:
        told = operator.submit(rescore, settings, "--reason", "Marnages divisés par deux")
        services.until(lambda: count(engine, RescoringItem, RescoringItem.state == "scored") >= TEAMS + 4)
        services.kill("worker", signal.SIGKILL)
        with Redis.from_url(settings.redis_url) as client:
            client.flushall()
        services.until(told.done)
    applied = told.result()
    assert applied["applied"]
    assert applied["changes"] == shown["changes"], "what was shown is what was applied"
    with reading(engine) as db:
        rows = db.exec(select(Submission)).all()
        records = db.exec(select(Score)).all()
    assert len(records) == 3 * TEAMS, "ordinary, shown, applied: every record is kept"
    assert {row.score_id for row in rows} <= {record.id for record in records} - set(before.values())
    assert len({row.score_id for row in rows}) == TEAMS
