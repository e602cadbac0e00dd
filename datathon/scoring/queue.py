"""The doorbell: tell the workers, through Redis, that submissions wait.

Nothing in Redis is part of the promise made to teams. Whatever is lost there is found again in the rows, so that every
error here is logged and none is shown.
"""

import logging
from dataclasses import dataclass
from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.kernel.clock import utcnow
from datathon.scoring.held import not_held, not_held_again
from datathon.scoring.pulse import WORKER, alive
from datathon.scoring.rescore_item import waiting_items
from datathon.store.db import reading
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

logger = logging.getLogger(__name__)

QUEUE = "score"
JOB = "datathon.jobs.take_turn"
SHORT = 32
"""Bells that may exist at once, whatever waits. A bell names no submission: who hears it takes whoever is next then."""

AT_LEAST = 2
PER_WORKER = 2
"""Bells in the queue for each live worker: one that it hears next and one that calls it back at once."""

FAILURE_TTL_S = 86_400
ENDED = frozenset({JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class Rung:
    """What ringing did: jobs put in the queue, and whether Redis answered."""

    enqueued: int
    answered: bool


def ring(settings: Settings, engine: Engine, known: Catalogue | None = None) -> Rung:
    """Put as many bells into the queue as submissions wait and workers can use. Call it after commit.

    Bells carry no identity, so that the order is the fair one of the instant at which a worker is free, and a team that
    sent two hundred files holds no place before one that sends its first. A bell too many finds nothing and ends.
    Nobody is rung for what the sandbox's level holds back, by the challenges in ``known``. Never raises for Redis: the reconciler rings again within ``settings.sweep_s``.
    """
    if not settings.redis_url:
        return Rung(0, answered=False)
    try:
        queue = open_queue(settings)
        standing = queue.count
        if standing >= SHORT:
            return Rung(0, answered=True)
        with reading(engine) as db:
            wanted = _bells(db, known)
        return Rung(_fill(queue, wanted - standing, settings), answered=True)
    except RedisError as error:
        logger.warning("the bell could not be rung, the reconciler will: %s", type(error).__name__)
        return Rung(0, answered=False)


def _bells(db: Session, known: Catalogue | None) -> int:
    """Return how many bells should stand in the queue now."""
    now = utcnow()
    free = [] if known is None else not_held(db, known, now=now)
    again = [] if known is None else not_held_again(db, known, now=now)
    received = db.exec(select(func.count()).where(col(Submission.state) == State.RECEIVED, *free)).one()
    received += len(waiting_items(db, limit=SHORT, where=again))
    if not received:
        return 0
    workers = len(alive(db, WORKER, now=now))
    return min(received, max(AT_LEAST, PER_WORKER * workers), SHORT)


def answers(settings: Settings) -> bool:
    """Whether a Redis is configured and answers now."""
    if not settings.redis_url:
        return False
    try:
        return bool(connect(settings.redis_url).ping())
    except RedisError:
        return False


def open_queue(settings: Settings) -> Queue:
    """Return the queue, on a connection that fails fast. JSON, so that nothing read from Redis is ever unpickled."""
    return Queue(QUEUE, connection=connect(settings.redis_url), serializer=JSONSerializer)


@lru_cache(maxsize=4)
def connect(url: str) -> Redis:
    """Return a connection to ``url`` that gives up after a second instead of holding a page; it is opened on first use."""
    retry = Retry(NoBackoff(), 1)
    return Redis.from_url(url, socket_connect_timeout=1.0, socket_timeout=2.0, retry=retry)


def job_timeout_s(settings: Settings) -> int:
    """Return how long RQ lets a job run: beyond any limit of the sandbox, which is the one that counts."""
    return max(600, 4 * settings.lease_s)


def _fill(queue: Queue, missing: int, settings: Settings) -> int:
    """Put ``missing`` bells into the queue, each under a free one of the SHORT names, and return how many it took."""
    put = 0
    for number in range(SHORT):
        if put >= missing:
            break
        put += _put(queue, f"bell-{number}", settings)
    return put


def _put(queue: Queue, name: str, settings: Settings) -> bool:
    """Enqueue one bell unless a live one has this name."""
    for _ in range(2):
        try:
            queue.enqueue_call(
                JOB,
                job_id=name,
                unique=True,
                timeout=job_timeout_s(settings),
                result_ttl=0,
                failure_ttl=FAILURE_TTL_S,
                description=name,
            )
        except DuplicateJobError:
            if not _forget_dead(queue, name):
                return False
        else:
            return True
    return False


def _forget_dead(queue: Queue, name: str) -> bool:
    """Delete the bell of this name when nobody can hear it any more, and say whether the name is free.

    Killed workers and lost lists leave such names behind. One that a dead worker had begun is freed by RQ's own
    maintenance; until then the other names serve.
    """
    try:
        job = Job.fetch(name, connection=queue.connection, serializer=JSONSerializer)
    except (NoSuchJobError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        # Gone meanwhile, or half a hash that nothing can read: either way the name is free after this.
        queue.connection.delete(Job.key_for(name))
        return True
    status = job.get_status(refresh=False)
    lost = status == JobStatus.QUEUED and queue.connection.lpos(queue.key, name) is None
    if status in ENDED or lost:
        job.delete(remove_from_queue=True)
        return True
    return False
