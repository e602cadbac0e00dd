"""The platform's own services in a folder of their own, for benchmarks that go the whole way of a submission."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import col, func, select

from datathon.config import PREFIX, Settings
from datathon.demo.redis_choice import resolve_redis
from datathon.demo.supervise import Service, Supervisor
from datathon.editions.catalogue import load_catalogue
from datathon.editions.register import register
from datathon.editions.rules import Challenge, Edition
from datathon.kernel.clock import utcnow
from datathon.scoring.queue import ring
from datathon.store.db import make_engine, reading, transaction
from datathon.store.files import FileStore, Stored
from datathon.store.migrate import upgrade
from datathon.submissions.receive import receive_baseline
from datathon.submissions.tables import Submission

LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A running installation without web: its settings, its database, and what its catalogue holds."""

    settings: Settings
    engine: Engine
    supervisor: Supervisor

    def find(self, challenge_id: str) -> tuple[Edition, Challenge]:
        """Return the challenge of this name and its edition; raises LookupError."""
        for edition in load_catalogue(self.settings.challenges_dir).editions.values():
            challenge = edition.challenge(challenge_id)
            if challenge is not None:
                return edition, challenge
        raise LookupError(f"the challenge {challenge_id} is not in the challenges folder")

    def score(self, challenge_id: str, contents: Sequence[bytes]) -> float:
        """Return the seconds from the first committed row until every one of these files has its score.

        Files are stored beforehand; rows are committed one transaction each, then the bell is rung. Raises RuntimeError
        when one does not end "scored", TimeoutError after two minutes.
        """
        edition, challenge = self.find(challenge_id)
        stored = [self._store(content) for content in contents]
        started = time.perf_counter()
        keys = [self._receive(edition, challenge, one) for one in stored]
        ring(self.settings, self.engine)
        _until(lambda: self._open(keys) == 0)
        elapsed = time.perf_counter() - started
        with reading(self.engine) as db:
            states = [db.get_one(Submission, key).state for key in keys]
        if set(states) != {"scored"}:
            raise RuntimeError(f"submissions ended {sorted(set(states))}, not scored")
        return elapsed

    def _receive(self, edition: Edition, challenge: Challenge, stored: Stored) -> UUID:
        with transaction(self.engine) as db:
            return receive_baseline(
                db, edition=edition, challenge=challenge, name=stored.digest[:12], stored=stored, now=datetime.now(UTC)
            )

    def _store(self, content: bytes) -> Stored:
        path = self.settings.data_dir / "upload.csv"
        path.write_bytes(content)
        with path.open("rb") as file:
            return FileStore(self.settings.files_dir).put(file, limit_bytes=len(content))

    def _open(self, keys: Sequence[UUID]) -> int:
        """Return how many of these submissions wait or are being scored."""
        query = select(func.count()).where(col(Submission.state).in_(["received", "running"]))
        with reading(self.engine) as db:
            return db.exec(query if len(keys) > 1 else query.where(col(Submission.id) == keys[0])).one()


def variant(source: Path, number: int) -> bytes:
    """Return the file with ``number`` more blank line ends, so that each round scores bytes of its own."""
    return source.read_bytes() + b"\n" * number


@contextmanager
def platform(challenges: Path, *, workers: int = 1) -> Iterator[Platform]:
    """Start Valkey, the scorer service and ``workers`` workers over a new SQLite database, and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="dtb") as name:
        folder, sockets = Path(name), Path(tempfile.mkdtemp(prefix="dtb"))
        choice = resolve_redis("", data_dir=folder / "valkey", socket_path=sockets / "valkey.sock")
        settings = replace(
            Settings(),
            data_dir=folder,
            challenges_dir=challenges,
            redis_url=choice.url,
            scorer_socket=sockets / "scorer.sock",
            secret_key="x" * 40,
            min_free_bytes=0,
        )
        engine = make_engine(settings.sqlalchemy_url)
        upgrade(engine)
        with transaction(engine) as db:
            for edition in load_catalogue(settings.challenges_dir).editions.values():
                register(db, edition, now=utcnow())
        supervisor = Supervisor(lambda _message: None)
        if choice.command:
            supervisor.add(Service("valkey", choice.command, {}, folder / "valkey.log"))
        command = ("-m", "datathon.scoring.sandbox.service", "--socket", str(settings.scorer_socket))
        supervisor.add(Service("scorer", (sys.executable, *command, "--die-with-parent"), {}, folder / "scorer.log"))
        worker = (sys.executable, "-m", "datathon.cli", "worker")
        for number in range(workers):
            log = folder / f"worker{number}.log"
            supervisor.add(Service(f"worker{number}", worker, _environment(settings), log))
        try:
            yield Platform(settings, engine, supervisor)
        finally:
            supervisor.stop()
            engine.dispose()
            shutil.rmtree(sockets, ignore_errors=True)


def _environment(settings: Settings) -> dict[str, str]:
    names = ("data_dir", "challenges_dir", "redis_url", "scorer_socket", "secret_key")
    known = {f.name for f in fields(Settings)}
    return {PREFIX + name.upper(): str(getattr(settings, name)) for name in names if name in known}


def _until(done: Callable[[], bool]) -> None:
    limit = time.perf_counter() + LIMIT_S
    while not done():
        if time.perf_counter() > limit:
            raise TimeoutError(f"not scored within {LIMIT_S:g} s")
        time.sleep(0.002)
