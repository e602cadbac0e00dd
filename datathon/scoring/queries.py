"""What the queue looks like: for dispatching, for the pages that say where a submission stands, for organisers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.scoring.current import counts
from datathon.scoring.order import Waiting, fair
from datathon.scoring.pulse import SCORER, TROUBLES_SHOWN, WORKER, alive, troubles
from datathon.scoring.tables import DoctorReport, Score
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

HORIZON = 500
"""Waiting submissions looked at when the order is decided; the oldest ones."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue stands: counts, the oldest one waiting, live workers, and what is missing in plain words."""

    received: int
    running: int
    oldest: datetime | None
    workers: int
    troubles: tuple[str, ...]


def waiting(db: Session) -> list[Waiting]:
    """Return the received submissions in the order in which they should be taken."""
    rows = db.exec(
        select(Submission.id, Submission.attempt, Submission.team_id, Submission.received_at)
        .where(col(Submission.state) == State.RECEIVED)
        .order_by(col(Submission.received_at))
        .limit(HORIZON)
    ).all()
    if not rows:
        return []
    running = db.exec(
        select(Submission.team_id, func.count())
        .where(col(Submission.state) == State.RUNNING)
        .group_by(Submission.team_id)  # type: ignore[arg-type]  # a column at run time
    ).all()
    return fair((Waiting(*row) for row in rows), dict(running))


def ahead_of(db: Session, submission_id: UUID) -> int | None:
    """Return how many submissions will be taken before this one; None when it no longer waits."""
    order = [one.id for one in waiting(db)]
    return order.index(submission_id) if submission_id in order else None


def queue_state(db: Session, *, now: datetime, edition: str | None = None) -> QueueState:
    """Return how the queue stands at ``now``, for one edition or for the whole installation."""
    query = select(Submission.state, func.count(), func.min(Submission.received_at)).where(
        col(Submission.state).in_([State.RECEIVED, State.RUNNING])
    )
    if edition is not None:
        query = query.where(col(Submission.edition_id) == edition)
    found = {state: (count, oldest) for state, count, oldest in db.exec(query.group_by(Submission.state)).all()}
    received, oldest = found.get(State.RECEIVED, (0, None))
    return QueueState(
        received=received,
        running=found.get(State.RUNNING, (0, None))[0],
        oldest=oldest,
        workers=len(alive(db, WORKER, now=now)),
        troubles=troubles(db, now=now),
    )


def why_waiting(db: Session, *, now: datetime) -> str:
    """Return the sentence (a catalogue key) that tells a team why nothing moves; empty when all is well."""
    for sentence in troubles(db, now=now):
        if sentence in TROUBLES_SHOWN:
            return sentence
    return ""


def current_score(db: Session, submission_id: UUID) -> Score | None:
    """Return the score record that counts for the submission, or None."""
    return db.exec(
        select(Score)
        .join(Submission, counts())
        .where(col(Submission.id) == submission_id, col(Submission.state) == State.SCORED)
    ).one_or_none()


def last_doctor(db: Session) -> DoctorReport | None:
    """Return the newest self-examination of a scorer service, or None."""
    return db.exec(select(DoctorReport).order_by(col(DoctorReport.at).desc()).limit(1)).one_or_none()


def scorer_level(db: Session, *, now: datetime) -> str:
    """Return the sandbox level of the service that answers now ("full", "container"), "" when none does."""
    if not alive(db, SCORER, now=now):
        return ""
    report = last_doctor(db)
    return report.level if report is not None else ""
