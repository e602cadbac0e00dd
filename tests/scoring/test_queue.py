import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from factories import make_edition, make_submission, make_team
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlmodel import select

from datathon.demo.redis_choice import resolve_redis
from datathon.scoring.queue import JOB, QUEUE, SHORT, answers, ring
from datathon.store.db import transaction
from datathon.submissions.tables import Submission


@pytest.fixture(scope="module")
def valkey(tmp_path_factory):
    run = Path(mkdtemp(prefix="dt-"))
    choice = resolve_redis("", data_dir=tmp_path_factory.mktemp("valkey"), socket_path=run / "v.sock")
    process = subprocess.Popen(choice.command, stdout=subprocess.DEVNULL, env={})
    client = Redis.from_url(choice.url, retry=Retry(ConstantBackoff(0.05), 400))
    client.ping()
    yield choice.url, client
    client.close()
    process.kill()
    process.wait()
    shutil.rmtree(run)


@pytest.fixture
def redis(valkey):
    valkey[1].flushall()
    return valkey[1]


@pytest.fixture
def bell(settings, valkey):
    return replace(settings, redis_url=valkey[0], lease_s=0)


def received(engine, count):
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        return [make_submission(db, team, number=n + 1).id for n in range(count)]


def queued(redis):
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer).job_ids


def test_ring_enqueues_ids_only_as_json(engine, bell, redis):
    (submission,) = received(engine, 1)
    assert ring(bell, engine).enqueued == 1
    job = Job.fetch(f"score-{submission}-1", connection=redis, serializer=JSONSerializer)
    assert (job.func_name, list(job.args), job.kwargs) == (JOB, [str(submission), 1], {})


def test_ring_twice_enqueues_once(engine, bell, redis):
    received(engine, 3)
    assert (ring(bell, engine).enqueued, ring(bell, engine).enqueued) == (3, 0)
    assert len(queued(redis)) == 3


def test_ring_keeps_the_queue_short(engine, bell, redis):
    received(engine, SHORT + 5)
    ring(bell, engine)
    assert len(queued(redis)) == SHORT


def test_ring_after_flushall_enqueues_again(engine, bell, redis):
    received(engine, 2)
    ring(bell, engine)
    redis.flushall()
    assert ring(bell, engine).enqueued == 2


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.FINISHED, JobStatus.STOPPED])
def test_ring_replaces_a_job_that_ended_without_its_row(engine, bell, redis, status):
    (submission,) = received(engine, 1)
    ring(bell, engine)
    job = Job.fetch(f"score-{submission}-1", connection=redis, serializer=JSONSerializer)
    redis.delete(f"rq:queue:{QUEUE}")
    job.set_status(status)
    assert ring(bell, engine).enqueued == 1
    assert queued(redis) == [job.id]


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.STARTED])
def test_ring_replaces_a_job_whose_worker_vanished_after_the_grace(engine, bell, redis, status):
    (submission,) = received(engine, 1)
    ring(bell, engine)
    job = Job.fetch(f"score-{submission}-1", connection=redis, serializer=JSONSerializer)
    redis.delete(f"rq:queue:{QUEUE}")
    job.set_status(status)
    patient = replace(bell, lease_s=3600)
    assert ring(patient, engine).enqueued == 0
    assert ring(bell, engine).enqueued == 1
    assert queued(redis) == [job.id]


def test_ring_replaces_half_a_job(engine, bell, redis):
    (submission,) = received(engine, 1)
    redis.hset(f"rq:job:score-{submission}-1", "status", "queued")
    assert ring(bell, engine).enqueued == 1


def test_ring_never_touches_what_is_not_received(engine, bell, redis):
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        for number, state in enumerate(["running", "scored", "rejected", "failed", "withdrawn"], start=1):
            make_submission(db, team, number=number, state=state)
    assert ring(bell, engine).enqueued == 0
    assert queued(redis) == []


def test_ring_without_redis_says_so_and_raises_nothing(engine, settings):
    received(engine, 1)
    gone = replace(settings, redis_url="redis://127.0.0.1:1/0")
    assert [ring(gone, engine).answered, ring(settings, engine).answered, answers(gone)] == [False, False, False]
    with transaction(engine) as db:
        assert {row.state for row in db.exec(select(Submission)).all()} == {"received"}
