"""What the attempts of a submission said: to organisers without what may hold labels, to the operator all of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, case, col, select

from datathon.kernel.errors import NotFound
from datathon.scoring.stages import OPEN
from datathon.scoring.tables import ScoringLog
from datathon.store import audit
from datathon.submissions.tables import Submission


@dataclass(frozen=True, slots=True)
class Trace:
    """What one stage of an attempt said; ``private`` tells that there is a text which the reader may not see."""

    attempt: int
    stage: str
    code: str
    text: str
    at: datetime
    private: bool


def organisers_traces(db: Session, submission_id: UUID) -> tuple[Trace, ...]:
    """Return what organisers may read, newest first: the texts of stages that hold no label, of the others the code.

    What is private is not even read from the database.
    """
    is_open = col(ScoringLog.stage).in_(OPEN)
    query = (
        select(
            ScoringLog.attempt,
            ScoringLog.stage,
            ScoringLog.code,
            case((is_open, col(ScoringLog.text)), else_=""),
            ScoringLog.at,
            ~is_open,
        )  # type: ignore[call-overload]  # sqlmodel spells out at most four columns
        .where(ScoringLog.submission_id == submission_id)
        .order_by(col(ScoringLog.at).desc(), col(ScoringLog.stage))
    )
    return tuple(Trace(*row) for row in db.exec(query))


def operators_traces(db: Session, submission_id: UUID, *, now: datetime) -> tuple[Trace, ...]:
    """Return every text, oldest first, and write to the journal that it was read; raises NotFound.

    For the person at the machine, who could read the reference itself.
    """
    submission = db.get(Submission, submission_id)
    if submission is None:
        raise NotFound("This submission does not exist.")
    rows = db.exec(
        select(ScoringLog)
        .where(ScoringLog.submission_id == submission_id)
        .order_by(col(ScoringLog.at), col(ScoringLog.stage))
    ).all()
    audit.record(
        db,
        "read_private_log",
        str(submission_id),
        now=now,
        actor=None,
        edition=submission.edition_id,
        number=submission.number,
    )
    return tuple(Trace(r.attempt, r.stage, r.code, r.text, r.at, private=False) for r in rows)
