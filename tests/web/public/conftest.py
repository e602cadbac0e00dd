"""The edition of 2025 with two teams, as visitors find it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from flask import Flask
from sqlalchemy import Engine

from datathon.leaderboard.snapshot import refresh
from datathon.people.tables import Person
from datathon.store.db import transaction

BOARD = "/e/2025/c/metiers-secteurs/leaderboard"


@dataclass(frozen=True, slots=True)
class Fair:
    """Two teams with a score each and the organisers' baseline between them."""

    captain: Person
    other: Person


@pytest.fixture
def fair(engine: Engine) -> Fair:
    """Return the edition with its scored teams, before any board was drawn."""
    with transaction(engine) as db:
        make_edition(db)
        people = []
        for name, score in (("Marée haute", 0.3391), ("Cap Cotentin", 0.1490)):
            team = make_team(db, name)
            make_score(db, make_submission(db, team, state="scored"), public=score, private=score + 0.01)
            people.append(db.get_one(Person, team.captain_id))
        make_score(db, make_submission(db, None, state="scored", baseline="frequency"), public=0.1587, private=0.16)
        return Fair(*people)


@pytest.fixture
def app(fair: Fair, app: Flask) -> Flask:
    """The application, made after the edition is there."""
    del fair
    return app


@pytest.fixture
def draw(app: Flask) -> Callable[..., None]:
    """Draw the board of the prediction challenge as the worker does."""

    def redraw(now: datetime = NOW) -> None:
        found = app.extensions["datathon"]
        edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
        assert challenge is not None
        with transaction(found.engine) as db:
            refresh(db, edition, challenge, now=now)

    return redraw
