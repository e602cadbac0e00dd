import re
from datetime import datetime, timedelta

import pytest
from factories import make_person
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.kernel.errors import Conflict, NotFound
from datathon.people import links
from datathon.people.change_password import change_password, forgotten, reset
from datathon.people.queries import letters_of, person_by_email
from datathon.people.register import Addresses, ask_again, confirm, register
from datathon.people.tables import Letter, Person
from datathon.store.db import transaction

SECRET = "a secret of the tests, long enough to sign"
ADDRESSES = Addresses(
    secret=SECRET,
    confirm=lambda token: f"https://here/confirm/{token}",
    reset=lambda token: f"https://here/reset/{token}",
    sign_in="https://here/sign-in",
    forgotten="https://here/forgotten",
)
EMAIL = "camille@example.org"


def come(db: Session, now: datetime, *, hashed: str = "first", language: str = "fr", onward: str = "") -> Person:
    register(
        db,
        email=EMAIL,
        name="Camille",
        password_hash=hashed,
        language=language,
        addresses=ADDRESSES,
        onward=onward,
        now=now,
    )
    person = person_by_email(db, EMAIL)
    assert person is not None
    return person


def link_of(db: Session, purpose: links.Purpose) -> links.Link:
    """Return the link of the last letter that holds one of this purpose."""
    bodies = [row.body for row in db.exec(select(Letter)) if f"/{purpose}/" in row.body]
    found = re.search(rf"/{purpose}/(\S+)", bodies[-1])
    assert found
    link = links.read(SECRET, purpose, found[1])
    assert link is not None
    return link


def test_an_account_waits_for_the_link_of_its_letter(db: Session, now: datetime) -> None:
    person = come(db, now, onward="/e/2025/team")
    assert person.confirmed_at is None
    link = link_of(db, "confirm")
    assert link.onward == "/e/2025/team"
    assert confirm(db, link=link, now=now + timedelta(hours=1)).confirmed_at == now + timedelta(hours=1)


@pytest.mark.parametrize(("language", "subject"), [("fr", "Confirmez"), ("en", "Confirm your")])
def test_a_letter_speaks_the_language_of_its_reader(db: Session, now: datetime, language: str, subject: str) -> None:
    person = come(db, now, language=language)
    (letter,) = letters_of(db, person.id)
    assert letter.subject.startswith(subject)
    assert letter.to == EMAIL


def test_a_link_confirms_once(db: Session, now: datetime) -> None:
    come(db, now)
    link = link_of(db, "confirm")
    confirm(db, link=link, now=now)
    with pytest.raises(Conflict):
        confirm(db, link=link, now=now)


def test_a_link_ends_after_three_days(db: Session, now: datetime) -> None:
    come(db, now)
    link = link_of(db, "confirm")
    with pytest.raises(NotFound):
        confirm(db, link=link, now=now + timedelta(days=3))
    confirm(db, link=link, now=now + timedelta(days=3, seconds=-1))


def test_registering_again_makes_the_first_link_void_and_keeps_the_last_password(db: Session, now: datetime) -> None:
    come(db, now, hashed="of somebody else")
    first = link_of(db, "confirm")
    come(db, now + timedelta(minutes=1), hashed="of the owner")
    with pytest.raises(NotFound):
        confirm(db, link=first, now=now + timedelta(minutes=2))
    newer = [x for x in letters_of(db, first.person_id) if x.written_at > now]
    token = newer[0].body.partition("/confirm/")[2].split()[0]
    link = links.read(SECRET, "confirm", token)
    assert link is not None
    assert confirm(db, link=link, now=now + timedelta(minutes=2)).password_hash == "of the owner"


def test_registering_a_confirmed_address_changes_nothing_and_tells_its_owner(db: Session, now: datetime) -> None:
    owner = make_person(db, "Camille Vraie", email=EMAIL)
    before = (owner.name, owner.password_hash, owner.session_epoch)
    come(db, now, hashed="of somebody else")
    db.refresh(owner)
    assert (owner.name, owner.password_hash, owner.session_epoch) == before
    (letter,) = letters_of(db, owner.id)
    assert letter.subject == "Vous avez déjà un compte"
    assert "/confirm/" not in letter.body


def test_an_address_cannot_be_flooded_by_registering(db: Session, now: datetime) -> None:
    for minute in range(9):
        person = come(db, now + timedelta(minutes=minute), hashed=f"hash {minute}")
    assert len(letters_of(db, person.id)) == 5
    # The last letter's link still fits: what was not written changed nothing.
    assert person.password_hash == "hash 4"


def test_the_letter_is_written_again_only_while_the_address_waits(db: Session, now: datetime) -> None:
    person = come(db, now)
    ask_again(db, email=EMAIL, addresses=ADDRESSES, now=now)
    confirm(db, link=link_of(db, "confirm"), now=now)
    ask_again(db, email=EMAIL, addresses=ADDRESSES, now=now)
    ask_again(db, email="unknown@example.org", addresses=ADDRESSES, now=now)
    assert len(letters_of(db, person.id)) == 2


def test_no_letter_remains_of_a_registration_that_was_rolled_back(engine: Engine, now: datetime) -> None:
    with Session(engine) as db, db.begin() as begun:
        come(db, now)
        begun.rollback()
    with transaction(engine) as db:
        assert db.exec(select(Letter)).all() == []


def test_a_link_of_one_purpose_does_not_serve_another(db: Session, now: datetime) -> None:
    token = links.make(SECRET, "confirm", make_person(db), now=now)
    assert links.read(SECRET, "confirm", token) is not None
    assert links.read(SECRET, "reset", token) is None


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda _: "", lambda t: t.swapcase()])
def test_a_changed_link_is_refused(db: Session, now: datetime, change: object) -> None:
    token = links.make(SECRET, "reset", make_person(db), now=now)
    assert callable(change)
    assert links.read(SECRET, "reset", change(token)) is None
    assert links.read("another secret", "reset", token) is None


def test_a_forgotten_password_is_replaced_once_and_ends_sessions(db: Session, now: datetime) -> None:
    person = make_person(db, email=EMAIL, confirmed=False)
    forgotten(db, email=EMAIL, addresses=ADDRESSES, now=now)
    link = link_of(db, "reset")
    changed = reset(db, link=link, after="another", addresses=ADDRESSES, now=now)
    assert (changed.password_hash, changed.session_epoch, changed.confirmed_at) == ("another", 1, now)
    assert "Votre mot de passe a été modifié" in {x.subject for x in letters_of(db, person.id)}
    with pytest.raises(NotFound):
        reset(db, link=link, after="a third", addresses=ADDRESSES, now=now)


def test_a_link_for_a_new_password_ends_after_two_hours(db: Session, now: datetime) -> None:
    make_person(db, email=EMAIL)
    forgotten(db, email=EMAIL, addresses=ADDRESSES, now=now)
    with pytest.raises(NotFound):
        reset(db, link=link_of(db, "reset"), after="another", addresses=ADDRESSES, now=now + timedelta(hours=2))


def test_no_letter_goes_to_an_unknown_address(db: Session, now: datetime) -> None:
    forgotten(db, email="unknown@example.org", addresses=ADDRESSES, now=now)
    assert db.exec(select(Letter)).all() == []


def test_a_password_that_was_changed_elsewhere_is_not_overwritten(db: Session, now: datetime) -> None:
    person = make_person(db)
    with pytest.raises(Conflict):
        change_password(db, person_id=person.id, before="not this", after="another", addresses=ADDRESSES, now=now)
