"""A team or an organiser keeps a juror from grading a team; an organiser lifts such a conflict."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.jury.declare import check_juror, hold_jury, record_conflict
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.tables import ConflictOfInterest
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.tables import Team

WHY_NEEDED = "Write why: the jury’s minutes will say it."


def recuse(
    db: Session,
    *,
    edition: Edition,
    juror_id: UUID,
    team_id: UUID,
    reason: str,
    source: str,
    actor: UUID,
    now: datetime,
) -> UUID:
    """Record a conflict that a team ("team") or an organiser ("organiser") declares; return its key.

    Declared late, it takes the juror's sheet out of the computation; the sheet is kept and the journal says why. One
    that was lifted stands again. Raises NotAllowed for somebody outside the jury, NotFound for an unknown team, Invalid
    without a reason, Conflict once the jury is closed.
    """
    hold_jury(db, edition_id=edition.id)
    check_juror(db, edition_id=edition.id, juror_id=juror_id)
    why = _why(reason, field="reason")
    if db.exec(select(Team.id).where(Team.id == team_id, Team.edition_id == edition.id)).first() is None:
        raise NotFound("This team is not in this edition.")
    row = db.exec(
        select(ConflictOfInterest)
        .where(
            ConflictOfInterest.edition_id == edition.id,
            ConflictOfInterest.juror_id == juror_id,
            ConflictOfInterest.team_id == team_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is not None and row.lifted_at is None:
        return row.id
    row = row or ConflictOfInterest(edition_id=edition.id, juror_id=juror_id, team_id=team_id, declared_at=now)
    row.source, row.reason, row.declared_by, row.declared_at = source, why, actor, now
    row.lifted_at, row.lifted_by, row.lifted_why = None, None, ""
    db.add(row)
    record_conflict(db, edition, juror_id=juror_id, team_id=team_id, reason=why, source=source, actor=actor, now=now)
    db.flush()
    return row.id


def lift(db: Session, *, edition: Edition, conflict_id: UUID, reason: str, organiser_id: UUID, now: datetime) -> None:
    """End a conflict, with a reason that is kept beside it. A juror's own is ended by that juror alone.

    Raises NotFound for an unknown one, Conflict for the juror's own or once the jury is closed, Invalid without a reason.
    """
    hold_jury(db, edition_id=edition.id)
    row = locked(db, ConflictOfInterest, conflict_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("There is no such conflict of interest.")
    if row.source == "juror":
        raise Conflict("Only the member of the jury can take back what they declared themselves.")
    if row.lifted_at is not None:
        return
    row.lifted_at, row.lifted_by, row.lifted_why = now, organiser_id, _why(reason, field="reason")
    audit.record(
        db,
        "lift_conflict",
        str(row.team_id),
        now=now,
        actor=organiser_id,
        edition=edition.id,
        juror=str(row.juror_id),
        reason=row.lifted_why,
    )
    db.flush()


def _why(text: str, *, field: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise Invalid(WHY_NEEDED, field=field)
    if len(plain) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field=field, limit=REASON_LIMIT)
    return plain
