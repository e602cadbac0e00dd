import json
from dataclasses import replace

import pytest
from sqlmodel import select

from datathon.cli_user import create
from datathon.kernel.errors import Invalid, NotFound
from datathon.people.passwords import matches
from datathon.people.tables import Person, Role
from datathon.store.db import reading


def make(settings, email="Anne@Example.org", *, role="organiser", edition="2025", password=None, as_json=True):
    return create(settings, email, role=role, edition=edition, name="", password=password, as_json=as_json)


def test_create_makes_a_confirmed_account_with_its_role_and_prints_its_password_once(engine, settings, capsys):
    assert make(settings) == 0
    said = json.loads(capsys.readouterr().out)
    assert {k: said[k] for k in ("email", "role", "edition", "created", "granted")} == {
        "email": "anne@example.org",
        "role": "organiser",
        "edition": "2025",
        "created": True,
        "granted": True,
    }
    with reading(engine) as db:
        person = db.exec(select(Person)).one()
        assert matches(person.password_hash, said["password"])
        assert person.confirmed_at is not None
        assert [(row.person_id, row.role) for row in db.exec(select(Role)).all()] == [(person.id, "organiser")]


def test_create_of_a_known_account_gives_the_role_and_keeps_the_password(engine, settings, capsys):
    make(settings, password="un mot de passe de test")
    make(settings, role="juror", password="un autre mot de passe")
    assert [json.loads(line)["password"] for line in capsys.readouterr().out.splitlines()] == [None, None]
    with reading(engine) as db:
        assert matches(db.exec(select(Person)).one().password_hash, "un mot de passe de test")
        assert {row.role for row in db.exec(select(Role)).all()} == {"organiser", "juror"}


@pytest.mark.parametrize("wrong", [{"email": "anne"}, {"role": "king"}, {"password": "short"}])
def test_create_with_something_ill_formed_writes_nothing(engine, settings, wrong):
    with pytest.raises(Invalid):
        make(settings, **wrong)
    with reading(engine) as db:
        assert db.exec(select(Person)).all() == []


def test_create_for_an_unknown_edition_is_refused(settings):
    with pytest.raises(NotFound, match="There is no edition"):
        make(replace(settings), edition="1999")
