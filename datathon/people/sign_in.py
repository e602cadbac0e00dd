"""Recognise somebody by address and password."""

from uuid import UUID

from sqlmodel import Session

from datathon.kernel.errors import Invalid
from datathon.people.passwords import matches
from datathon.people.tables import Person
from datathon.store.db import locked


class NotConfirmed(Invalid):
    """The password is right, but the address was never confirmed."""


def recognise(person: Person | None, password: str) -> Person:
    """Return the account when the password is its own; no account takes as long as a wrong password.

    Takes a while by design: call it outside any transaction. Raises Invalid with one sentence for both kinds of
    mistake, NotConfirmed when only the confirmation is missing.
    """
    right = matches(None if person is None else person.password_hash, password)
    if person is None or not right:
        raise Invalid("The address and the password do not go together.", field="password")
    if person.confirmed_at is None:
        raise NotConfirmed("Your address is not confirmed yet: open the link in the letter that we wrote to you.")
    return person


def renew_hash(db: Session, *, person_id: UUID, before: str, after: str) -> None:
    """Keep a stronger hash of the same password, unless the password was changed meanwhile."""
    person = locked(db, Person, person_id)
    if person is not None and person.password_hash == before:
        person.password_hash = after
