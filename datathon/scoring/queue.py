"""The doorbell: tell the workers, through Redis, which submissions wait.

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

from datathon.config import Settings
from datathon.kernel.clock import utcnow
from datathon.scoring.order import Waiting
from datathon.scoring.queries import waiting
from datathon.store.db import reading

logger = logging.getLogger(__name__)

QUEUE = "score"
JOB = "datathon.jobs.score"
SHORT = 32
"""The queue in Redis is kept this short, so that the order decided in the database stays a fair one."""

FAILURE_TTL_S = 86_400
ENDED = frozenset({JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class Rung:
    """What ringing did: jobs put in the queue, and whether Redis answered."""

    enqueued: int
    answered: bool


def ring(settings: Settings, engine: Engine) -> Rung:
    """Put waiting submissions into the queue in their fair order, as many as it may hold. Call it after commit.

    Never raises for Redis: the reconciler rings again within ``settings.sweep_s``.
    """
    if not settings.redis_url:
        return Rung(0, answered=False)
    try:
        queue = open_queue(settings)
        room = SHORT - queue.count
        if room <= 0:
            return Rung(0, answered=True)
        with reading(engine) as db:
            order = waiting(db)
        return Rung(_fill(queue, order, room, settings), answered=True)
    except RedisError as error:
        logger.warning("the bell could not be rung, the reconciler will: %s", type(error).__name__)
        return Rung(0, answered=False)


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


def job_id(one: Waiting) -> str:
    """Return the name of the job that scores this attempt; a second one of the same name is refused."""
    return f"score-{one.id}-{one.attempt}"


def _fill(queue: Queue, order: list[Waiting], room: int, settings: Settings) -> int:
    put = 0
    for one in order:
        if put >= room:
            break
        put += _put(queue, one, settings)
    return put


def _put(queue: Queue, one: Waiting, settings: Settings) -> bool:
    """Enqueue one submission unless a live job already carries it."""
    for _ in range(2):
        try:
            queue.enqueue_call(
                JOB,
                args=(str(one.id), one.attempt),
                job_id=job_id(one),
                unique=True,
                timeout=job_timeout_s(settings),
                result_ttl=0,
                failure_ttl=FAILURE_TTL_S,
                description=job_id(one),
            )
        except DuplicateJobError:
            if not _forget_dead(queue, job_id(one), grace_s=settings.lease_s):
                return False
        else:
            return True
    return False


def job_timeout_s(settings: Settings) -> int:
    """Return how long RQ lets a job run: beyond any limit of the sandbox, which is the one that counts."""
    return max(600, 4 * settings.lease_s)


def _forget_dead(queue: Queue, name: str, *, grace_s: float) -> bool:
    """Delete the job when its worker cannot bring it to an end any more; its row waits, so nobody holds it.

    A job that ended, or one that neither stands in the queue nor was started within ``grace_s`` seconds, is dead:
    killed workers and lost lists leave such names behind, and they would block the submission for ever.
    """
    try:
        job = Job.fetch(name, connection=queue.connection, serializer=JSONSerializer)
    except (NoSuchJobError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        # Gone meanwhile, or half a hash that nothing can read: either way the name is free after this.
        queue.connection.delete(Job.key_for(name))
        return True
    status = job.get_status(refresh=False)
    if status in ENDED or not _recent(queue, job, grace_s):
        job.delete(remove_from_queue=True)
        logger.info("job %s was dead (%s), rung again", name, status)
        return True
    return False


def _recent(queue: Queue, job: Job, grace_s: float) -> bool:
    """Whether the job stands in the queue, or was first seen outside it less than ``grace_s`` seconds ago."""
    if queue.connection.lpos(queue.key, job.id) is not None:
        return True
    now = utcnow().timestamp()
    mark = f"datathon:outside:{job.id}"
    # The mark counts from when the job was first missed, since RQ does not say when it left the queue.
    queue.connection.set(mark, now, nx=True, ex=3600)
    raw = queue.connection.get(mark)
    if raw is None or now - float(raw) < grace_s:
        return True
    queue.connection.delete(mark)
    return False
