"""Fixtures for every room: a database of each kind, settings, a clock."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from demonstration import Seeded, fill
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import Session
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from datathon.config import Settings
from datathon.schema import metadata
from datathon.store.db import make_engine, transaction

# Many containers forbid Python to keep what it compiled. Each of the hundreds of processes that tests start would then
# compile all its libraries again: three seconds of the processor for a web process instead of one.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine must not fail a property: only what it says counts, not how long an example took.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

REPOSITORY = Path(__file__).parent.parent
PG_URL = os.environ.get("DATATHON_TEST_PG_URL", "")
WHOLE = {"journeys", "demo"}
"""Folders whose tests start a whole platform."""


class ByFile(LoadScopeScheduling):
    """A file's tests on one worker, and all that start a whole platform on one: two platforms starve each other.

    xdist's own groups do not reach pytest 9.2, which no longer reads the attribute they are written to.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "whole" if WHOLE & set(path.split("/")) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Give each worker the tests that belong together."""
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Begin with what starts a whole platform: one worker is busy with it for as long as the other with all the rest."""
    yield
    items.sort(key=lambda item: not WHOLE & set(item.path.parts))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the whole schema, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def _postgresql_database(purpose: str) -> Iterator[Engine]:
    if not PG_URL:
        pytest.skip("PostgreSQL tests: set DATATHON_TEST_PG_URL to run them")
    name = f"datathon_{purpose}_{os.getpid()}"
    server = create_engine(make_engine(PG_URL).url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine = make_engine(make_url(PG_URL).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture(scope="session")
def postgresql_engine() -> Iterator[Engine]:
    """A database of its own on the server named by DATATHON_TEST_PG_URL, with the whole schema."""
    with _postgresql_database("test") as engine:
        metadata.create_all(engine)
        yield engine


@pytest.fixture
def empty_postgresql() -> Iterator[Engine]:
    """A database of its own without any table."""
    with _postgresql_database("empty") as engine:
        yield engine


# Deleting is quicker than TRUNCATE where tables are many and hold little, and one message than sixty. Children first; two
# tables point at each other. A test that stamped the schema's version must not let the next application think it may
# register editions.
_EMPTY_AGAIN = "; ".join(
    [
        "UPDATE submission SET score_id = NULL WHERE score_id IS NOT NULL",
        *(str(table.delete()) for table in reversed(metadata.sorted_tables)),
        "DROP TABLE IF EXISTS alembic_version",
    ]
)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database with the schema; every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "datathon.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        sqlite = make_engine(f"sqlite:///{path}")
        yield sqlite
        sqlite.dispose()
        return
    server: Engine = request.getfixturevalue("postgresql_engine")
    yield server
    with server.begin() as connection:
        connection.exec_driver_sql(_EMPTY_AGAIN)


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A writing session that is committed at the end of the test."""
    with transaction(engine) as session:
        yield session


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Settings of a small installation on the test's own database, with the project's challenges."""
    return Settings(
        data_dir=tmp_path,
        challenges_dir=REPOSITORY / "challenges",
        database_url=engine.url.render_as_string(hide_password=False),
        secret_key="a secret of the tests, long enough to sign",
        min_free_bytes=0,
    )


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """A demonstration that was filled once for all who start one, and stopped."""
    folder = tmp_path_factory.mktemp("seeded") / "demo"
    folder.mkdir()
    return fill(folder)


@pytest.fixture
def now() -> datetime:
    """An instant: 20 November 2025, noon in Paris."""
    return datetime(2025, 11, 20, 11, 0, tzinfo=UTC)
