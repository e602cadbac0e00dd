"""Accounts from the command line: the first organiser of an installation."""

import json
import secrets

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session, select

from datathon.config import Settings
from datathon.editions.catalogue import load_catalogue
from datathon.editions.register import register
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import Invalid, NotFound
from datathon.people.grant import grant
from datathon.people.passwords import hash_password
from datathon.people.tables import Person
from datathon.store.db import make_engine, transaction


def create(
    settings: Settings, email: str, *, role: str, edition: str, name: str, password: str | None, as_json: bool
) -> int:
    """Make the account unless it exists, give it the role, and say so; a made password is printed once.

    Raises Invalid for an ill-formed address, password or role, NotFound for an edition that is not in the catalogue.
    """
    address = _address(email)
    found = load_catalogue(settings.challenges_dir).edition(edition)
    if found is None:
        raise NotFound(
            "There is no edition %(edition)s in %(folder)s.", edition=edition, folder=settings.challenges_dir
        )
    made = password or secrets.token_urlsafe(15)
    # Hashed outside the transaction: it takes a while by design.
    hashed = hash_password(made)
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with transaction(engine) as db:
            person, is_new = _account(db, address, name, hashed)
            register(db, found, now=utcnow())
            granted = grant(db, person_id=person.id, role=role, edition_id=edition, actor=None, now=utcnow())
    finally:
        engine.dispose()
    shown_password = made if is_new and password is None else None
    if as_json:
        answer = {"email": address, "role": role, "edition": edition, "created": is_new, "granted": granted}
        print(json.dumps({**answer, "password": shown_password}))  # noqa: T201 - the command's answer
        return 0
    print(f"{address} is {role} of {edition}")  # noqa: T201 - as above
    if shown_password is not None:
        print(f"password {shown_password}")  # noqa: T201 - as above
    return 0


def _address(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid("%(email)s is not an e-mail address: %(why)s", email=email, why=error) from error


def _account(db: Session, address: str, name: str, hashed: str) -> tuple[Person, bool]:
    """Return the account of that address and whether it was made here."""
    person = db.exec(select(Person).where(Person.email == address)).one_or_none()
    if person is not None:
        return person, False
    now = utcnow()
    person = Person(
        email=address, name=name or address.split("@", maxsplit=1)[0], password_hash=hashed, confirmed_at=now, created_at=now
    )
    db.add(person)
    db.flush()  # the role refers to the person
    return person, True
