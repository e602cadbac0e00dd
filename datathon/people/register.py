"""Create an account, and confirm that its address belongs to whoever asked.

Whether an address is known never shows on a page: in both cases a letter is written to it, and only the letter differs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from datathon.kernel.errors import Conflict, NotFound
from datathon.people import letters, links, outbox
from datathon.people.queries import person_by_email
from datathon.people.tables import Person
from datathon.store.db import locked

STALE_LINK = "This link is no longer good: it has expired, or a newer one was sent."


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses that letters hold: the links made of a token, and two pages."""

    secret: str
    confirm: Callable[[str], str]
    reset: Callable[[str], str]
    sign_in: str
    forgotten: str


def register(
    db: Session,
    *,
    email: str,
    name: str,
    password_hash: str,
    language: str,
    addresses: Addresses,
    onward: str,
    now: datetime,
) -> None:
    """Create an account that waits for its confirmation, and write the letter that asks for it.

    An address whose account waits already takes the new name and password, and older links become void: whoever reads
    the mail confirms what they typed last, not what somebody else typed before them. A confirmed address gets a letter
    that says so and nothing changes. ``onward`` is the path to go to after the confirmation.
    """
    if outbox.is_flooded(db, email, now=now):
        return
    person = _waiting_account(db, email, now)
    if person.confirmed_at is not None:
        words = letters.known(
            person.language, name=person.name, sign_in=addresses.sign_in, forgotten=addresses.forgotten
        )
        outbox.write(db, to=email, subject=words.subject, body=words.body, person_id=person.id, now=now)
        return
    person.name, person.password_hash, person.language = name, password_hash, language
    _ask(db, person, addresses=addresses, onward=onward, now=now)


def ask_again(db: Session, *, email: str, addresses: Addresses, now: datetime) -> None:
    """Write the letter once more when the address waits for its confirmation; otherwise nothing happens."""
    person = person_by_email(db, email)
    if person is None or person.confirmed_at is not None or outbox.is_flooded(db, email, now=now):
        return
    _ask(db, person, addresses=addresses, onward="", now=now)


def confirm(db: Session, *, link: links.Link, now: datetime) -> Person:
    """Confirm the address of a link's account and return the account.

    Raises Conflict when it is confirmed already, NotFound when the link is no longer good.
    """
    person = locked(db, Person, link.person_id)
    if person is not None and person.confirmed_at is not None:
        raise Conflict("This address is already confirmed: sign in.")
    if person is None or not link.fits(person, now=now):
        raise NotFound(STALE_LINK)
    person.confirmed_at = now
    db.flush()
    return person


def _waiting_account(db: Session, email: str, now: datetime) -> Person:
    found = person_by_email(db, email)
    if found is not None:
        return found
    person = Person(email=email, name="", password_hash="", created_at=now)
    try:
        with db.begin_nested():
            db.add(person)
    except IntegrityError:
        # Another request registered the same address in the same moment; its account is the one.
        found = person_by_email(db, email)
        if found is None:
            raise
        return found
    return person


def _ask(db: Session, person: Person, *, addresses: Addresses, onward: str, now: datetime) -> None:
    token = links.make(addresses.secret, "confirm", person, now=now, onward=onward)
    words = letters.confirm(person.language, name=person.name, link=addresses.confirm(token))
    outbox.write(db, to=person.email, subject=words.subject, body=words.body, person_id=person.id, now=now)
