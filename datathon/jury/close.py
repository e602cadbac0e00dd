"""An organiser closes the jury: from then on no sheet changes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.counting import choose_correction, frozen_correction
from datathon.jury.queries import matrix, rubric_of
from datathon.jury.shrinkage import Correction
from datathon.jury.tables import JuryClosing
from datathon.jury.vote import forget_sheets
from datathon.jury.voting import is_revealed
from datathon.kernel.errors import NotFound
from datathon.store import audit
from datathon.store.db import locked


@dataclass(frozen=True, slots=True)
class Closed:
    """When the jury was closed, by whom, and the correction of severity frozen then.

    ``already`` tells that it was closed before this act.
    """

    closed_at: datetime
    closed_by: UUID
    already: bool
    correction: Correction


def close(db: Session, *, edition: Edition, organiser_id: UUID, now: datetime) -> Closed:
    """Close the jury of an edition. Closing it twice, or by two organisers at once, changes nothing after the first.

    The correction of severity is chosen from the sheets that count at this instant and kept: what is computed later
    uses its lambda. Missing sheets do not forbid closing: the preview of the ranking names what does not count. Raises
    NotFound when the edition has no jury or is not open on this installation.
    """
    rubric_of(edition)
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    done = db.get(JuryClosing, edition.id)
    if done is not None:
        return Closed(done.closed_at, done.closed_by, already=True, correction=frozen_correction(db, edition.id))
    progress = matrix(db, edition)
    correction = choose_correction(db, edition)
    db.add(
        JuryClosing(
            edition_id=edition.id,
            closed_at=now,
            closed_by=organiser_id,
            correction=correction.method,
            correction_lambda=correction.lam,
            correction_applied=correction.applied,
            correction_why=correction.why,
        )
    )
    audit.record(
        db,
        "close_jury",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        submitted=progress.submitted,
        owed=progress.owed,
        correction=correction.method,
        correction_lambda=correction.lam,
    )
    db.flush()
    if is_revealed(db, edition):
        forget_sheets(db, edition.id)
    return Closed(now, organiser_id, already=False, correction=correction)
