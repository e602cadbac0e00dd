import pytest
from factories import accept_rules, make_edition, make_person, make_team
from flask import Flask
from sqlalchemy import Engine
from web.participant.crew import Crew

from datathon.store.db import transaction


@pytest.fixture
def crew(engine: Engine) -> Crew:
    """Return the team Marée haute in the edition of 2025."""
    with transaction(engine) as db:
        make_edition(db)
        captain, mate, stranger = (make_person(db, n) for n in ("Camille", "Dominique", "Alex"))
        for person in (captain, mate):
            accept_rules(db, person)
        team = make_team(db, "Marée haute", captain=captain, members=(mate,))
        return Crew(captain, mate, stranger, team.id, team.invitation)


@pytest.fixture
def app(crew: Crew, app: Flask) -> Flask:
    """The application, made after the team is there."""
    del crew
    return app
