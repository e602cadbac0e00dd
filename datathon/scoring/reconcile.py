"""Find submissions that nobody is working on any more, and put them back in the queue."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.scoring.claim import Claim, set_back
from datathon.scoring.finish import log
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

BATCH = 200


@dataclass(frozen=True, slots=True)
class Swept:
    """What one round found: submissions put back, and submissions given up after their last attempt."""

    put_back: tuple[UUID, ...]
    given_up: tuple[UUID, ...]


def take_back_expired(db: Session, *, now: datetime) -> Swept:
    """Take back every running submission whose lease has run out at ``now`` (``lease_until < now``).

    Any number of processes may do this at once: each row moves by its own guarded update.
    """
    expired = db.exec(
        select(Submission)
        .where(col(Submission.state) == State.RUNNING, col(Submission.lease_until) < now)
        .order_by(col(Submission.received_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    moved: dict[State, list[UUID]] = {State.RECEIVED: [], State.FAILED: []}
    for row in expired:
        held = Claim(row.id, row.attempt, row.worker)
        text = (
            f"The worker {row.worker} fell silent during attempt {row.attempt}; its lease ended at {row.lease_until}."
        )
        after = set_back(db, held, now=now)
        if after is not None:
            log(db, held, stage="lease", code="platform", text=text, now=now)
            moved[after].append(row.id)
    return Swept(tuple(moved[State.RECEIVED]), tuple(moved[State.FAILED]))
