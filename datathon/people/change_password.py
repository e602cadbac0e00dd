"""Choose another password: knowing the old one, or through a link in a letter."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.kernel.errors import Conflict, NotFound
from datathon.people import letters, links, outbox
from datathon.people.queries import person_by_email
from datathon.people.register import STALE_LINK, Addresses
from datathon.people.tables import Person
from datathon.store.db import locked


def change_password(
    db: Session, *, person_id: UUID, before: str, after: str, addresses: Addresses, now: datetime
) -> Person:
    """Replace the hash ``before``, which the person just proved to know, by ``after``; end every session.

    Raises Conflict when the password was changed elsewhere meanwhile.
    """
    person = locked(db, Person, person_id)
    if person is None or person.password_hash != before:
        raise Conflict("Your password was changed from another page meanwhile.")
    _set(db, person, after, addresses=addresses, now=now)
    return person


def forgotten(db: Session, *, email: str, addresses: Addresses, now: datetime) -> None:
    """Write the letter with which a new password is chosen, when the address has an account."""
    person = person_by_email(db, email)
    if person is None or outbox.is_flooded(db, email, now=now):
        return
    token = links.make(addresses.secret, "reset", person, now=now)
    words = letters.reset(person.language, name=person.name, link=addresses.reset(token))
    outbox.write(db, to=email, subject=words.subject, body=words.body, person_id=person.id, now=now)


def reset(db: Session, *, link: links.Link, after: str, addresses: Addresses, now: datetime) -> Person:
    """Set the password of a link's account; the link is void afterwards, and so is every session.

    Reading the letter proves the address, which becomes confirmed. Raises NotFound when the link is no longer good.
    """
    person = locked(db, Person, link.person_id)
    if person is None or not link.fits(person, now=now):
        raise NotFound(STALE_LINK)
    person.confirmed_at = person.confirmed_at or now
    _set(db, person, after, addresses=addresses, now=now)
    return person


def _set(db: Session, person: Person, after: str, *, addresses: Addresses, now: datetime) -> None:
    person.password_hash = after
    person.session_epoch += 1
    words = letters.password_changed(person.language, name=person.name, forgotten=addresses.forgotten)
    outbox.write(db, to=person.email, subject=words.subject, body=words.body, person_id=person.id, now=now)
