"""Take one submission of a campaign, keep it, write what scoring it again gave. Guarded as ordinary attempts are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from datathon.scoring.claim import Claim, changed
from datathon.scoring.finish import log, record_of
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.rescore import PLATFORM_ATTEMPTS
from datathon.scoring.tables import Rescoring, RescoringItem
from datathon.submissions.tables import Submission


@dataclass(frozen=True, slots=True)
class ItemClaim:
    """A right to finish one item; ``submission_id`` None for the truth itself."""

    item_id: UUID
    attempt: int
    worker: str
    rescoring_id: UUID
    submission_id: UUID | None


def waiting_items(db: Session, *, limit: int, where: Sequence[ColumnElement[bool]] = ()) -> Sequence[tuple[UUID, int]]:
    """Return items that nobody holds with their attempt, the oldest campaign first, the truth itself before all.

    ``where`` are further conditions, see ``held.not_held_again``.
    """
    query = (
        select(RescoringItem.id, RescoringItem.attempt)
        .join(Rescoring, col(Rescoring.id) == col(RescoringItem.rescoring_id))
        .where(RescoringItem.state == "waiting", Rescoring.state == "running", *where)
        .order_by(col(Rescoring.started_at), col(RescoringItem.submission_id).is_not(None), col(RescoringItem.id))
        .limit(limit)
    )
    return db.exec(query).all()


def claim_item(
    db: Session, item_id: UUID, *, attempt: int, worker: str, lease_s: float, now: datetime
) -> ItemClaim | None:
    """Hold the item for ``lease_s`` seconds; None when it is not there to be taken or its campaign is over."""
    item = db.get(RescoringItem, item_id)
    campaign = None if item is None else db.get(Rescoring, item.rescoring_id)
    if item is None or campaign is None or campaign.state != "running":
        return None
    statement = (
        update(RescoringItem)
        .where(
            col(RescoringItem.id) == item_id,
            col(RescoringItem.attempt) == attempt,
            col(RescoringItem.state) == "waiting",
        )
        .values(state="running", worker=worker, lease_until=now + timedelta(seconds=lease_s))
    )
    if not changed(db, statement):
        return None
    return ItemClaim(item_id, attempt, worker, item.rescoring_id, item.submission_id)


def renew_item(db: Session, held: ItemClaim, *, lease_s: float, now: datetime) -> bool:
    """Prolong the lease; False when the item is no longer held."""
    return _change(db, held, lease_until=now + timedelta(seconds=lease_s))


def release_item(db: Session, held: ItemClaim) -> bool:
    """Give the item back as if it had never been taken."""
    return _change(db, held, state="waiting", worker="", lease_until=None)


def set_item_back(db: Session, held: ItemClaim) -> bool:
    """Count a platform fault: again with the next attempt, failed after the last one."""
    if held.attempt < PLATFORM_ATTEMPTS:
        return _change(db, held, state="waiting", worker="", lease_until=None, attempt=held.attempt + 1)
    return _change(db, held, state="failed", code="platform", lease_until=None)


def finish_item(
    db: Session, held: ItemClaim, outcome: ScoringOutcome, *, now: datetime, losses_digest: str | None = None
) -> bool:
    """Write what came out, beside the records that are there; False, and nothing is written, when it is not held.

    Nothing counts yet. What was computed otherwise than the campaign wants is not kept: the item waits again, and the
    campaign is about to be found stale.
    """
    campaign = db.get_one(Rescoring, held.rescoring_id)
    if campaign.state not in {"running", "ready"}:
        return False
    if outcome.basis and outcome.basis != campaign.to_basis:
        return release_item(db, held)
    submission = None if held.submission_id is None else db.get(Submission, held.submission_id)
    attempt = (
        Claim(held.item_id, 0, "") if submission is None else Claim(submission.id, submission.attempt, held.worker)
    )
    record = None
    if submission is not None and outcome.outcome == "scored":
        record = record_of(attempt, outcome, losses_digest, now)
        record.rescoring_id = held.rescoring_id
    truth = {part: dict(values) for part, values in outcome.values.items()} if submission is None else {}
    done = _change(
        db,
        held,
        state=outcome.outcome,
        lease_until=None,
        code=outcome.code or "",
        problems=[problem.as_json() for problem in outcome.problems],
        score_id=None if record is None else record.id,
        truth_values=truth,
    )
    if not done:
        return False
    if record is not None:
        db.add(record)
    if submission is not None and outcome.outcome == "failed":
        for stage, text in outcome.logs.items():
            log(db, attempt, stage=stage, code=outcome.code or "", text=text, now=now)
    return True


def no_truth(db: Session, held: ItemClaim) -> bool:
    """Note that the truth cannot be handed in here: its columns are not the submitted ones."""
    return _change(db, held, state="none", lease_until=None)


def _change(db: Session, held: ItemClaim, **values: object) -> bool:
    return changed(db, update(RescoringItem).where(*_holding(held)).values(**values))


def _holding(held: ItemClaim) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RescoringItem.id) == held.item_id,
        col(RescoringItem.attempt) == held.attempt,
        col(RescoringItem.worker) == held.worker,
        col(RescoringItem.state) == "running",
    )
