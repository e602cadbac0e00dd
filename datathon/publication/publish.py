"""Announce a final ranking: keep it for good and show the prototypes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.leaderboard.rules import instant_text
from datathon.leaderboard.snapshot import refresh_all
from datathon.publication import certainty
from datathon.publication.changes import changes_between
from datathon.publication.preview import preview
from datathon.publication.tables import PublishedRanking
from datathon.store import audit
from datathon.store.db import locked
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team

REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Published:
    """A publication that was just made; ``prototypes`` counts those that became public."""

    id: UUID
    version: int
    published_at: datetime
    prototypes: int


def publish(
    db: Session,
    *,
    edition: Edition,
    organiser_id: UUID,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Published:
    """Publish the ranking as it stands now; a later publication is a new version and needs a ``reason``.

    ``seen`` is the digest of the preview the organiser looked at: when the content changed since, nothing is published.
    Every prototype that was handed in by a team that did not withdraw becomes public. Raises Conflict while something
    stands in the way (jury or submissions open, scores missing) or the content changed, Invalid without a reason.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    seen_now = preview(db, edition, now=now)
    for blocker in (*seen_now.blockers, *seen_now.awaits):
        raise Conflict(blocker.message, **blocker.params)
    if seen is not None and seen != seen_now.digest:
        raise Conflict("The ranking changed since you looked at it. Read it again, then publish.")
    before = _check_reason(db, edition.id, version=seen_now.version, reason=reason.strip(), digest=seen_now.digest)
    row = PublishedRanking(
        edition_id=edition.id,
        version=seen_now.version,
        results={
            **seen_now.results,
            "digest": f"sha256:{seen_now.digest}",
            "version": seen_now.version,
            "published_at": instant_text(now),
            "reason": reason.strip(),
            **({} if before is None else {"changes": changes_between(before, seen_now.results)}),
        },
        reason=reason.strip(),
        published_at=now,
        published_by=organiser_id,
    )
    db.add(row)
    certainty.ask(db, edition, row.results, now=now)
    shown = _show_prototypes(db, edition.id)
    audit.record(
        db,
        "publish_ranking",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        version=row.version,
        digest=seen_now.digest,
        reason=row.reason,
        prototypes=shown,
    )
    db.flush()
    if edition.anonymous:
        refresh_all(db, edition, now=now)  # teams get their names back
    return Published(row.id, row.version, now, shown)


def _check_reason(db: Session, edition_id: str, *, version: int, reason: str, digest: str) -> Mapping[str, Any] | None:
    """Return the results of the version before, None for the first."""
    if len(reason) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    if version == 1:
        return None
    last = db.exec(
        select(PublishedRanking).where(
            PublishedRanking.edition_id == edition_id, PublishedRanking.version == version - 1
        )
    ).one()
    if last.results.get("digest") == f"sha256:{digest}":
        raise Conflict("This ranking is published already.")
    if not reason:
        raise Invalid("Say why the published ranking is corrected.", field="reason")
    return last.results


def _show_prototypes(db: Session, edition_id: str) -> int:
    rows = db.exec(
        select(Prototype)
        .join(Team, col(Team.id) == col(Prototype.team_id))
        .where(Prototype.edition_id == edition_id, Prototype.state == "submitted", Team.status != "withdrawn")
    ).all()
    hidden = [row for row in rows if not row.public]
    for row in hidden:
        row.public = True
        db.add(row)
    return len(hidden)
