"""An organiser has a failed submission scored again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from datathon.kernel.errors import Conflict, NotFound
from datathon.scoring.claim import changed
from datathon.store import audit
from datathon.submissions.rules import State, step
from datathon.submissions.tables import Submission


def retry(db: Session, *, submission_id: UUID, edition_id: str, organiser_id: UUID, now: datetime) -> int:
    """Put a failed submission back into the queue as a new attempt and return the attempt's number.

    The team is charged nothing, and its place in the queue is that of its receipt. Ring the queue after the commit.
    Raises NotFound for a submission of another edition, Conflict when it is not failed (two organisers at once: one
    attempt).
    """
    row = db.get(Submission, submission_id)
    if row is None or row.edition_id != edition_id:
        raise NotFound("This submission does not exist.")
    attempt = row.attempt + 1
    statement = (
        update(Submission)
        .where(
            col(Submission.id) == submission_id,
            col(Submission.state) == State.FAILED,
            col(Submission.attempt) == row.attempt,
        )
        .values(
            state=step(State.FAILED, State.RECEIVED),
            attempt=attempt,
            worker="",
            started_at=None,
            finished_at=None,
            lease_until=None,
            code="",
            problems=[],
        )
    )
    if not changed(db, statement):
        raise Conflict("This submission is not in failure any more; it was taken up already.")
    audit.record(
        db,
        "retry_submission",
        str(submission_id),
        now=now,
        actor=organiser_id,
        edition=edition_id,
        challenge=row.challenge_id,
        number=row.number,
        attempt=attempt,
    )
    return attempt
