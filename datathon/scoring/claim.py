"""Take a submission for a while, keep it, give it back.

The row is the queue: whoever moves it from received to running holds it until ``lease_until``. Each statement below is
one guarded UPDATE, so that two workers can never both hold an attempt, on any database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Update, update
from sqlmodel import Session, col

from datathon.store import audit
from datathon.submissions.ledger import settle
from datathon.submissions.rules import State, step
from datathon.submissions.tables import Submission

MAX_ATTEMPTS = 3
"""Platform attempts before a submission is called failed, code ``platform``."""

PLATFORM = "platform"
"""Failure code of a submission that the platform could not bring to an end; never charged."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A right to finish one attempt of one submission, as long as nobody took it back."""

    submission_id: UUID
    attempt: int
    worker: str


def claim(
    db: Session, submission_id: UUID, *, attempt: int, worker: str, lease_s: float, now: datetime
) -> Claim | None:
    """Move the submission from received to running for ``lease_s`` seconds; None when it is not there to be taken."""
    statement = (
        update(Submission)
        .where(
            col(Submission.id) == submission_id,
            col(Submission.attempt) == attempt,
            col(Submission.state) == State.RECEIVED,
        )
        .values(
            state=step(State.RECEIVED, State.RUNNING),
            worker=worker,
            started_at=now,
            lease_until=now + timedelta(seconds=lease_s),
        )
    )
    return Claim(submission_id, attempt, worker) if changed(db, statement) else None


def renew(db: Session, held: Claim, *, lease_s: float, now: datetime) -> bool:
    """Prolong the lease; False when the attempt is no longer held, and its result would not be written either."""
    return _change(db, held, lease_until=now + timedelta(seconds=lease_s))


def release(db: Session, held: Claim) -> bool:
    """Give the submission back as if it had never been taken: same attempt, no fault counted.

    For what is missing around the work (the scorer service), not for what went wrong in it.
    """
    return _move(db, held, State.RECEIVED, worker="", lease_until=None, started_at=None)


def set_back(db: Session, held: Claim, *, now: datetime) -> State | None:
    """Count a platform fault: back to received with the next attempt, or failed after MAX_ATTEMPTS.

    Returns the new state, or None when the attempt was no longer held. The end is written to the audit log, where
    organisers are alerted; the team is charged nothing.
    """
    if held.attempt < MAX_ATTEMPTS:
        moved = _move(db, held, State.RECEIVED, worker="", lease_until=None, attempt=held.attempt + 1)
        return State.RECEIVED if moved else None
    if not _move(db, held, State.FAILED, lease_until=None, finished_at=now, code=PLATFORM):
        return None
    settle(db, held.submission_id, State.FAILED, now=now)
    submission = db.get_one(Submission, held.submission_id)
    audit.record(
        db,
        "scoring_failed",
        str(held.submission_id),
        now=now,
        actor=None,
        edition=submission.edition_id,
        code=PLATFORM,
        attempts=held.attempt,
    )
    return State.FAILED


def _move(db: Session, held: Claim, after: State, **values: object) -> bool:
    return _change(db, held, state=step(State.RUNNING, after), **values)


def _change(db: Session, held: Claim, **values: object) -> bool:
    return changed(db, update(Submission).where(*holding(held)).values(**values))


def holding(held: Claim) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which ``held`` still stands."""
    return (
        col(Submission.id) == held.submission_id,
        col(Submission.attempt) == held.attempt,
        col(Submission.worker) == held.worker,
        col(Submission.state) == State.RUNNING,
    )


def changed(db: Session, statement: Update) -> bool:
    """Run a guarded update of one row and say whether its guard let it through."""
    return db.exec(statement).rowcount == 1
