"""Where an edition's phases stand now: its file, its first day here, and what organisers decided since."""

from datetime import datetime

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, PhaseOverride, PhaseState, Window
from datathon.editions.tables import EditionRow, PhaseMove
from datathon.editions.windows import windows
from datathon.kernel.errors import NotFound


def windows_of(db: Session, edition: Edition, *, now: datetime) -> tuple[Window, ...]:
    """Return every phase of ``edition`` with its instants and its state at ``now``.

    Raises NotFound when the edition is not open on this installation.
    """
    row = db.get(EditionRow, edition.id)
    if row is None:
        raise NotFound("This edition is not open on this platform.")
    return windows(edition, starts=row.starts, overrides=overrides(db, edition.id, now=now), now=now)


def overrides(db: Session, edition_id: str, *, now: datetime | None = None) -> dict[str, PhaseOverride]:
    """Return, by phase, the organisers' last decision made until ``now`` (None: at all); "calendar" undoes one."""
    query = select(PhaseMove).where(PhaseMove.edition_id == edition_id)
    if now is not None:
        query = query.where(col(PhaseMove.decided_at) <= now)
    last = {move.phase: move for move in db.exec(query.order_by(col(PhaseMove.decided_at)))}
    return {
        phase: PhaseOverride(phase, PhaseState(move.state), move.decided_at)
        for phase, move in last.items()
        if move.state != "calendar"
    }
