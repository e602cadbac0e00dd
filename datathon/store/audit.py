"""Write and read the audit log."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.store.tables import AuditEntry


def record(
    db: Session,
    act: str,
    subject: str,
    *,
    now: datetime,
    actor: UUID | None,
    edition: str | None = None,
    **details: object,
) -> None:
    """Add one line: ``act`` is a verb in the house's words ("close_phase"), ``details`` are JSON values without personal data."""
    db.add(AuditEntry(at=now, actor_id=actor, edition_id=edition, act=act, subject=subject, details=details))


def latest(db: Session, edition: str, *, limit: int = 50) -> list[AuditEntry]:
    """Return the edition's last acts, newest first."""
    query = select(AuditEntry).where(AuditEntry.edition_id == edition)
    return list(db.exec(query.order_by(col(AuditEntry.at).desc()).limit(limit)))
