"""Take a person's name, address and letters out of their account; what refers to it stays, under a pseudonym."""

from sqlmodel import Session, col, or_, select

from datathon.people.outbox import ERASED
from datathon.people.tables import Letter, Person, Role


def is_erased(person: Person) -> bool:
    """Whether this account was erased."""
    return person.email.endswith(ERASED)


def pseudonym_of(person: Person) -> str:
    """Return the name under which an erased person's acts stay: one for all of them, which says nothing of the person."""
    return f"anonyme-{person.id.hex[-6:]}"


def erase_account(db: Session, person: Person) -> None:
    """Empty the account for good: nobody signs in with it, every session ends, letters written to it are deleted.

    Its address is replaced by one that no mail reaches and nobody can register. Roles of organisers and observers are
    taken away, a juror's stays for whoever calls to decide.
    """
    query = select(Letter).where(or_(col(Letter.person_id) == person.id, col(Letter.to) == person.email))
    for letter in db.exec(query):
        db.delete(letter)
    for role in db.exec(select(Role).where(Role.person_id == person.id, Role.role != "juror")):
        db.delete(role)
    person.email = f"{person.id.hex}{ERASED}"
    person.name = pseudonym_of(person)
    person.password_hash, person.organisation, person.profile = "", "", ""
    person.confirmed_at = None
    person.session_epoch += 1
    db.add(person)
    db.flush()
