import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from factories import PASSWORD, make_person
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.cli_user import create
from datathon.config import Settings
from datathon.kernel.errors import Invalid
from datathon.people import fields
from datathon.people.accept import accept, accepted
from datathon.people.grant import grant
from datathon.people.passwords import hash_password, is_outdated, matches
from datathon.people.queries import acceptances_of, person_by_email, roles_of
from datathon.people.sign_in import NotConfirmed, recognise, renew_hash
from datathon.people.tables import Person
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry


@dataclass(frozen=True)
class Rules:
    """A legal text."""

    id: str = "rules"
    version: str = "1"
    digest: str = "0" * 64


def test_a_version_is_accepted_once_and_its_first_instant_stands(db: Session, now: datetime) -> None:
    person = make_person(db)
    first = accept(db, person_id=person.id, edition_id="2025", document=Rules(), now=now)
    again = accept(db, person_id=person.id, edition_id="2025", document=Rules(), now=now + timedelta(days=1))
    assert first == again
    (row,) = acceptances_of(db, person.id)
    assert (row.document, row.version, row.digest, row.accepted_at) == ("rules", "1", "0" * 64, now)


def test_a_new_version_is_to_be_accepted_again(db: Session, now: datetime) -> None:
    person = make_person(db)
    accept(db, person_id=person.id, edition_id="2025", document=Rules(), now=now)
    assert accepted(db, person_id=person.id, edition_id="2025", document=Rules())
    assert not accepted(db, person_id=person.id, edition_id="2025", document=Rules(version="2"))
    assert not accepted(db, person_id=person.id, edition_id="atelier", document=Rules())


def test_a_role_is_given_once_and_written_into_the_log(db: Session, now: datetime) -> None:
    person = make_person(db)
    assert grant(db, person_id=person.id, role="juror", edition_id="2025", now=now, actor=None, president=True)
    assert not grant(db, person_id=person.id, role="juror", edition_id="2025", now=now, actor=None)
    (role,) = roles_of(db, person.id)
    assert (role.role, role.edition_id, role.president) == ("juror", "2025", True)
    assert [entry.act for entry in db.exec(select(AuditEntry))] == ["grant_role"]


def test_an_unknown_role_is_refused(db: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        grant(db, person_id=make_person(db).id, role="king", edition_id="2025", now=now, actor=None)


@pytest.mark.parametrize(("length", "fits"), [(11, False), (12, True), (200, True), (201, False)])
def test_a_password_has_twelve_to_two_hundred_characters(length: int, fits: bool) -> None:  # noqa: FBT001
    password = "é" * length
    if not fits:
        with pytest.raises(Invalid):
            hash_password(password)
        return
    kept = hash_password(password)
    assert matches(kept, password)
    assert not matches(kept, password + "x")
    assert not is_outdated(kept)


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_nothing_matches_a_hash_that_is_none(kept: str | None) -> None:
    assert not matches(kept, "the password of nobody")


def test_people_are_recognised_by_their_password_alone(db: Session) -> None:
    person = make_person(db)
    assert recognise(person, PASSWORD) is person
    with pytest.raises(Invalid) as wrong:
        recognise(person, "not the password")
    with pytest.raises(Invalid) as unknown:
        recognise(None, PASSWORD)
    assert wrong.value.message == unknown.value.message


def test_only_the_right_password_learns_that_an_account_waits(db: Session) -> None:
    person = make_person(db, confirmed=False)
    with pytest.raises(NotConfirmed):
        recognise(person, PASSWORD)
    with pytest.raises(Invalid) as wrong:
        recognise(person, "not the password")
    assert not isinstance(wrong.value, NotConfirmed)


def test_a_weak_hash_is_renewed_unless_the_password_was_changed(db: Session) -> None:
    person = make_person(db)
    before = person.password_hash
    assert is_outdated(before)
    renew_hash(db, person_id=person.id, before="another", after="lost")
    assert person.password_hash == before
    renew_hash(db, person_id=person.id, before=before, after="stronger")
    assert person.password_hash == "stronger"


@pytest.mark.parametrize(
    ("text", "kept"),
    [(" Anne@Example.ORG ", "anne@example.org"), ("anne@mañana.example.com", "anne@xn--maana-pta.example.com")],
)
def test_an_address_is_kept_in_ascii_and_lower_case(text: str, kept: str) -> None:
    assert fields.email(text) == kept


@pytest.mark.parametrize("text", ["", "anne", "anne@", "@example.org", "a b@example.org", "é@example.org", "a@b@c.org"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        fields.email(text)


def test_a_name_is_one_line() -> None:
    assert fields.name(" Anne\n\tMarie\u202e  Le  Goff ") == "Anne Marie Le Goff"
    for wrong in ("", "  \n", "x" * 121):
        with pytest.raises(Invalid):
            fields.name(wrong)


def run(settings: Settings, email: str = "Anne@example.org", **more: object) -> int:
    given: dict[str, object] = {"role": "organiser", "edition": "2025", "name": "", "password": None, "as_json": True}
    return create(settings, email, **{**given, **more})  # type: ignore[arg-type]  # the same names as create's


def person(engine: Engine, email: str = "anne@example.org") -> Person:
    with reading(engine) as db:
        found = person_by_email(db, email)
    assert found is not None
    return found


def test_the_command_makes_a_confirmed_account_with_a_password(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["email"], told["role"], told["edition"]) == ("anne@example.org", "organiser", "2025")
    assert told["created"]
    assert told["granted"]
    made = person(engine)
    assert made.confirmed_at is not None
    assert matches(made.password_hash, told["password"])


def test_the_command_gives_a_role_to_an_account_and_leaves_its_password(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, password="un mot de passe choisi") == 0
    assert run(settings, role="juror") == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert not told["created"]
    assert "password" not in told
    assert matches(person(engine).password_hash, "un mot de passe choisi")
    with reading(engine) as db:
        assert [role.role for role in roles_of(db, person(engine).id)] == ["juror", "organiser"]


def test_the_command_takes_an_unconfirmed_account_from_whoever_typed_its_address(
    engine: Engine, settings: Settings
) -> None:
    with transaction(engine) as db:
        make_person(db, email="anne@example.org", confirmed=False)
    assert run(settings, password="un mot de passe choisi") == 0
    assert not matches(person(engine).password_hash, PASSWORD)
    assert person(engine).confirmed_at is not None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"edition": "2099"}, "known ones: 2025, atelier"),
        ({"role": "king"}, "organiser, juror, observer"),
        ({"email": "anne"}, "e-mail"),
        ({"password": "court"}, "12"),
    ],
)
def test_the_command_refuses_what_cannot_be(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str], more: dict[str, str], said: str
) -> None:
    assert run(settings, **more) == 2
    assert said in capsys.readouterr().err
    with reading(engine) as db:
        assert person_by_email(db, "anne@example.org") is None


def test_the_command_says_that_the_database_has_no_schema(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = replace(settings, data_dir=settings.data_dir / "empty", database_url="")
    assert run(empty) == 3
    assert "datathon db upgrade" in capsys.readouterr().err
