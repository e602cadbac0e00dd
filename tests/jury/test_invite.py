"""Invitations to a jury: one link, one use; no account is taken over by one."""

from datetime import timedelta
from uuid import UUID

import pytest
from factories import make_person
from judged import JURY_TIME, Judged, make_judged
from sqlmodel import Session, select

from datathon.jury.invite import (
    LASTS,
    Guest,
    Newcomer,
    accept_invitation,
    invitation_of,
    invite,
    invite_again,
    token_of,
    withdraw_invitation,
)
from datathon.jury.set_availability import set_availability, set_president
from datathon.jury.tables import JurorAvailability, JuryInvitation
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.people.tables import Letter, Person, Role

SECRET = "a secret of the tests, long enough to sign"
NEW = Newcomer("Zoé Martin", "hash", "fr")


def invited(db: Session, judged: Judged, email: str = "zoe@example.org", *, president: bool = False) -> JuryInvitation:
    key = invite(
        db,
        edition=judged.edition,
        guest=Guest(email, "Zoé", "fr", president),
        link=lambda row: f"link:{token_of(SECRET, row)}",
        actor=judged.organiser.id,
        now=JURY_TIME,
    )
    return db.get_one(JuryInvitation, key)


def juror_roles(db: Session, person: UUID) -> list[bool]:
    return [r.president for r in db.exec(select(Role).where(Role.person_id == person, Role.role == "juror"))]


def test_invitation_writes_a_letter_and_its_link_makes_an_account_once(db: Session) -> None:
    judged = make_judged(db)
    row = invited(db, judged, president=True)
    token = token_of(SECRET, row)
    letter = db.exec(select(Letter)).one()
    assert f"link:{token}" in letter.body
    assert "présider le jury" in letter.body
    found = invitation_of(db, SECRET, token, now=JURY_TIME)
    assert found is not None
    person = accept_invitation(db, invitation=found, person=None, newcomer=NEW, now=JURY_TIME)
    assert (person.email, person.name, person.confirmed_at) == ("zoe@example.org", "Zoé Martin", JURY_TIME)
    assert juror_roles(db, person.id) == [True]
    assert invitation_of(db, SECRET, token, now=JURY_TIME) is None
    with pytest.raises(NotFound):
        accept_invitation(db, invitation=found, person=None, newcomer=NEW, now=JURY_TIME)
    with pytest.raises(Conflict):
        invited(db, judged)


def test_link_is_void_when_sent_again_withdrawn_expired_or_forged(db: Session) -> None:
    judged = make_judged(db)
    row = invited(db, judged)
    old = token_of(SECRET, row)
    facts = {"edition": judged.edition, "invitation_id": row.id, "actor": judged.organiser.id, "now": JURY_TIME}
    invite_again(db, link=lambda one: token_of(SECRET, one), **facts)
    new = token_of(SECRET, row)
    assert invitation_of(db, SECRET, old, now=JURY_TIME) is None
    assert invitation_of(db, SECRET, new, now=JURY_TIME) is not None
    assert invitation_of(db, "another secret", new, now=JURY_TIME) is None
    assert invitation_of(db, SECRET, new + "x", now=JURY_TIME) is None
    assert invitation_of(db, SECRET, new, now=JURY_TIME + LASTS + timedelta(seconds=1)) is None
    withdraw_invitation(db, **facts)
    assert invitation_of(db, SECRET, new, now=JURY_TIME) is None
    with pytest.raises(NotFound):
        accept_invitation(db, invitation=row, person=None, newcomer=NEW, now=JURY_TIME)


def test_link_never_changes_the_password_of_an_account(db: Session) -> None:
    judged = make_judged(db)
    owner = make_person(db, "Zoé", email="zoe@example.org")
    before = owner.password_hash
    row = invited(db, judged)
    with pytest.raises(Conflict):
        accept_invitation(db, invitation=row, person=None, newcomer=NEW, now=JURY_TIME)
    assert owner.password_hash == before
    assert juror_roles(db, owner.id) == []
    accept_invitation(db, invitation=row, person=owner, newcomer=None, now=JURY_TIME)
    assert juror_roles(db, owner.id) == [False]


def test_account_that_waits_for_its_confirmation_takes_the_password_of_the_link(db: Session) -> None:
    judged = make_judged(db)
    waiting = make_person(db, "Autre", email="zoe@example.org", confirmed=False)
    person = accept_invitation(db, invitation=invited(db, judged), person=None, newcomer=NEW, now=JURY_TIME)
    assert (person.id, person.password_hash, person.name) == (waiting.id, "hash", "Zoé Martin")
    assert len(db.exec(select(Person).where(Person.email == "zoe@example.org")).all()) == 1


def test_availability_and_presidency_belong_to_the_jury(db: Session) -> None:
    judged = make_judged(db)
    juror = judged.jurors[0].id
    for sheets in (4, None):
        set_availability(db, edition_id="2025", juror_id=juror, sheets=sheets, times=" le 3,\nle matin ", now=JURY_TIME)
        row = db.exec(select(JurorAvailability)).one()
        assert (row.sheets, row.times) == (sheets, "le 3, le matin")
    with pytest.raises(Invalid):
        set_availability(db, edition_id="2025", juror_id=juror, sheets=501, times="", now=JURY_TIME)
    with pytest.raises(NotAllowed):
        set_availability(db, edition_id="2025", juror_id=judged.organiser.id, sheets=1, times="", now=JURY_TIME)
    facts = {"edition_id": "2025", "organiser_id": judged.organiser.id, "now": JURY_TIME}
    set_president(db, juror_id=juror, president=True, **facts)
    assert juror_roles(db, juror) == [True]
    with pytest.raises(NotFound):
        set_president(db, juror_id=judged.organiser.id, president=True, **facts)
