"""Which files need not be kept, or not any longer."""

from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from datathon.submissions.rules import State
from datathon.submissions.tables import PrototypeFile, Submission


def in_use(db: Session, digest: str) -> bool:
    """Whether a submission or a dossier refers to the file of this digest."""
    sent = select(Submission.id).where(Submission.digest == digest)
    attached = select(PrototypeFile.id).where(PrototypeFile.digest == digest)
    return any(db.exec(query.limit(1)).first() is not None for query in (sent, attached))


def forgettable(db: Session, *, before: datetime) -> tuple[str, ...]:
    """Return the digests of files that were refused before ``before`` and that nothing else refers to.

    A file that waits, was scored, failed by our fault or was withdrawn is kept, and so is one of the same bytes as such
    a file or as a dossier's. The row of the refused one stays, with its receipt and what was wrong.
    """
    other = aliased(Submission)
    needed = select(col(other.id)).where(
        col(other.digest) == col(Submission.digest),
        (col(other.state) != State.REJECTED) | (col(other.finished_at) >= before),
    )
    attached = select(col(PrototypeFile.id)).where(col(PrototypeFile.digest) == col(Submission.digest))
    query = (
        select(Submission.digest)
        .where(
            col(Submission.state) == State.REJECTED,
            col(Submission.finished_at) < before,
            ~needed.exists(),
            ~attached.exists(),
        )
        .distinct()
        .order_by(col(Submission.digest))
    )
    return tuple(db.exec(query))
