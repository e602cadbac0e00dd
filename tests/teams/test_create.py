from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from factories import accept_rules, grant, make_edition, make_person, make_team
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, Refusal
from datathon.store.db import transaction
from datathon.teams.create import create
from datathon.teams.queries import team_of, teams_in
from datathon.teams.tables import Team

Windows = tuple[Window, ...]


def _newcomer(db: Session, name: str = "Camille") -> UUID:
    person = make_person(db, name)
    accept_rules(db, person)
    return person.id


def test_create_makes_the_person_captain(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    person = _newcomer(db, "Camille")
    made = create(
        db, edition=edition, windows=open_windows, person_id=person, name=" Marée  haute", town="Caen", now=now
    )
    assert (made.name, made.slug, made.town, made.status) == ("Marée haute", "maree-haute", "Caen", "active")
    assert [(m.name, m.captain) for m in made.members] == [("Camille", True)]
    assert team_of(db, "2025", person) == made
    assert [(line.name, line.size) for line in teams_in(db, "2025")] == [("Marée haute", 1)]


def test_create_twice_by_one_person(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    person = _newcomer(db)
    create(db, edition=edition, windows=open_windows, person_id=person, name="Première", now=now)
    with pytest.raises(Conflict, match="already in the team"):
        create(db, edition=edition, windows=open_windows, person_id=person, name="Seconde", now=now)


def test_create_with_a_name_that_is_taken(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    make_team(db, "Marée haute")
    with pytest.raises(Conflict) as refusal:
        create(db, edition=edition, windows=open_windows, person_id=_newcomer(db), name="maree HAUTE", now=now)
    assert refusal.value.field == "name"


def test_create_without_accepting_the_rules(
    db: Session, edition: Edition, open_windows: Windows, now: datetime
) -> None:
    make_edition(db)
    person = make_person(db)
    accept_rules(db, person, version="0.9")
    with pytest.raises(NotAllowed, match="Accept the rules"):
        create(db, edition=edition, windows=open_windows, person_id=person.id, name="Marée", now=now)


@pytest.mark.parametrize("role", ["juror", "organiser"])
def test_create_by_someone_in_office(
    db: Session, edition: Edition, open_windows: Windows, now: datetime, role: str
) -> None:
    make_edition(db)
    person = make_person(db)
    accept_rules(db, person)
    grant(db, person, role)
    with pytest.raises(NotAllowed, match="Organisers and members of the jury"):
        create(db, edition=edition, windows=open_windows, person_id=person.id, name="Marée", now=now)


def test_create_after_registration(db: Session, edition: Edition, closed_windows: Windows, now: datetime) -> None:
    make_edition(db)
    with pytest.raises(Conflict, match="Registration is not open"):
        create(db, edition=edition, windows=closed_windows, person_id=_newcomer(db), name="Marée", now=now)


def test_create_with_a_town_too_long(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    with pytest.raises(Invalid) as refusal:
        create(db, edition=edition, windows=open_windows, person_id=_newcomer(db), name="Marée", town="c" * 81, now=now)
    assert refusal.value.field == "town"


def test_create_side_by_side_gives_one_team(
    engine: Engine, edition: Edition, open_windows: Windows, now: datetime
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        people = [_newcomer(db, f"Personne {n}") for n in range(6)]

    def attempt(person: UUID) -> str:
        try:
            with transaction(engine) as db:
                return create(db, edition=edition, windows=open_windows, person_id=person, name="Marée", now=now).slug
        except Refusal as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(6) as pool:
        results = sorted(pool.map(attempt, people))
    assert results == ["Conflict"] * 5 + ["maree"]
    with transaction(engine) as db:
        assert len(db.exec(select(Team)).all()) == 1
