"""Where an edition's phases stand now: its file, its first day here, and what organisers decided since."""

from datetime import datetime

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, PhaseOverride, PhaseState, Window, windows
from datathon.editions.tables import EditionRow, PhaseMove
from datathon.kernel.errors import NotFound


def windows_of(db: Session, edition: Edition, *, now: datetime) -> tuple[Window, ...]:
    """Return every phase of ``edition`` with its instants and its state at ``now``.

    The last decision about a phase made until ``now`` stands; "calendar" gives the phase back to its dates. Raises
    NotFound when the edition is not open on this installation.
    """
    row = db.get(EditionRow, edition.id)
    if row is None:
        raise NotFound("This edition is not open on this platform.")
    query = select(PhaseMove).where(PhaseMove.edition_id == edition.id, col(PhaseMove.decided_at) <= now)
    overrides: dict[str, PhaseOverride] = {}
    for move in db.exec(query.order_by(col(PhaseMove.decided_at))):
        overrides.pop(move.phase, None)
        if move.state != "calendar":
            overrides[move.phase] = PhaseOverride(move.phase, PhaseState(move.state), move.decided_at)
    return windows(edition, starts=row.starts, overrides=overrides, now=now)
