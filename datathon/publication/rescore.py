"""Rescoring ends with the announcement: what was published stays what was computed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import Conflict
from datathon.leaderboard import rescored
from datathon.publication.queries import latest
from datathon.scoring import rescore


def start(
    db: Session,
    *,
    edition: Edition,
    challenge: Challenge,
    reason: str,
    include: frozenset[str] = frozenset(),
    actor: UUID | None,
    now: datetime,
) -> UUID:
    """Start a campaign and return its id; see ``scoring.rescore.start``. Raises Conflict after the announcement."""
    _not_published(db, edition)
    return rescore.start(
        db, edition_id=edition.id, challenge_id=challenge.id, reason=reason, include=include, actor=actor, now=now
    )


def apply(
    db: Session,
    *,
    edition: Edition,
    challenge: Challenge,
    campaign_id: UUID,
    actor: UUID | None,
    notes: Mapping[str, str],
    now: datetime,
) -> rescored.Comparison:
    """Apply a campaign; see ``leaderboard.rescored.apply``. Raises Conflict after the announcement."""
    _not_published(db, edition)
    return rescored.apply(
        db, edition=edition, challenge=challenge, campaign_id=campaign_id, actor=actor, notes=notes, now=now
    )


def _not_published(db: Session, edition: Edition) -> None:
    if latest(db, edition.id) is not None:
        raise Conflict(
            "The results of this edition are published: its scores stay as they were announced. A mistake is answered "
            "by a new publication with its reason."
        )
