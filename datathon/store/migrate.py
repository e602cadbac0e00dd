"""Bring a database to the schema of this version."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

SCRIPTS = Path(__file__).parent.parent / "migrations"


def upgrade(engine: Engine) -> str:
    """Run every migration that is missing, in one transaction, and return the revision reached.

    Two processes may call it at once: the second waits for the first (SQLite's write lock, an advisory lock on
    PostgreSQL) and finds nothing left to do.
    """
    with _unheld(engine) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7223365)")
        command.upgrade(configuration(connection), "head")
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("a migration left rows that refer to nothing")
        return MigrationContext.configure(connection).get_current_revision() or ""


@contextmanager
def _unheld(engine: Engine) -> Iterator[Connection]:
    """Open a connection; on SQLite without foreign keys, which cannot be switched off inside a transaction.

    To change a table SQLite makes it anew and drops the old one, which foreign keys forbid where rows refer to it.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        driver = connection.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
            driver.close()


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema of this version."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest()


@cache
def newest() -> str | None:
    """Return the newest revision of this version. Alembic runs every script to tell it; a running process's stay the same."""
    return ScriptDirectory(SCRIPTS).get_current_head()


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
