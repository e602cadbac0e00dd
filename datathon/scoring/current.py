"""Which of a submission's score records counts, and which of those a board may show. The one place that says so."""

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from datathon.scoring.tables import ChallengeBasis, Score
from datathon.submissions.tables import Submission


def counts() -> ColumnElement[bool]:
    """Return the condition that joins a submission with the record that counts for it.

    The other records of the submission, of earlier attempts and of rescorings, stay in the table and count for nothing.
    """
    return col(Score.id) == col(Submission.score_id)


def of_its_challenge() -> ColumnElement[bool]:
    """Return the condition that joins (outer) a submission with what is noted about its challenge's versions."""
    return and_(
        col(ChallengeBasis.edition_id) == col(Submission.edition_id),
        col(ChallengeBasis.challenge_id) == col(Submission.challenge_id),
    )


def shown() -> ColumnElement[bool]:
    """Return the condition that a score may stand on the board: it has the version that the board shows.

    Records without a version are older than this book-keeping and stay where they were; before a worker looked at the
    challenge nothing is known and everything is shown.
    """
    board = col(ChallengeBasis.shown)
    return or_(board.is_(None), board == "", col(Score.basis) == "", col(Score.basis) == board)


def is_shown(basis: str, board: str) -> bool:
    """Whether a score of version ``basis`` may stand on a board that shows ``board``: ``shown`` for one record."""
    return board == "" or basis in {"", board}
