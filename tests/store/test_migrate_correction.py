"""A jury closed before corrections were kept reads as not corrected."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, Table
from sqlmodel import Session

from datathon.jury.counting import frozen_correction
from datathon.jury.shrinkage import RAW
from datathon.store.db import make_engine
from datathon.store.migrate import configuration, upgrade

NOW = datetime(2025, 12, 8, 12, 0, tzinfo=UTC)


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


def test_jury_closed_before_is_not_corrected(before: Engine) -> None:
    sqlite = before.dialect.name == "sqlite"
    now, person = (NOW.replace(tzinfo=None), uuid4().hex) if sqlite else (NOW, uuid4())
    known = MetaData()
    with before.begin() as connection:
        table = {n: Table(n, known, autoload_with=connection) for n in ("edition", "person", "jury_closing")}
        connection.execute(table["edition"].insert().values(id="2025", starts=date(2025, 11, 5), registered_at=now))
        connection.execute(
            table["person"].insert().values(
                id=person, email="a@example.org", name="A", password_hash="x", language="fr", profile="",
                organisation="", session_epoch=0, created_at=now,
            )
        )  # fmt: skip
        connection.execute(table["jury_closing"].insert().values(edition_id="2025", closed_at=now, closed_by=person))
    upgrade(before)
    with Session(before) as db:
        assert frozen_correction(db, "2025") == RAW
