"""The worker: a keeper that watches over the queue, and its child that takes jobs from Redis.

The keeper is the reconciler. It looks every few seconds for submissions that nobody works on, rings the bell, sends
letters, says what is missing, and starts its child again when it ended. When Redis does not answer it takes submissions
from the database itself. Neither of the two imports numpy, pandas or scikit-learn: scorers live behind the socket.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from datathon import jobs
from datathon.config import SettingError, Settings, load_settings
from datathon.jury.freeze import freeze, is_due
from datathon.jury.freeze_vote import freeze_vote, is_vote_due
from datathon.kernel.clock import utcnow
from datathon.kernel.parent import die_with_parent
from datathon.leaderboard.ladder import follow_ladders
from datathon.leaderboard.resample import compute_next
from datathon.leaderboard.standings import Extent
from datathon.people.outbox import send_waiting
from datathon.scoring import pulse
from datathon.scoring.examine import REFUSE, boot_of, examine, examined_level
from datathon.scoring.queue import QUEUE, answers, ring
from datathon.scoring.reconcile import take_back_expired
from datathon.scoring.sandbox.client import ScorerUnavailable
from datathon.store.db import make_engine, reading, transaction

logger = logging.getLogger("datathon.worker")

BOARDS_EVERY = timedelta(seconds=60)
FILES_EVERY = timedelta(hours=1)
EXAMINE_AGAIN = timedelta(seconds=60)
CHILD_AGAIN = timedelta(seconds=2)
TICK_S = 0.5


class ScoringWorker(Worker):
    """RQ's worker, with a horse that ends with it and a short wait for a Redis that comes back."""

    max_connection_wait_time = 2.0

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork after a look at the catalogue, so that a changed folder is read once and not by every job."""
        with suppress(OSError):
            jobs.catalogue(load_settings().challenges_dir)
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> NoReturn:
        """Run one job in the forked child."""
        die_with_parent(self.pid or os.getppid())
        super().main_work_horse(job, queue)
        raise AssertionError("the horse leaves by os._exit")


def take(settings: Settings) -> None:
    """Take jobs until told to stop; the current one is finished first."""
    jobs.warm(settings)
    connection = Redis.from_url(settings.redis_url, socket_connect_timeout=5.0)
    try:
        _take_from(connection)
    except RedisError as error:
        # The keeper starts this process again; meanwhile it takes submissions from the database.
        logger.warning("Redis went away: %s", type(error).__name__)
        sys.exit(1)


def _take_from(connection: Redis) -> None:
    worker = ScoringWorker(
        [Queue(QUEUE, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        default_result_ttl=0,
        maintenance_interval=30,
        job_monitoring_interval=5,
        worker_ttl=60,
    )
    worker.work(logging_level="WARNING")


@dataclass(slots=True)
class Keeper:
    """The state of the watch: its engine, its child and what it found last."""

    settings: Settings
    engine: Engine
    name: str
    stop: threading.Event = field(default_factory=threading.Event)
    child: subprocess.Popen[bytes] | None = None
    child_at: datetime = field(default_factory=utcnow)
    post: threading.Thread | None = None
    certainty: threading.Thread | None = None
    boards_at: datetime | None = None
    files_at: datetime = field(default_factory=utcnow)
    standings_at: datetime = field(default_factory=utcnow)
    examined: str = ""
    examine_at: datetime = field(default_factory=utcnow)
    examine_pause: timedelta = timedelta(seconds=2)
    scorer_trouble: str = pulse.NO_SCORER
    redis_trouble: str = ""


def keep(settings: Settings) -> None:
    """Keep watch until SIGTERM or SIGINT, then let the child finish its job."""
    keeper = Keeper(settings, make_engine(settings.sqlalchemy_url), f"{socket.gethostname()[:60]}:{os.getpid()}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: keeper.stop.set())
    try:
        while not keeper.stop.is_set():
            _watch_child(keeper)
            try:
                look_round(keeper)
            except SQLAlchemyError as error:
                logger.error("the database does not answer: %s", str(error).splitlines()[0])  # noqa: TRY400 - one line
            _rest(keeper)
    finally:
        _stop_child(keeper)
        _say_goodbye(keeper)
        keeper.engine.dispose()


def look_round(keeper: Keeper) -> None:
    """One round of the watch."""
    now = utcnow()
    with transaction(keeper.engine) as db:
        swept = take_back_expired(db, now=now)
    for submission in swept.put_back:
        logger.warning("submission %s was taken back from a silent worker", submission)
    for submission in swept.given_up:
        logger.error("submission %s failed after its last attempt", submission)
    _examine_scorer(keeper)
    # First what changed: a campaign that was overtaken gets no more work.
    jobs.notice_changes(keeper.engine, jobs.catalogue(keeper.settings.challenges_dir))
    jobs.look_after_campaigns(keeper.engine)
    follow_ladders(keeper.settings, keeper.engine, jobs.catalogue(keeper.settings.challenges_dir))
    _freeze_rubrics(keeper)
    if not keeper.scorer_trouble:
        rung = ring(keeper.settings, keeper.engine, jobs.catalogue(keeper.settings.challenges_dir))
        _note_redis(keeper, answered=rung.answered)
        if not rung.answered:
            _score_directly(keeper)
    _pulses(keeper, now)
    jobs.tell_failures(keeper.settings, keeper.engine)
    _post_letters(keeper)
    _compute_intervals(keeper)
    if keeper.boards_at is None or now - keeper.boards_at >= BOARDS_EVERY:
        keeper.boards_at = now
        # Once an hour standings are compared with all the scores; else only counted.
        extent = Extent.EVERYTHING if now >= keeper.standings_at else Extent.NOTHING
        if extent is Extent.EVERYTHING:
            keeper.standings_at = now + FILES_EVERY
        jobs.refresh_all_boards(keeper.engine, jobs.catalogue(keeper.settings.challenges_dir), extent)
        with transaction(keeper.engine) as db:
            pulse.forget_silent(db, now=now)
    if now >= keeper.files_at:
        keeper.files_at = now + FILES_EVERY
        jobs.forget_old_files(keeper.settings, keeper.engine, now=now)


def _examine_scorer(keeper: Keeper) -> None:
    """See whether the scorer service answers; one that nobody examined since its start gets no work before it is."""
    scorer = jobs.open_house(keeper.settings, keeper.engine).scorer
    before, now = keeper.scorer_trouble, utcnow()
    boot = boot_of(scorer)
    if boot is None:
        keeper.scorer_trouble, keeper.examined, keeper.examine_at = pulse.NO_SCORER, "", now
    elif boot != keeper.examined and now >= keeper.examine_at:
        try:
            level = examined_level(keeper.engine, boot) or examine(
                keeper.engine, scorer, boot=boot, worker=keeper.name, now=now
            )
        except ScorerUnavailable as error:
            logger.warning("the scorer service: %s", error.params.get("detail"))
            keeper.scorer_trouble = pulse.NO_SCORER
        else:
            logger.info("the scorer service was examined: level %s", level)
            keeper.scorer_trouble = pulse.SCORER_REFUSES if level == REFUSE else ""
            keeper.examined = "" if level == REFUSE else boot
            # A service that refuses is asked again: the fault may have been a passing one of a busy machine.
            keeper.examine_pause = (
                min(2 * keeper.examine_pause, EXAMINE_AGAIN) if level == REFUSE else timedelta(seconds=2)
            )
            keeper.examine_at = now + keeper.examine_pause
    if keeper.scorer_trouble and keeper.scorer_trouble != before:
        logger.warning(keeper.scorer_trouble)


def _note_redis(keeper: Keeper, *, answered: bool) -> None:
    trouble = pulse.NO_REDIS if keeper.settings.redis_url and not answered else ""
    if trouble and not keeper.redis_trouble:
        logger.warning(trouble)
    keeper.redis_trouble = trouble


def _score_directly(keeper: Keeper) -> None:
    """Take submissions from the database, for about as long as a round lasts."""
    jobs.serve(keeper.settings, keeper.engine, for_s=keeper.settings.sweep_s, stopped=keeper.stop.is_set)


def _post_letters(keeper: Keeper) -> None:
    """Send waiting letters beside the watch: a slow mail server must not keep submissions waiting."""
    if not keeper.settings.smtp_url or (keeper.post is not None and keeper.post.is_alive()):
        return
    keeper.post = threading.Thread(target=_post, args=(keeper,), name="letters", daemon=True)
    keeper.post.start()


def _post(keeper: Keeper) -> None:
    try:
        send_waiting(keeper.engine, keeper.settings, now=utcnow())
    except SettingError as error:
        logger.error("letters wait: %s", error)  # noqa: TRY400 - a line for the operator
    except SQLAlchemyError:
        logger.exception("letters wait")


def _freeze_rubrics(keeper: Keeper) -> None:
    """Keep each rubric as it is once its jury's phase is open, and the rules of each vote that has begun."""
    for edition in jobs.catalogue(keeper.settings.challenges_dir).editions.values():
        with reading(keeper.engine) as db:
            due = is_due(db, edition, now=utcnow()) or is_vote_due(db, edition, now=utcnow())
        if due:
            with transaction(keeper.engine) as db:
                freeze(db, edition, now=utcnow())
                freeze_vote(db, edition, now=utcnow())


