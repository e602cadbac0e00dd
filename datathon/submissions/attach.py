"""Attach a file to a prototype's dossier."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Challenge, DossierField, Edition, PhaseKind, Window
from datathon.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from datathon.store.files import Stored
from datathon.submissions.admission import acting_team
from datathon.submissions.dossier import begun
from datathon.submissions.rules import check_kind, check_open, clean_file_name
from datathon.submissions.tables import Prototype, PrototypeFile


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file that is safe in the store: its first bytes (16 suffice) tell its kind."""

    stored: Stored
    file_name: str
    head: bytes


def attach(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    field: str,
    file: Attachment,
    now: datetime,
) -> UUID:
    """Put ``file`` into a file field of the dossier, in place of the one before; return its key.

    What the file is, is read from its first bytes. Raises Invalid (kind, empty, no such field), TooLarge, Conflict
    (closed, handed in). The dossier's version stays: its texts did not change.
    """
    place = file_field(challenge, field)
    kind = check_kind(place, file.head) if file.stored.size else None
    if kind is None:
        raise Invalid("The file is empty.", field=field)
    if file.stored.size > place.max_bytes:
        raise TooLarge("The file is larger than %(limit)s.", field=field, limit=place.max_bytes)
    row = _draft(
        db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id, now=now
    )
    _remove(db, row.id, field)
    added = PrototypeFile(
        prototype_id=row.id,
        field=field,
        file_name=clean_file_name(file.file_name),
        digest=file.stored.digest,
        size_bytes=file.stored.size,
        media_type=kind,
        added_at=now,
    )
    db.add(added)
    db.flush()  # the caller gets the key of a row that exists
    return added.id


def detach(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    field: str,
    now: datetime,
) -> None:
    """Take the file out of a field of the dossier; nothing happens when there is none. Raises as ``attach``."""
    file_field(challenge, field)
    row = _draft(
        db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id, now=now
    )
    _remove(db, row.id, field)


def file_field(challenge: Challenge, field: str) -> DossierField:
    """Return the file field with this id; NotFound when the dossier has none."""
    place = next((f for f in challenge.dossier if f.id == field and f.type == "file"), None)
    if place is None:
        raise NotFound("The dossier has no such file.")
    return place


def _draft(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    now: datetime,
) -> Prototype:
    acting_team(db, edition=edition, team_id=team_id, person_id=person_id)
    check_open(windows, PhaseKind.PROTOTYPES)
    row = begun(db, edition=edition, challenge=challenge, team_id=team_id, person_id=person_id, now=now)
    if row.state != "draft":
        raise Conflict("The dossier is handed in. Reopen it to change it.")
    return row


def _remove(db: Session, prototype_id: UUID, field: str) -> None:
    query = select(PrototypeFile).where(PrototypeFile.prototype_id == prototype_id, PrototypeFile.field == field)
    for old in db.exec(query):
        db.delete(old)
    db.flush()  # the unique constraint on the field must see the old one gone
