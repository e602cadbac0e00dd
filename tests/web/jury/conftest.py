import pytest
from flask import Flask
from judged import Judged, make_judged
from sqlalchemy import Engine

from datathon.store.db import transaction


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """The edition of 2025 with three prototypes to grade and two jurors, who declared nothing yet."""
    with transaction(engine) as db:
        return make_judged(db, teams="ABC", jurors=2)


@pytest.fixture
def app(judged: Judged, app: Flask) -> Flask:
    """The application, made after the jury is there."""
    del judged
    return app
