"""What the application holds for its whole life, and what a request reads of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g
from sqlalchemy import Engine
from sqlmodel import Session

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.watch import Watch
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore

EXTENSION = "datathon"


@dataclass(frozen=True, slots=True)
class House:
    """Settings, database, catalogue and files of this process."""

    settings: Settings
    engine: Engine
    watch: Watch
    files: FileStore

    @property
    def catalogue(self) -> Catalogue:
        """The editions as they stood when the last request came in."""
        return self.watch.catalogue


def house() -> House:
    """Return what the application holds."""
    return cast("House", current_app.extensions[EXTENSION])


def now() -> datetime:
    """Return the instant of this request: the clock was read once, when it came in."""
    return cast("datetime", g.now)


@contextmanager
def read_db() -> Iterator[Session]:
    """Open a session that only reads."""
    with reading(house().engine) as db:
        yield db


@contextmanager
def write_db() -> Iterator[Session]:
    """Open the one writing transaction of this request; it is committed at the end of the block."""
    with transaction(house().engine) as db:
        yield db
