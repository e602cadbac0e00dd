"""Withdraw a submission."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition, PhaseKind, Window
from datathon.kernel.errors import NotFound
from datathon.store import audit
from datathon.store.db import locked
from datathon.submissions.admission import acting_team
from datathon.submissions.ledger import settle
from datathon.submissions.rules import State, check_open, check_withdrawable, step
from datathon.submissions.tables import FinalChoice, Submission


def withdraw(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    submission_id: UUID,
    team_id: UUID,
    person_id: UUID,
    now: datetime,
) -> None:
    """Take a waiting or scored submission out of everything that counts, until submissions close. It cannot come back.

    Before its score its place in the quota comes back; after, it stays spent. The file and its receipt stay. Raises Conflict while it is being scored or once it was refused, NotFound for
    another team's submission.
    """
    acting_team(db, edition=edition, team_id=team_id, person_id=person_id)
    row = locked(db, Submission, submission_id)
    if row is None or row.team_id != team_id or row.edition_id != edition.id:
        raise NotFound("This submission does not exist.")
    check_open(windows, PhaseKind.SUBMISSIONS)
    check_withdrawable(row.state)
    row.state = step(State(row.state), State.WITHDRAWN).value
    settle(db, row.id, State.WITHDRAWN, now=now)
    audit.record(
        db, "withdraw_submission", str(row.id), now=now, actor=person_id, edition=edition.id, number=row.number
    )
    for choice in db.exec(select(FinalChoice).where(FinalChoice.submission_id == row.id)):
        db.delete(choice)
    db.flush()  # the board that the door refreshes next must not read the old state
