"""``datathon user create``: the first account of an installation, and every office after it."""

import json
import secrets
import sys
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue, load_catalogue
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import Refusal
from datathon.people import fields
from datathon.people.grant import ROLES, grant
from datathon.people.passwords import hash_password
from datathon.people.queries import person_by_email
from datathon.people.tables import Person
from datathon.store.db import make_engine, transaction

DONE, WRONG_USAGE, PLATFORM_FAILED = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: ``password`` is one that was made here and is shown once, "" otherwise."""

    email: str
    role: str
    edition: str
    created: bool
    granted: bool
    password: str

    def sentences(self) -> str:
        """Return what happened, as lines for a person."""
        said = [f"account {self.email} {'created' if self.created else 'was there already'}"]
        if self.password:
            said.append(f"password, shown this once: {self.password}")
        said.append(f"{self.role} of {self.edition}{'' if self.granted else ' already'}")
        return "\n".join(said)

    def as_json(self) -> str:
        """Return what happened as one JSON object."""
        values: dict[str, object] = {
            "email": self.email,
            "role": self.role,
            "edition": self.edition,
            "created": self.created,
            "granted": self.granted,
        }
        if self.password:
            values["password"] = self.password
        return json.dumps(values)


def create(
    settings: Settings, email: str, *, role: str, edition: str, name: str, password: str | None, as_json: bool
) -> int:
    """Create a confirmed account with a role, or give the role to the account there is; print what was done.

    ``password`` None makes one and prints it once; an existing account keeps its own. Returns 0, 2 for a role, an
    edition or an address that cannot be, 3 when the database has no schema.
    """
    try:
        address = fields.email(email)
        wrong = _wrong_usage(load_catalogue(settings.challenges_dir), role, edition)
        if wrong:
            return _refuse(wrong, WRONG_USAGE)
        made = secrets.token_urlsafe(15) if password is None else password
        # Hashed outside the transaction: it takes a while by design.
        newcomer = Person(
            email=address,
            name=fields.name(name or address.partition("@")[0]),
            password_hash=hash_password(made),
            language=settings.default_language,
            created_at=utcnow(),
        )
    except Refusal as refusal:
        return _refuse(refusal.message % refusal.params, WRONG_USAGE)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with transaction(engine) as db:
            created, granted = _enter(db, newcomer, role=role, edition=edition, now=utcnow())
    except (OperationalError, ProgrammingError) as error:
        return _refuse(
            f"the database is not ready ({type(error).__name__}); run `datathon db upgrade`", PLATFORM_FAILED
        )
    finally:
        engine.dispose()
    outcome = Outcome(address, role, edition, created, granted, made if created and password is None else "")
    sys.stdout.write((outcome.as_json() if as_json else outcome.sentences()) + "\n")
    return DONE


def _enter(db: Session, newcomer: Person, *, role: str, edition: str, now: datetime) -> tuple[bool, bool]:
    """Return whether the account, or its password, and whether the role are new."""
    person = person_by_email(db, newcomer.email)
    created = person is None
    if person is None:
        person = newcomer
        db.add(person)
        db.flush()
    elif person.confirmed_at is None:
        # Nobody proved to own the address: whoever typed it first must not keep a password that opens an office.
        person.name, person.password_hash, created = newcomer.name, newcomer.password_hash, True
    # Whoever keeps the machine vouches for the address.
    person.confirmed_at = person.confirmed_at or now
    return created, grant(db, person_id=person.id, role=role, edition_id=edition, now=now, actor=None)


def _wrong_usage(catalogue: Catalogue, role: str, edition: str) -> str:
    if role not in ROLES:
        return f"{role!r} is not a role; the roles are {', '.join(ROLES)}"
    if catalogue.edition(edition) is None:
        known = ", ".join(sorted(catalogue.editions)) or "none"
        return f"there is no edition {edition!r}; known ones: {known}"
    return ""


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"datathon: {sentence}\n")
    return code
