from datetime import datetime

import pytest
from factories import accept_rules, make_edition, make_person, make_team
from sqlalchemy import Engine
from submissions.scene import Scene, edition_2025

from datathon.store.db import transaction


@pytest.fixture
def scene(engine: Engine, now: datetime) -> Scene:
    """Return the team Marée haute on 20 November 2025, committed."""
    edition = edition_2025()
    predictions = next(c for c in edition.challenges if c.takes_predictions)
    prototype = next(c for c in edition.challenges if c.takes_prototypes)
    with transaction(engine) as db:
        make_edition(db)
        person = make_person(db, "Camille")
        accept_rules(db, person)
        team = make_team(db, "Marée haute", captain=person)
        return Scene(edition, predictions, prototype, team.id, person.id, now)
