from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged, make_judged
from sqlalchemy import Engine

from datathon.people.tables import Person
from datathon.store.db import transaction


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """The edition of 2025 with two prototypes and two jurors."""
    with transaction(engine) as db:
        return make_judged(db, teams="AB", jurors=2)


@pytest.fixture
def app(judged: Judged, app: Flask) -> Flask:
    """The application, made after the edition is there."""
    del judged
    return app


@pytest.fixture
def browser(at: Callable[[datetime], None], judged: Judged, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """The organiser's browser during the jury."""
    at(JURY_TIME)
    return sign_in(judged.organiser)
