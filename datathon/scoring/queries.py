"""How scoring stands, for organisers and for the pages that say why nothing moves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.scoring.current import counts
from datathon.scoring.pulse import SCORER, TROUBLES_SHOWN, WORKER, alive, troubles
from datathon.scoring.tables import DoctorReport, Score
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue stands: counts, the oldest one waiting, live workers, and what is missing in plain words."""

    received: int
    running: int
    oldest: datetime | None
    workers: int
    troubles: tuple[str, ...]


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
