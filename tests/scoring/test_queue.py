import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
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
from datathon.kernel.clock import utcnow
from datathon.scoring import pulse
from datathon.scoring.queue import AT_LEAST, JOB, PER_WORKER, QUEUE, SHORT, answers, ring
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


def test_ring_enqueues_bells_that_name_nobody_as_json(engine, bell, redis):
    received(engine, 1)
    assert ring(bell, engine).enqueued == 1
    (name,) = queued(redis)
    job = Job.fetch(name, connection=redis, serializer=JSONSerializer)
    assert (job.func_name, list(job.args), job.kwargs) == (JOB, [], {})


def test_ring_puts_no_more_bells_than_submissions_wait_or_workers_can_use(engine, bell, redis):
    received(engine, 1)
    ring(bell, engine)
    assert len(queued(redis)) == 1
    with transaction(engine) as db:
        team = make_team(db, "Autre")
        for number in range(1, 100):
            make_submission(db, team, number=number)
    ring(bell, engine)
    assert len(queued(redis)) == AT_LEAST
    with transaction(engine) as db:
        for number in range(5):
            pulse.beat(db, f"w{number}", pulse.WORKER, now=utcnow())
    ring(bell, engine)
    assert len(queued(redis)) == 5 * PER_WORKER
    with transaction(engine) as db:
        for number in range(40):
            pulse.beat(db, f"w{number}", pulse.WORKER, now=utcnow())
    ring(bell, engine)
    assert len(queued(redis)) == SHORT


def test_ring_twice_or_from_twenty_places_at_once_enqueues_once(engine, bell, redis):
    received(engine, 2)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: ring(bell, engine), range(20)))
    assert ring(bell, engine).enqueued == 0
    assert 2 <= len(queued(redis)) <= SHORT
    assert len(set(queued(redis))) == len(queued(redis))


def test_ring_after_flushall_enqueues_again(engine, bell, redis):
    received(engine, 2)
    ring(bell, engine)
    redis.flushall()
    assert ring(bell, engine).enqueued == 2


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.FAILED, JobStatus.FINISHED, JobStatus.STOPPED])
def test_ring_takes_the_name_of_a_bell_that_nobody_can_hear(engine, bell, redis, status):
    received(engine, 1)
    ring(bell, engine)
    (name,) = queued(redis)
    redis.delete(f"rq:queue:{QUEUE}")
    Job.fetch(name, connection=redis, serializer=JSONSerializer).set_status(status)
    assert ring(bell, engine).enqueued == 1
    assert queued(redis) == [name]


def test_ring_leaves_the_name_of_a_bell_at_work_alone(engine, bell, redis):
    received(engine, 1)
    ring(bell, engine)
    (name,) = queued(redis)
    redis.delete(f"rq:queue:{QUEUE}")
    Job.fetch(name, connection=redis, serializer=JSONSerializer).set_status(JobStatus.STARTED)
    assert ring(bell, engine).enqueued == 1
    assert set(queued(redis)) == {"bell-1"} - {name}


def test_ring_replaces_half_a_job(engine, bell, redis):
    received(engine, 1)
    redis.hset("rq:job:bell-0", "status", "queued")
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
