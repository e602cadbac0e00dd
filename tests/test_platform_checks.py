from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.platform_checks import NotInOrder, checks, clock, database, mail, redis, storage
from datathon.store.db import make_engine
from datathon.store.migrate import upgrade


def test_a_new_installation_is_in_order(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "not yet", min_free_bytes=0)
    said = {name: look() for name, look in checks(settings)}
    assert set(said) == {"database", "redis", "storage", "clock", "mail"}
    assert "db upgrade" in said["database"]
    assert not (tmp_path / "not yet").exists(), "looking makes nothing"


def test_database_with_the_schema_is_in_order(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    engine = make_engine(settings.sqlalchemy_url)
    upgrade(engine)
    engine.dispose()
    assert database(settings) == "sqlite, schema of this version"


def test_database_without_the_schema_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "datathon.sqlite3").touch()
    with pytest.raises(NotInOrder, match="datathon db upgrade"):
        database(Settings(data_dir=tmp_path))


def test_database_that_is_away_is_said() -> None:
    with pytest.raises(NotInOrder, match="no answer"):
        database(Settings(database_url="postgresql://nobody:secret@127.0.0.1:1/none"))


def test_redis_that_is_away_is_said_without_its_password() -> None:
    with pytest.raises(NotInOrder, match="no answer") as told:
        redis(Settings(redis_url="redis://:secret@127.0.0.1:1/0"))
    assert "secret" not in str(told.value)


def test_storage_nearly_full_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotInOrder, match="left in"):
        storage(Settings(data_dir=tmp_path, min_free_bytes=1 << 60))


def test_clock_agrees_with_the_database(engine: Engine, settings: Settings) -> None:
    del engine
    assert "UTC" in clock(settings)


def test_mail_server_that_is_away_is_said(settings: Settings) -> None:
    with pytest.raises(NotInOrder, match="no greeting"):
        mail(replace(settings, smtp_url="smtp://127.0.0.1:1"))
