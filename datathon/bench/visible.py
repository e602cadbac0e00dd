"""How long a team waits: from the committed row to the score in the database, through the real services."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Engine

from datathon.config import PREFIX, Settings
from datathon.demo.places import challenges_dir
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

NAMES = ("visible-2600",)
ROUNDS = 15
LIMIT_S = 30.0


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the time from commit to the score's row for a 2,619-row file, beside pandas and scikit-learn in process.

    ``visible-2600``: a file of the population challenge is stored, its row committed and the bell rung; a real Valkey,
    RQ worker and scorer service do the rest, and the database is asked every 2 ms. The floor reads both files, aligns
    them and computes the two mean absolute errors with libraries already imported; it has no queue, no record and no
    sandbox to pay for, which is why this ratio is far above one. ``best_ms`` is what a person waits.
    """
    with tempfile.TemporaryDirectory(prefix="dtb") as folder, _services(Path(folder)) as (settings, engine):
        edition, challenge = _challenge(settings)
        source = challenge.folder / "baselines" / challenge.baselines[0]
        _one(settings, engine, edition, challenge, _variant(source, 0))
        waits = [_one(settings, engine, edition, challenge, _variant(source, n + 1)) for n in range(rounds)]
    floors = [_floor(challenge, source) for _ in range(rounds)]
    best, floor = min(waits), min(floors)
    return {
        "visible-2600": {
            "ratio": round(best / floor, 2), "aim": None, "best_ms": round(best * 1000, 2),
            "median_ms": round(median(waits) * 1000, 2), "floor_ms": round(floor * 1000, 2), "rounds": rounds,
        }
    }  # fmt: skip


@contextmanager
def _services(folder: Path) -> Iterator[tuple[Settings, Engine]]:
    sockets = Path(tempfile.mkdtemp(prefix="dtb"))
    choice = resolve_redis("", data_dir=folder / "valkey", socket_path=sockets / "valkey.sock")
    settings = replace(
        Settings(),
        data_dir=folder,
        challenges_dir=challenges_dir(Path("challenges")),
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
    scorer = ("-m", "datathon.scoring.sandbox.service", "--socket", str(settings.scorer_socket), "--die-with-parent")
    if choice.command:
        supervisor.add(Service("valkey", choice.command, {}, folder / "valkey.log"))
    supervisor.add(Service("scorer", (sys.executable, *scorer), {}, folder / "scorer.log"))
    worker = (sys.executable, "-m", "datathon.cli", "worker")
    supervisor.add(Service("worker", worker, _environment(settings), folder / "worker.log"))
    try:
        yield settings, engine
    finally:
        supervisor.stop()
        engine.dispose()
        shutil.rmtree(sockets, ignore_errors=True)


def _environment(settings: Settings) -> dict[str, str]:
    names = ("data_dir", "challenges_dir", "redis_url", "scorer_socket", "secret_key")
    known = {f.name for f in fields(Settings)}
    return {PREFIX + name.upper(): str(getattr(settings, name)) for name in names if name in known}


def _challenge(settings: Settings) -> tuple[Edition, Challenge]:
    for edition in load_catalogue(settings.challenges_dir).editions.values():
        challenge = edition.challenge("populations-2023")
        if challenge is not None:
            return edition, challenge
    raise LookupError("the challenge populations-2023 is not in the challenges folder")


def _variant(source: Path, number: int) -> bytes:
    """Return the file with one more blank line end, so that each round scores bytes of its own."""
    return source.read_bytes() + b"\n" * number


def _one(settings: Settings, engine: Engine, edition: Edition, challenge: Challenge, content: bytes) -> float:
    stored = _store(settings, content)
    started = time.perf_counter()
    with transaction(engine) as db:
        key = receive_baseline(
            db, edition=edition, challenge=challenge, name=stored.digest[:12], stored=stored, now=datetime.now(UTC)
        )
    ring(settings, engine)
    _until(lambda: _state(engine, key) not in {"received", "running"})
    elapsed = time.perf_counter() - started
    if (state := _state(engine, key)) != "scored":
        raise RuntimeError(f"the submission ended {state}, not scored")
    return elapsed


def _store(settings: Settings, content: bytes) -> Stored:
    path = settings.data_dir / "upload.csv"
    path.write_bytes(content)
    with path.open("rb") as file:
        return FileStore(settings.files_dir).put(file, limit_bytes=len(content))


def _state(engine: Engine, key: UUID) -> str:
    with reading(engine) as db:
        return db.get_one(Submission, key).state


def _until(done: Callable[[], bool]) -> None:
    limit = time.perf_counter() + LIMIT_S
    while not done():
        if time.perf_counter() > limit:
            raise TimeoutError(f"not scored within {LIMIT_S:g} s")
        time.sleep(0.002)


def _floor(challenge: Challenge, source: Path) -> float:
    import pandas as pd  # noqa: PLC0415 - only this benchmark pays for it
    from sklearn.metrics import mean_absolute_error  # noqa: PLC0415 - as above

    if challenge.reference is None:
        raise LookupError("the challenge has no reference")
    started = time.perf_counter()
    truth = pd.read_csv(challenge.folder / challenge.reference.file, dtype={"commune": str})
    given = pd.read_csv(source, dtype={"commune": str})
    both = truth.merge(given, on="commune", suffixes=("", "_given"), validate="one_to_one")
    parts = [both[both["Usage"] == part] for part in ("Public", "Private")]
    values = [mean_absolute_error(part["growth"], part["growth_given"]) for part in parts]
    elapsed = time.perf_counter() - started
    if not np.isfinite(values).all():
        raise RuntimeError("the floor gave no score")
    return elapsed
