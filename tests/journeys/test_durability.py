import hashlib
import io
import shutil
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from factories import accept_rules, make_edition, make_person, make_team
from redis import Redis
from running import open_services
from sqlmodel import select

from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import load_edition
from datathon.editions.rules import first_day
from datathon.kernel.clock import utcnow
from datathon.scoring.tables import Score
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.receive import receive
from datathon.submissions.tables import Submission

TEAMS, EACH = 10, 5
EDITION, CHALLENGE = "atelier", "marnage"


@pytest.fixture
def services(settings, tmp_path):
    run = Path(mkdtemp(prefix="dt-"))
    running = open_services(replace(settings, lease_s=3, sweep_s=1), run, tmp_path / "logs")
    yield running
    running.supervisor.stop()
    shutil.rmtree(run)


def predictions(folder: Path, number: int) -> bytes:
    header, *lines = (folder / "sample_submission.csv").read_text(encoding="utf-8").splitlines()
    ids = [line.split(",")[0] for line in lines]
    return "\n".join([header, *(f"{name},{number / 10}" for name in ids), ""]).encode()


def send(engine, settings, edition, team, number):
    challenge = edition.challenge(CHALLENGE)
    body = predictions(challenge.folder, number)
    stored = FileStore(settings.files_dir).put(io.BytesIO(body), limit_bytes=1_000_000)
    now = utcnow()
    with transaction(engine) as db:
        return receive(
            db,
            edition=edition,
            windows=windows_of(db, edition, now=now),
            challenge=challenge,
            team_id=team.id,
            person_id=team.captain_id,
            stored=stored,
            file_name="predictions.csv",
            now=now,
        )


def scored(engine):
    with reading(engine) as db:
        return len(db.exec(select(Submission.id).where(Submission.state == "scored")).all())


def test_submissions_outlive_flushall_and_kills_and_are_scored_once(engine, services):
    settings = services.settings
    edition = load_edition(settings.challenges_dir / EDITION)
    with transaction(engine) as db:
        now = utcnow()
        make_edition(db, EDITION, starts=first_day(edition, registered=now), now=now)
        rules = edition.document("rules")
        captains = [make_person(db) for _ in range(TEAMS)]
        for captain in captains:
            accept_rules(db, captain, edition=EDITION, version=rules.version, digest=rules.digest)
        teams = [make_team(db, f"Équipe {n}", captain=c, edition=EDITION) for n, c in enumerate(captains)]
    services.start("worker")
    receipts = []

    def upload(teams):
        receipts.extend(send(engine, settings, edition, team, len(receipts) + n) for n, team in enumerate(teams * EACH))

    upload(teams[:4])
    services.until(lambda: scored(engine) >= 5)
    services.kill("worker", signal.SIGKILL)
    upload(teams[4:7])
    services.until(lambda: scored(engine) >= 12)
    with Redis.from_url(settings.redis_url) as client:
        client.flushall()
    services.until(lambda: scored(engine) >= 20)
    services.kill("valkey", signal.SIGKILL)
    upload(teams[7:])
    services.until(lambda: scored(engine) >= 30)
    services.kill("scorer", signal.SIGKILL)
    services.until(lambda: scored(engine) == TEAMS * EACH)

    assert [line for line in services.said if line.endswith("restarted")] == [
        "worker restarted",
        "valkey restarted",
        "scorer restarted",
    ]
    with reading(engine) as db:
        rows = {row.id: row for row in db.exec(select(Submission)).all()}
        records = Counter((record.submission_id, record.attempt) for record in db.exec(select(Score)).all())
    assert records == Counter((row.id, row.attempt) for row in rows.values())
    for receipt in receipts:
        kept = b"".join(FileStore(settings.files_dir).chunks(receipt.digest))
        assert hashlib.sha256(kept).hexdigest() == receipt.digest == rows[receipt.submission_id].digest
    assert len({receipt.submission_id for receipt in receipts}) == TEAMS * EACH
