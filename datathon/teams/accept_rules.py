"""Accept a legal text of an edition."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, NotFound
from datathon.people.tables import Acceptance, Person
from datathon.store.db import locked
from datathon.teams.queries import has_accepted


def accept_rules(
    db: Session, *, edition: Edition, person_id: UUID, version: str, now: datetime, document: str = "rules"
) -> None:
    """Record that the person accepts this ``version`` of a text, the one that was shown; twice is once.

    Raises NotFound (the edition has no such text), Conflict (the text has another version by now).
    """
    text = edition.document(document)
    if text is None:
        raise NotFound("This edition has no such text.")
    if text.version != version:
        raise Conflict("The text has changed meanwhile: read version %(version)s.", field="rules", version=text.version)
    locked(db, Person, person_id)  # a double click waits here and finds the first one's record
    if has_accepted(db, edition, person_id, document=document):
        return
    db.add(
        Acceptance(
            person_id=person_id,
            edition_id=edition.id,
            document=document,
            version=text.version,
            digest=text.digest,
            accepted_at=now,
        )
    )
    db.flush()  # whoever asks next in this transaction must see it
