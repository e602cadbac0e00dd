from pathlib import Path

from alembic import command
from sqlalchemy import Engine, inspect

from datathon.schema import metadata
from datathon.store.db import make_engine
from datathon.store.migrate import configuration, is_current, upgrade


def _check(engine: Engine) -> None:
    assert upgrade(engine)
    assert is_current(engine)
    assert upgrade(engine), "a second run finds nothing to do"
    with engine.connect() as connection:
        # Raises when the tables in Python and those that migrations made differ in any way Alembic sees.
        command.check(configuration(connection))
        tables = set(inspect(connection).get_table_names())
    assert set(metadata.tables) <= tables


def test_upgrade_from_empty_equals_metadata_on_sqlite(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    _check(engine)
    engine.dispose()


def test_upgrade_from_empty_equals_metadata_on_postgresql(empty_postgresql: Engine) -> None:
    _check(empty_postgresql)
