"""Minutes after they were frozen: kept when a deliberation is reopened, signed, read by the public without names."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person
from datathon.publication.queries import latest
from datathon.publication.tables import FrozenMinutes, MinutesSignature
from datathon.store import audit
from datathon.store.db import locked

NAME_LIMIT = 120
PRESIDENT, ORGANISER = "president", "organiser"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for ``role`` (president or organiser), and how; ``name`` is empty for an erased account."""

    role: str
    name: str
    medium: str
    signed_at: datetime


def freeze_minutes(
    db: Session, *, edition_id: str, content: str, public: str, organiser_id: UUID, now: datetime
) -> FrozenMinutes:
    """Keep minutes as they were validated, for good."""
    row = FrozenMinutes(
        edition_id=edition_id,
        content=content,
        sha256=_digest(content),
        public=public,
        public_sha256=_digest(public) if public else "",
        validated_at=now,
        validated_by=organiser_id,
    )
    db.add(row)
    db.flush()
    return row


def replace_minutes(db: Session, *, edition_id: str, reason: str, now: datetime) -> None:
    """Note that the minutes that hold do not hold any more; they stay readable."""
    row = holding(db, edition_id)
    if row is not None:
        row.replaced_at, row.replaced_why = now, reason
        db.add(row)


def holding(db: Session, edition_id: str) -> FrozenMinutes | None:
    """Return the minutes that hold, None while nothing is validated."""
    query = select(FrozenMinutes).where(
        FrozenMinutes.edition_id == edition_id, col(FrozenMinutes.replaced_at).is_(None)
    )
    return db.exec(query.order_by(col(FrozenMinutes.validated_at).desc())).first()


def replaced(db: Session, edition_id: str) -> tuple[FrozenMinutes, ...]:
    """Return earlier minutes, the newest first."""
    query = select(FrozenMinutes).where(
        FrozenMinutes.edition_id == edition_id, col(FrozenMinutes.replaced_at).is_not(None)
    )
    return tuple(db.exec(query.order_by(col(FrozenMinutes.validated_at).desc())))


def announced_minutes(db: Session, edition_id: str) -> FrozenMinutes | None:
    """Return the minutes of the ranking that is announced, also while a correction of it is under way."""
    published = latest(db, edition_id)
    if published is None:
        return None
    query = select(FrozenMinutes).where(
        FrozenMinutes.edition_id == edition_id, col(FrozenMinutes.validated_at) <= published.published_at
    )
    return db.exec(query.order_by(col(FrozenMinutes.validated_at).desc())).first()


def signatures(db: Session, minutes_id: UUID) -> tuple[Signature, ...]:
    """Return the recorded signatures of frozen minutes, the president's first."""
    query = (
        select(MinutesSignature, Person.name)
        .join(Person, col(Person.id) == col(MinutesSignature.person_id), isouter=True)
        .where(MinutesSignature.minutes_id == minutes_id)
        .order_by(col(MinutesSignature.role).desc())
    )
    return tuple(Signature(s.role, s.name or name or "", s.medium, s.signed_at) for s, name in db.exec(query))


def sign_minutes(
    db: Session, *, edition_id: str, role: str, person_id: UUID, sha256: str, now: datetime, on_paper: str = ""
) -> None:
    """Record a signature below the minutes whose digest was read.

    ``role`` is president or organiser. ``person_id`` signs, or with ``on_paper`` notes the name that stands on the
    printed page. Raises Conflict when these minutes do not hold or are signed for this role already, Invalid for a
    name that is too long.
    """
    if locked(db, EditionRow, edition_id) is None:
        raise NotFound("This edition is not open on this platform.")
    row = holding(db, edition_id)
    if row is None:
        raise NotFound("The minutes are not frozen yet.")
    if row.sha256 != sha256:
        raise Conflict("These minutes were replaced meanwhile. Read them again, then sign.")
    if role not in {PRESIDENT, ORGANISER}:
        raise Invalid("Say for whom the minutes are signed.", field="role")
    name = " ".join(on_paper.split())
    if len(name) > NAME_LIMIT:
        raise Invalid("A name has at most %(limit)s characters.", field="name", limit=NAME_LIMIT)
    signature = MinutesSignature(
        minutes_id=row.id,
        role=role,
        medium="paper" if name else "page",
        person_id=None if name else person_id,
        name=name,
        signed_at=now,
        recorded_by=person_id,
    )
    try:
        with db.begin_nested():
            db.add(signature)
            db.flush()
    except IntegrityError:
        raise Conflict("These minutes are signed for this side already.") from None
    audit.record(
        db, "sign_minutes", role, now=now, actor=person_id, edition=edition_id, minutes=row.sha256, medium=signature.medium
    )  # fmt: skip


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
