import hashlib
import shutil
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from tempfile import mkdtemp

import pytest
from alembic import command
from factories import PASSWORD, accept_rules, make_edition, make_person, make_team
from redis import Redis
from running import Visitor, answers, free_port, open_services
from sqlmodel import select

from datathon.editions.catalogue import load_edition
from datathon.editions.windows import first_day
from datathon.kernel.clock import utcnow
from datathon.scoring.tables import Score
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.store.migrate import configuration
from datathon.submissions.tables import QuotaEntry, Submission

TEAMS, EACH = 10, 5
EDITION, CHALLENGE = "atelier", "marnage"
PAGE = f"/e/{EDITION}/c/{CHALLENGE}/submit"


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


def send_all(address: str, email: str, files: list[bytes]) -> None:
    """Be a captain who sends files one after the other and, when the platform falls, sends the same form again."""
    visitor = Visitor(address)
    stubborn(lambda: visitor.sign_in(email, PASSWORD))
    for body in files:
        form = stubborn(lambda: visitor.fields(PAGE))
        stubborn(lambda body=body, form=form: visitor.upload(PAGE, "predictions.csv", body, form))
        time.sleep(0.3)


def stubborn(attempt):
    until = time.monotonic() + 40
    while True:
        try:
            return attempt()
        except (OSError, HTTPException):
            assert time.monotonic() < until, "the platform did not come back within 40 seconds"
            time.sleep(0.2)


def count(engine, state=None):
    with reading(engine) as db:
        query = select(Submission.id) if state is None else select(Submission.id).where(Submission.state == state)
        return len(db.exec(query).all())


@pytest.mark.timeout(300)
def test_submissions_outlive_flushall_and_every_kill_and_are_scored_once(engine, services):
    settings = services.settings
    edition = load_edition(settings.challenges_dir / EDITION)
    emails = open_edition(engine, edition)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    services.start("worker")
    services.start("web", "--port", str(port), "--threads", "4")
    services.until(lambda: answers(address))
    folder = edition.challenge(CHALLENGE).folder
    files = {email: [predictions(folder, EACH * n + m) for m in range(EACH)] for n, email in enumerate(emails)}

    with ThreadPoolExecutor(TEAMS) as captains:
        sending = [captains.submit(send_all, address, email, files[email]) for email in emails]
        services.until(lambda: count(engine) >= 5)
        services.kill("web", signal.SIGKILL)
        services.until(lambda: count(engine, "scored") >= 5)
        services.kill("worker", signal.SIGKILL)
        services.until(lambda: count(engine, "scored") >= 12)
        with Redis.from_url(settings.redis_url) as client:
            client.flushall()
        services.until(lambda: count(engine, "scored") >= 20)
        services.kill("valkey", signal.SIGKILL)
        services.until(lambda: count(engine, "scored") >= 30)
        services.kill("scorer", signal.SIGKILL)
        services.until(lambda: all(one.done() for one in sending))
        for one in sending:
            one.result()
    services.until(lambda: count(engine, "scored") >= TEAMS * EACH)

    restarted = {line.split()[0] for line in services.said if line.endswith("restarted")}
    assert restarted == {"web", "worker", "valkey", "scorer"}
    with reading(engine) as db:
        rows = db.exec(select(Submission)).all()
        records = Counter((record.submission_id, record.attempt) for record in db.exec(select(Score)).all())
        ledger = Counter((line.submission_id, line.kind) for line in db.exec(select(QuotaEntry)).all())
    assert records == Counter((row.id, row.attempt) for row in rows)
    assert ledger == Counter((row.id, kind) for row in rows for kind in ("reserve", "commit"))
    sent = Counter(hashlib.sha256(body).hexdigest() for bodies in files.values() for body in bodies)
    assert Counter(row.digest for row in rows) == sent
    for row in rows:
        kept = b"".join(FileStore(settings.files_dir).chunks(row.digest))
        assert hashlib.sha256(kept).hexdigest() == row.digest


def open_edition(engine, edition) -> list[str]:
    """Register the edition with a team for each captain; return how the captains sign in."""
    with engine.begin() as connection:
        # The tests' schema comes from the tables; the web asks which revision it is.
        command.stamp(configuration(connection), "head")
    with transaction(engine) as db:
        now = utcnow()
        make_edition(db, edition.id, starts=first_day(edition, registered=now), now=now)
        rules = edition.document("rules")
        captains = [make_person(db) for _ in range(TEAMS)]
        for number, captain in enumerate(captains):
            accept_rules(db, captain, edition=edition.id, version=rules.version, digest=rules.digest)
            make_team(db, f"Équipe {number}", captain=captain, edition=edition.id)
        return [captain.email for captain in captains]
