import shutil
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from factories import make_edition, make_submission, make_team
from running import Running, wait_until

from datathon.demo.supervise import Service, Supervisor
from datathon.kernel.clock import utcnow
from datathon.scoring import pulse
from datathon.scoring.queries import queue_state, why_waiting
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import Submission

EDITION, CHALLENGE = "atelier", "marnage"


@pytest.fixture
def house(settings, tmp_path):
    run = Path(mkdtemp(prefix="dt-"))
    said = []
    supervisor = Supervisor(said.append)
    started = replace(settings, lease_s=3, sweep_s=1, scorer_socket=run / "scorer.sock")
    yield Running(started, supervisor, said, tmp_path / "logs")
    supervisor.stop()
    shutil.rmtree(run)


def start_scorer(house):
    command = (sys.executable, "-m", "datathon.scoring.sandbox.service", "--socket")
    socket = str(house.settings.scorer_socket)
    house.supervisor.add(Service("scorer", (*command, socket, "--die-with-parent"), {}, house.logs / "scorer.log"))


def received(engine, settings):
    sample = settings.challenges_dir / EDITION / CHALLENGE / "sample_submission.csv"
    with sample.open("rb") as file:
        stored = FileStore(settings.files_dir).put(file, limit_bytes=10**7)
    with transaction(engine) as db:
        make_edition(db, EDITION)
        team = make_team(db, edition=EDITION)
        return make_submission(db, team, edition=EDITION, challenge=CHALLENGE, digest=stored.digest).id


def state_of(engine, submission_id):
    with reading(engine) as db:
        return db.get_one(Submission, submission_id).state


def said_to_teams(engine):
    with reading(engine) as db:
        return why_waiting(db, now=utcnow())


def troubles(engine):
    with reading(engine) as db:
        return queue_state(db, now=utcnow()).troubles


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"], ids=["none", "dead"])
def test_worker_without_redis_scores_from_the_database(engine, house, url):
    house.settings = replace(house.settings, redis_url=url)
    submission_id = received(engine, house.settings)
    start_scorer(house)
    house.start("worker")
    house.until(lambda: state_of(engine, submission_id) == "scored")
    house.until(lambda: troubles(engine) == ((pulse.NO_REDIS,) if url else ()))
    assert said_to_teams(engine) == ""


def test_submission_without_a_scorer_stays_received_and_says_so_until_one_comes(engine, house):
    submission_id = received(engine, house.settings)
    assert said_to_teams(engine) == pulse.NO_WORKER
    house.start("worker")
    house.until(lambda: said_to_teams(engine) == pulse.NO_SCORER)
    assert state_of(engine, submission_id) == "received"
    start_scorer(house)
    house.until(lambda: state_of(engine, submission_id) == "scored")
    house.until(lambda: said_to_teams(engine) == "")
    house.supervisor.stop()
    wait_until(lambda: said_to_teams(engine) == pulse.NO_WORKER)
