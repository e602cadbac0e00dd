from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW, make_edition, make_person, make_submission, make_team
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.catalogue import load_edition
from datathon.kernel.errors import Conflict, NotFound
from datathon.scoring.retry import retry
from datathon.store.db import transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.ledger import lines, usage
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

FOLDER = Path(__file__).parents[2] / "challenges"
EDITION = load_edition(FOLDER / "2025")


def test_retry_of_a_failed_submission_is_a_new_attempt(db: Session) -> None:
    make_edition(db)
    organiser = make_person(db)
    row = make_submission(db, make_team(db), state="failed")
    assert retry(db, submission_id=row.id, edition=EDITION, organiser_id=organiser.id, now=NOW) == 2
    db.refresh(row)
    assert (row.state, row.attempt, row.finished_at, row.received_at) == ("received", 2, None, NOW)
    assert [(e.act, e.actor_id) for e in db.exec(select(AuditEntry))] == [("retry_submission", organiser.id)]


@pytest.mark.parametrize("state", ["received", "running", "scored", "rejected", "withdrawn"])
def test_retry_of_what_did_not_fail_is_refused(db: Session, state: str) -> None:
    make_edition(db)
    row = make_submission(db, make_team(db), state=state)
    with pytest.raises(Conflict):
        retry(db, submission_id=row.id, edition=EDITION, organiser_id=make_person(db).id, now=NOW)
    assert db.get_one(Submission, row.id).attempt == 1


def test_retry_by_the_organiser_of_another_edition_finds_nothing(db: Session) -> None:
    make_edition(db)
    row = make_submission(db, make_team(db), state="failed")
    with pytest.raises(NotFound):
        retry(
            db, submission_id=row.id, edition=load_edition(FOLDER / "atelier"), organiser_id=make_person(db).id, now=NOW
        )


def test_retry_takes_the_place_that_the_failure_gave_back(db: Session) -> None:
    make_edition(db)
    team = make_team(db)
    row = make_submission(db, team, state="failed")
    assert charged(db, team) == 0
    retry(db, submission_id=row.id, edition=EDITION, organiser_id=make_person(db).id, now=NOW + timedelta(days=2))
    assert charged(db, team) == 1
    assert [(one.kind, one.reason) for one in reversed(lines(db, team_id=team.id))] == [
        ("reserve", ""),
        ("refund", "failed"),
        ("reserve", ""),
    ]


def test_retry_after_the_team_used_the_place_meanwhile_is_refused(db: Session) -> None:
    make_edition(db)
    team = make_team(db)
    row = make_submission(db, team, state="failed")
    quota = EDITION.challenge(row.challenge_id).quota.per_day
    for number in range(2, quota + 2):
        make_submission(db, team, number=number, state="scored")
    with pytest.raises(Conflict, match="one more than its quota"):
        retry(db, submission_id=row.id, edition=EDITION, organiser_id=make_person(db).id, now=NOW)
    assert (charged(db, team), db.get_one(Submission, row.id).state) == (quota, "failed")


def test_retry_by_two_organisers_at_once_is_one_attempt_and_one_charge(engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        row = make_submission(db, team, state="failed")
        organiser = make_person(db)

    def again(_: int) -> bool:
        try:
            with transaction(engine) as db:
                retry(db, submission_id=row.id, edition=EDITION, organiser_id=organiser.id, now=NOW)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(again, range(6))) == 1
    with transaction(engine) as db:
        assert (charged(db, team), db.get_one(Submission, row.id).attempt) == (1, 2)


def charged(db: Session, team: Team) -> int:
    return usage(db, team_id=team.id, edition=EDITION, challenge_id="metiers-secteurs", now=NOW).today