def _compute_intervals(keeper: Keeper) -> None:
    """Compute intervals that boards wait for beside the watch, one after the other: scoring must not wait for them."""
    if keeper.certainty is None or not keeper.certainty.is_alive():
        keeper.certainty = threading.Thread(target=_intervals, args=(keeper,), name="intervals", daemon=True)
        keeper.certainty.start()


def _intervals(keeper: Keeper) -> None:
    try:
        while not keeper.stop.is_set():
            done = compute_next(keeper.engine, keeper.settings, worker=keeper.name)
            if done is None:
                return
            known = jobs.catalogue(keeper.settings.challenges_dir)
            with transaction(keeper.engine) as db:
                jobs.refresh_board(db, known, done.edition_id, done.challenge_id, Extent.NOTHING)
    except (OSError, ValueError, SQLAlchemyError):
        logger.exception("intervals wait")


def _pulses(keeper: Keeper, now: datetime) -> None:
    with transaction(keeper.engine) as db:
        pulse.beat(db, keeper.name, pulse.WORKER, now=now)
        pulse.beat(db, f"{keeper.name} scorer", pulse.SCORER, now=now, trouble=keeper.scorer_trouble)
        if keeper.settings.redis_url:
            pulse.beat(db, f"{keeper.name} redis", pulse.REDIS, now=now, trouble=keeper.redis_trouble)


