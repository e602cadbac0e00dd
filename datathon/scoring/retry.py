"""An organiser has a failed submission scored again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, NotFound
from datathon.scoring.claim import changed
from datathon.store import audit
from datathon.store.db import locked
from datathon.submissions.ledger import account_of_day, charged_day, day_of, is_charged, reserve
from datathon.submissions.rules import State, allowance, step
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

TAKEN_UP = "This submission is not in failure any more; it was taken up already."


def retry(db: Session, *, submission_id: UUID, edition: Edition, organiser_id: UUID, now: datetime) -> int:
    """Put a failed submission back into the queue as a new attempt and return the attempt's number.

    Its failure gave the team its place in the quota back, so that the new attempt takes a place of the same day again:
    the team is charged once in all, and cannot come to more scores than its quota. Its place in the queue is that of
    its receipt. Ring the queue after the commit. Raises NotFound for a submission of another edition, Conflict when it
    is not failed (two organisers at once: one attempt) or when the team has used the place meanwhile.
    """
    row = db.get(Submission, submission_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("This submission does not exist.")
    _charge_again(db, row, edition, now)
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
        raise Conflict(TAKEN_UP)
    audit.record(
        db,
        "retry_submission",
        str(submission_id),
        now=now,
        actor=organiser_id,
        edition=edition.id,
        challenge=row.challenge_id,
        number=row.number,
        attempt=attempt,
    )
    return attempt


def _charge_again(db: Session, row: Submission, edition: Edition, now: datetime) -> None:
    """Reserve a place of the day on which the file was received, under the team's lock, as for a new file."""
    if row.team_id is None:
        return
    locked(db, Team, row.team_id)
    if db.get_one(Submission, row.id, populate_existing=True).state != State.FAILED:
        raise Conflict(TAKEN_UP)
    day = charged_day(db, row.id) or day_of(row.received_at, edition)
    challenge = edition.challenge(row.challenge_id)
    if challenge is not None and not is_charged(db, row.id):
        used = account_of_day(
            db, team_id=row.team_id, edition_id=edition.id, challenge_id=row.challenge_id, day=day
        ).usage
        if allowance(challenge.quota, used).left == 0:
            raise Conflict(
                "The team has meanwhile used the place that this failure gave back (%(day)s): scored now, this file "
                "would be one more than its quota. It may still submit the file again itself.",
                day=day,
            )
    reserve(db, row, day=day, now=now)
