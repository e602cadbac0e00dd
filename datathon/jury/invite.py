"""Invite somebody to a jury by a link that works once, withdraw the invitation, accept it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury import letters
from datathon.jury.queries import rubric_of
from datathon.jury.tables import JuryInvitation
from datathon.kernel.errors import Conflict, NotFound
from datathon.people import outbox
from datathon.people.grant import grant
from datathon.people.queries import person_by_email
from datathon.people.tables import Person, Role
from datathon.store import audit
from datathon.store.db import locked

LASTS = timedelta(days=30)
STALE_INVITATION = "This invitation is no longer good: it has served, was withdrawn or sent again, or has expired."


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is invited: address in lower case, name, language of the letter, and whether to preside."""

    email: str
    name: str
    language: str = "fr"
    president: bool = False


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The account that an invitation makes: name and hash of the password."""

    name: str
    password_hash: str
    language: str


def token_of(secret: str, invitation: JuryInvitation) -> str:
    """Return the token of an invitation's present link, safe in an address."""
    return str(_signer(secret).dumps([invitation.id.hex, invitation.serial]))


def invitation_of(db: Session, secret: str, token: str, *, now: datetime) -> JuryInvitation | None:
    """Return the invitation that a token opens, None when it is no longer good or was never signed here."""
    try:
        key, serial = _signer(secret).loads(token)
    except BadSignature:
        return None
    row = db.get(JuryInvitation, UUID(hex=key))
    return row if row is not None and row.serial == serial and _waits(row, now) else None


def invite(
    db: Session, *, edition: Edition, guest: Guest, link: Callable[[JuryInvitation], str], actor: UUID, now: datetime
) -> UUID:
    """Invite somebody and write the letter; the same address again gets another link, and the older one is void.

    ``link`` makes the address in the letter. Raises Conflict for somebody who is on the jury already, NotFound when the
    edition has no jury.
    """
    rubric_of(edition)
    # Two organisers inviting the same address wait for one another.
    locked(db, EditionRow, edition.id)
    person = person_by_email(db, guest.email)
    if person is not None and _on_jury(db, edition.id, person.id):
        raise Conflict("%(name)s is on the jury already.", field="email", name=person.name)
    query = select(JuryInvitation).where(JuryInvitation.edition_id == edition.id, JuryInvitation.email == guest.email)
    row = db.exec(query).one_or_none()
    if row is None:
        row = JuryInvitation(
            edition_id=edition.id,
            email=guest.email,
            name="",
            serial=0,
            invited_by=actor,
            invited_at=now,
            expires_at=now,
        )
    row.name, row.language, row.president = guest.name, guest.language, guest.president
    _send(db, edition, row, link=link, actor=actor, now=now)
    return row.id


def invite_again(
    db: Session,
    *,
    edition: Edition,
    invitation_id: UUID,
    link: Callable[[JuryInvitation], str],
    actor: UUID,
    now: datetime,
) -> str:
    """Send an invitation another time with another link; return its address. NotFound, or Conflict when accepted."""
    row = _unanswered(db, edition, invitation_id)
    _send(db, edition, row, link=link, actor=actor, now=now)
    return row.email


def withdraw_invitation(db: Session, *, edition: Edition, invitation_id: UUID, actor: UUID, now: datetime) -> str:
    """Make an invitation's link void; return its address. NotFound, or Conflict when it was accepted."""
    row = _unanswered(db, edition, invitation_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        audit.record(db, "withdraw_jury_invitation", str(row.id), now=now, actor=actor, edition=edition.id)
    return row.email


def accept_invitation(
    db: Session, *, invitation: JuryInvitation, person: Person | None, newcomer: Newcomer | None, now: datetime
) -> Person:
    """Put whoever accepts on the jury and return their account: the one signed in, or a new one for the address.

    A new account needs no confirmation, since the organiser vouches for the address; an address that has a confirmed
    account never gets another password this way. Raises NotFound when the link is no longer good, Conflict when the
    address has an account and nobody is signed in.
    """
    row = locked(db, JuryInvitation, invitation.id)
    if row is None or row.serial != invitation.serial or not _waits(row, now):
        raise NotFound(STALE_INVITATION)
    if person is None:
        person = _account(db, row, newcomer, now)
    grant(
        db,
        person_id=person.id,
        role="juror",
        edition_id=row.edition_id,
        president=row.president,
        actor=row.invited_by,
        now=now,
    )
    row.accepted_at, row.person_id = now, person.id
    audit.record(db, "accept_jury_invitation", str(row.id), now=now, actor=person.id, edition=row.edition_id)
    db.flush()
    return person


def _account(db: Session, row: JuryInvitation, newcomer: Newcomer | None, now: datetime) -> Person:
    found = person_by_email(db, row.email)
    if newcomer is None or (found is not None and found.confirmed_at is not None):
        raise Conflict("This address has an account: sign in with it to accept.")
    person = found or Person(email=row.email, name="", password_hash="", created_at=now)
    person.name, person.password_hash, person.language = newcomer.name, newcomer.password_hash, newcomer.language
    person.confirmed_at = now
    db.add(person)
    db.flush()
    return person


def _send(
    db: Session,
    edition: Edition,
    row: JuryInvitation,
    *,
    link: Callable[[JuryInvitation], str],
    actor: UUID,
    now: datetime,
) -> None:
    row.serial += 1
    row.invited_by, row.invited_at, row.expires_at, row.withdrawn_at = actor, now, now + LASTS, None
    row.accepted_at, row.person_id = None, None
    db.add(row)
    db.flush()
    organiser = db.get_one(Person, actor).name
    words = letters.invitation(
        row.language,
        name=row.name,
        edition=edition.title.get(row.language) or edition.title["fr"],
        organiser=organiser,
        link=link(row),
        days=LASTS.days,
        president=row.president,
    )
    outbox.write(db, to=row.email, subject=words.subject[:200], body=words.body, edition_id=edition.id, now=now)
    audit.record(db, "invite_juror", str(row.id), now=now, actor=actor, edition=edition.id)


def _unanswered(db: Session, edition: Edition, key: UUID) -> JuryInvitation:
    row = locked(db, JuryInvitation, key)
    if row is None or row.edition_id != edition.id:
        raise NotFound("There is no such invitation.")
    if row.accepted_at is not None:
        raise Conflict("This invitation was accepted already.")
    return row


def _waits(row: JuryInvitation, now: datetime) -> bool:
    return row.accepted_at is None and row.withdrawn_at is None and now < row.expires_at


def _on_jury(db: Session, edition_id: str, person_id: UUID) -> bool:
    query = select(Role.id).where(Role.person_id == person_id, Role.edition_id == edition_id, Role.role == "juror")
    return db.exec(query).first() is not None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="datathon.jury.invitation", signer_kwargs={"digest_method": hashlib.sha256})
