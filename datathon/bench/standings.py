"""What a score costs when it lands on a board: with two hundred thousand submissions stored beside two thousand."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from datathon.bench import made_up
from datathon.editions.catalogue import load_catalogue
from datathon.editions.register import register
from datathon.editions.rules import Challenge, Edition
from datathon.kernel.clock import utcnow
from datathon.kernel.ids import new_id
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Landed
from datathon.people.tables import Person
from datathon.scoring.tables import Score
from datathon.store.db import make_engine, transaction
from datathon.store.migrate import upgrade
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

NAMES = ("standings-200000",)
FEW, MANY, TEAMS, ROUNDS, BATCH = 2_000, 200_000, 500, 60, 10_000


def run(few: int = FEW, many: int = MANY, teams: int = TEAMS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the time of one update with ``many`` stored submissions beside the same with ``few``, of ``teams`` teams.

    An update is the whole transaction in which a score lands: its row, its record, the team's standing, the board's
    snapshot, the commit. SQLite, both databases in turns; the best of ``rounds`` counts.
    """
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        made_up.write_edition(Path(folder) / "challenges")
        edition = load_catalogue(Path(folder) / "challenges").editions[made_up.EDITION]
        costs: dict[int, list[float]] = {few: [], many: []}
        with _night(Path(folder), edition, few, teams) as small, _night(Path(folder), edition, many, teams) as large:
            for number in range(rounds + 2):
                for size, night in ((few, small), (many, large)):
                    costs[size].append(night.land(number))
    floor, cost = (min(costs[size][2:]) for size in (few, many))
    row = {"ratio": round(cost / floor, 3), "aim": 1.2, "best_ms": round(cost * 1000, 2),
           "floor_ms": round(floor * 1000, 2), "rounds": rounds}  # fmt: skip
    return {NAMES[0]: row}


class Night:
    """A database with teams and their scored submissions, and the act of one more score."""

    def __init__(self, engine: Engine, edition: Edition, teams: list[Any], stored: int) -> None:
        challenge = edition.challenge("small")
        if challenge is None:
            raise LookupError("the made-up edition has no challenge small")
        self.engine, self.edition, self.challenge = engine, edition, challenge
        self.teams, self.stored = teams, stored

    def land(self, number: int) -> float:
        """Return the seconds of the transaction in which a score lands."""
        now = utcnow()
        rows = _rows(self.edition, self.challenge, self.teams, self.stored + number, now)
        started = time.perf_counter()
        with transaction(self.engine) as db:
            _insert(db, [rows])
            refresh(db, self.edition, self.challenge, now=now, change=Landed(rows[0]["id"]))
        return time.perf_counter() - started


@contextmanager
def _night(folder: Path, edition: Edition, stored: int, teams: int) -> Iterator[Night]:
    engine = make_engine(f"sqlite:///{folder / f'{stored}.sqlite3'}")
    upgrade(engine)
    now = utcnow()
    with transaction(engine) as db:
        register(db, edition, now=now)
        keys = _teams(db, edition, teams, now)
        challenge = edition.challenge("small")
        if challenge is None:
            raise LookupError("the made-up edition has no challenge small")
        for first in range(0, stored, BATCH):
            numbers = range(first, min(first + BATCH, stored))
            _insert(db, [_rows(edition, challenge, keys, n, now - timedelta(minutes=1)) for n in numbers])
        refresh(db, edition, challenge, now=now)
    try:
        yield Night(engine, edition, keys, stored)
    finally:
        engine.dispose()


def _teams(db: Session, edition: Edition, count: int, now: datetime) -> list[Any]:
    person = Person(email="bench@example.org", name="Bench", password_hash="", confirmed_at=now, created_at=now)
    db.add(person)
    db.flush()
    keys = [new_id() for _ in range(count)]
    values = [
        {"id": key, "edition_id": edition.id, "name": f"Équipe {n:03d}", "slug": f"equipe-{n:03d}", "town": "Caen",
         "status": "active", "captain_id": person.id, "invitation": str(key), "created_at": now}
        for n, key in enumerate(keys)
    ]  # fmt: skip
    db.execute(insert(Team), values)
    return keys


def _rows(
    edition: Edition, challenge: Challenge, teams: list[Any], number: int, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return submission ``number`` from 0 and its record, as columns; the same value every time."""
    key, record = new_id(), new_id()
    value = Random(number).random()  # noqa: S311 - made-up data
    submission = {
        "id": key, "edition_id": edition.id, "challenge_id": challenge.id, "team_id": teams[number % len(teams)],
        "baseline": "", "number": number // len(teams) + 1, "file_name": "p.csv", "digest": "a" * 64, "size_bytes": 9,
        "state": "scored", "attempt": 1, "received_at": now, "finished_at": now, "score_id": record,
    }  # fmt: skip
    score = {
        "id": record, "submission_id": key, "attempt": 1, "public": {"roc_auc": value}, "private": {"roc_auc": value},
        "all_rows": {"roc_auc": value}, "scorer": "roc_auc", "scorer_version": "1", "scorer_digest": "-",
        "reference_digest": "-", "submission_digest": "-", "environment_digest": "-", "basis": "", "sandbox": "full",
        "timings_ms": {}, "scored_at": now,
    }  # fmt: skip
    return submission, score


def _insert(db: Session, rows: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    db.execute(insert(Submission), [submission for submission, _ in rows])
    db.execute(insert(Score), [score for _, score in rows])
