"""Engine, transactions and the two column types every room uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import JSON, Connection, DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel, select

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = JSON().with_variant(JSONB(), "postgresql")
"""Column type for small structured values; assign a new value instead of changing one in place."""

READING = "datathon_reading"
Row = TypeVar("Row", bound=SQLModel)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, stores UTC, gives aware UTC back on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; SQLite keeps it without the zone, sorted as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant; give it a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back where the database has none."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str) -> Engine:
    """Return an engine for ``url``: SQLite in WAL mode with immediate transactions, or PostgreSQL.

    SQLite's deferred transactions lose updates or fail on an upgrade of the lock, whatever the busy timeout; starting
    each writing transaction with ``BEGIN IMMEDIATE`` does neither. Make the engine after a fork, never before.
    """
    if not url.startswith("sqlite"):
        return create_engine(_with_driver(url), pool_pre_ping=True)
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _sqlite_pragmas)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _with_driver(url: str) -> str:
    for bare in ("postgres://", "postgresql://"):
        if url.startswith(bare):
            return "postgresql+psycopg://" + url.removeprefix(bare)
    return url


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open one writing transaction; commit at the end of the block, roll back when it raises. For doors only."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session that only reads: it never waits for a writer and nothing it holds is committed."""
    options: dict[str, object] = {READING: True}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    with Session(engine.execution_options(**options), expire_on_commit=False, autoflush=False) as session:
        yield session


def locked_row(db: Session, table: type[Row], key: tuple[object, ...]) -> Row | None:
    """Return the row with this primary key of several columns, locked as ``locked`` does."""
    columns = table.__table__.primary_key.columns  # type: ignore[attr-defined]  # set by table=True
    conditions = [column == value for column, value in zip(columns, key, strict=True)]
    return db.exec(select(table).where(*conditions).with_for_update()).one_or_none()


def locked(db: Session, table: type[Row], key: object) -> Row | None:
    """Return the row with this primary key, locked until the transaction ends (PostgreSQL; SQLite locks as a whole).

    Its key stays free to be referred to: a result that is written for a team never waits for an act of that team, nor
    the act for the result.
    """
    column = next(iter(table.__table__.primary_key.columns))  # type: ignore[attr-defined]  # set by table=True
    found = db.exec(select(table).where(column == key).with_for_update(key_share=True))
    return found.one_or_none()
