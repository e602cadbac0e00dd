"""Bring a database to the schema of this version."""

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
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7223365)")
        command.upgrade(configuration(connection), "head")
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema of this version."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        return current == ScriptDirectory.from_config(configuration(connection)).get_current_head()


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
