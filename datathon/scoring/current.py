"""Which of a submission's score records counts. The one place that says so; every reader joins through it."""

from sqlalchemy import ColumnElement
from sqlmodel import col

from datathon.scoring.tables import Score
from datathon.submissions.tables import Submission


def counts() -> ColumnElement[bool]:
    """Return the condition that joins a submission with the record that counts for it.

    The other records of the submission, of earlier attempts and of rescorings, stay in the table and count for nothing.
    """
    return col(Score.id) == col(Submission.score_id)
