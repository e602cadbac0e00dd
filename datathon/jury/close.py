"""An organiser closes the jury: from then on no sheet changes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.queries import matrix, rubric_of
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import NotFound
from datathon.store import audit
from datathon.store.db import locked


@dataclass(frozen=True, slots=True)
class Closed:
    """When the jury was closed and by whom; ``already`` tells that it was before this act."""

    closed_at: datetime
    closed_by: UUID
    already: bool


def close(db: Session, *, edition: Edition, organiser_id: UUID, now: datetime) -> Closed:
    """Close the jury of an edition. Closing it twice, or by two organisers at once, changes nothing after the first.

    Missing sheets do not forbid it: the preview of the ranking names what does not count. Raises NotFound when the
    edition has no jury or is not open on this installation.
    """
    rubric_of(edition)
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    done = db.get(JuryClosing, edition.id)
    if done is not None:
        return Closed(done.closed_at, done.closed_by, already=True)
    progress = matrix(db, edition)
    db.add(JuryClosing(edition_id=edition.id, closed_at=now, closed_by=organiser_id))
    audit.record(
        db,
        "close_jury",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        submitted=progress.submitted,
        owed=progress.owed,
    )
    db.flush()
    return Closed(now, organiser_id, already=False)