def _say_goodbye(keeper: Keeper) -> None:
    """Take back the signs of life, so that pages need not wait to say that no worker is left."""
    try:
        with transaction(keeper.engine) as db:
            pulse.forget(db, keeper.name)
    except SQLAlchemyError:
        logger.warning("the database does not answer; this worker's last sign of life stays a minute")


def _rest(keeper: Keeper) -> None:
    """Wait for the next round, looking after the child meanwhile."""
    until = utcnow() + timedelta(seconds=keeper.settings.sweep_s)
    while utcnow() < until and not keeper.stop.wait(TICK_S):
        _watch_child(keeper)


def _watch_child(keeper: Keeper) -> None:
    """Start the child that takes jobs, again if it ended; at most once every two seconds, and only with a Redis."""
    if keeper.stop.is_set() or (keeper.child is not None and keeper.child.poll() is None):
        return
    now = utcnow()
    if now < keeper.child_at:
        return
    keeper.child_at = now + CHILD_AGAIN
    if not answers(keeper.settings):
        return
    if keeper.child is not None:
        logger.warning("the process that takes jobs ended (%s), started again", keeper.child.returncode)
    command = [sys.executable, "-m", "datathon.worker", "take", str(os.getpid())]
    keeper.child = subprocess.Popen(command)  # noqa: S603 - this program again


def _stop_child(keeper: Keeper) -> None:
    if keeper.child is None or keeper.child.poll() is not None:
        return
    keeper.child.terminate()
    try:
        keeper.child.wait(timeout=2 * keeper.settings.lease_s)
    except subprocess.TimeoutExpired:
        keeper.child.kill()
        keeper.child.wait()


def main(arguments: list[str]) -> None:
    """Run as the keeper, or as its child with ``take PID_OF_THE_KEEPER``."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = load_settings()
    if arguments[:1] == ["take"]:
        die_with_parent(int(arguments[1]))
        take(settings)
    else:
        keep(settings)


if __name__ == "__main__":
    main(sys.argv[1:])
