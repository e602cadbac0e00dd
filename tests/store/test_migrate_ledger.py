"""A database of the first schema, filled, gets the quota's ledger that its history would have left."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, Table
from sqlmodel import Session, select

from datathon.store.db import make_engine
from datathon.store.migrate import configuration, upgrade
from datathon.submissions.tables import QuotaEntry

LATE = datetime(2025, 11, 20, 23, 30, tzinfo=UTC)
"""Half past midnight of the 21st in Paris."""
STATES = ["received", "running", "scored", "rejected", "failed", "withdrawn"]


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Return a database at revision 0001."""
    if request.param == "postgresql":
        engine = request.getfixturevalue("empty_postgresql")
    else:
        engine = make_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
    yield engine
    engine.dispose()


def fill(engine: Engine) -> dict[str, UUID]:
    """Put one submission of each state in, a withdrawn one with a score, and a baseline."""
    known = MetaData()
    with engine.begin() as connection:
        table = {name: Table(name, known, autoload_with=connection) for name in ("edition", "person", "team")}
        submission = Table("submission", known, autoload_with=connection)
        sqlite = engine.dialect.name == "sqlite"

        def instant(at: datetime) -> datetime:
            return at.replace(tzinfo=None) if sqlite else at

        def key(value: UUID) -> object:
            return value.hex if sqlite else value

        person, team = uuid4(), uuid4()
        now = instant(LATE)
        connection.execute(table["edition"].insert().values(id="2025", starts=date(2025, 11, 5), registered_at=now))
        connection.execute(
            table["person"].insert().values(
                id=key(person), email="a@example.org", name="A", password_hash="x", language="fr", profile="",
                organisation="", session_epoch=0, created_at=now,
            )
        )  # fmt: skip
        connection.execute(
            table["team"].insert().values(
                id=key(team), edition_id="2025", name="M", slug="m", town="", status="active", captain_id=key(person),
                invitation="i", created_at=now,
                **{c.name: "" for c in table["team"].columns if c.name in {"status_reason", "reason"}},
            )
        )  # fmt: skip
        made: dict[str, UUID] = {}
        for number, state in enumerate([*STATES, "seen", "baseline"], start=1):
            made[state] = uuid4()
            over = state in {"scored", "rejected", "failed", "seen", "baseline"}
            connection.execute(
                submission.insert().values(
                    id=key(made[state]), edition_id="2025", challenge_id="c",
                    team_id=None if state == "baseline" else key(team),
                    baseline="", number=number, file_name="p.csv", digest="a" * 64, size_bytes=1, message="",
                    state={"seen": "withdrawn", "baseline": "scored"}.get(state, state), attempt=1, received_at=now,
                    finished_at=instant(LATE + timedelta(minutes=1)) if over else None, worker="", code="",
                    problems=[] if not sqlite else "[]",
                )
            )  # fmt: skip
    return made


def test_upgrade_writes_the_ledger_of_the_submissions_that_are_there(before: Engine) -> None:
    made = fill(before)
    upgrade(before)
    with Session(before) as db:
        entries = db.exec(select(QuotaEntry)).all()
    kinds = {
        state: sorted((e.kind, e.reason) for e in entries if e.submission_id == submission)
        for state, submission in made.items()
    }
    reserved = ("reserve", "")
    assert kinds == {
        "received": [reserved],
        "running": [reserved],
        "scored": [("commit", ""), reserved],
        "rejected": [("refund", "rejected"), reserved],
        "failed": [("refund", "failed"), reserved],
        "withdrawn": [("refund", "withdrawn"), reserved],
        "seen": [("commit", ""), reserved],
        "baseline": [],
    }
    assert {e.day for e in entries} == {date(2025, 11, 21)}
