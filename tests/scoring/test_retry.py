import pytest
from factories import NOW, make_edition, make_person, make_submission, make_team
from sqlmodel import Session, select

from datathon.kernel.errors import Conflict, NotFound
from datathon.scoring.retry import retry
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Submission


def test_retry_of_a_failed_submission_is_a_new_attempt(db: Session) -> None:
    make_edition(db)
    organiser = make_person(db)
    row = make_submission(db, make_team(db), state="failed")
    assert retry(db, submission_id=row.id, edition_id="2025", organiser_id=organiser.id, now=NOW) == 2
    db.refresh(row)
    assert (row.state, row.attempt, row.finished_at, row.received_at) == ("received", 2, None, NOW)
    assert [(e.act, e.actor_id) for e in db.exec(select(AuditEntry))] == [("retry_submission", organiser.id)]


@pytest.mark.parametrize("state", ["received", "running", "scored", "rejected", "withdrawn"])
def test_retry_of_what_did_not_fail_is_refused(db: Session, state: str) -> None:
    make_edition(db)
    row = make_submission(db, make_team(db), state=state)
    with pytest.raises(Conflict):
        retry(db, submission_id=row.id, edition_id="2025", organiser_id=make_person(db).id, now=NOW)
    assert db.get_one(Submission, row.id).attempt == 1


def test_retry_by_the_organiser_of_another_edition_finds_nothing(db: Session) -> None:
    make_edition(db)
    row = make_submission(db, make_team(db), state="failed")
    with pytest.raises(NotFound):
        retry(db, submission_id=row.id, edition_id="atelier", organiser_id=make_person(db).id, now=NOW)
