"""Change what an account says of its person."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from datathon.people.tables import Person


@dataclass(frozen=True, slots=True)
class Details:
    """What people say of themselves, checked by ``people.fields``. ``profile`` is one of its PROFILES or empty."""

    name: str
    language: str
    profile: str = ""
    organisation: str = ""


def set_details(db: Session, *, person_id: UUID, details: Details) -> None:
    """Keep the details of an account."""
    person = db.get_one(Person, person_id)
    person.name, person.language = details.name, details.language
    person.profile, person.organisation = details.profile, details.organisation
    db.flush()
