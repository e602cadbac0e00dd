from datetime import UTC, datetime

import pytest
from factories import make_person, make_submission, make_team
from sqlmodel import Session, select
from submissions.scene import Scene

from datathon.kernel.errors import Conflict, NotAllowed, NotFound
from datathon.store.tables import AuditEntry
from datathon.submissions.choose_final import choose_final, chosen
from datathon.submissions.tables import Submission
from datathon.submissions.withdraw import withdraw
from datathon.teams.tables import Team


def _withdraw(db: Session, scene: Scene, row: Submission, *, at: datetime | None = None) -> None:
    withdraw(
        db,
        edition=scene.edition,
        windows=scene.windows(at),
        submission_id=row.id,
        team_id=scene.team_id,
        person_id=scene.person_id,
        now=at or scene.now,
    )


@pytest.mark.parametrize("state", ["received", "scored"])
def test_withdraw_takes_it_out(db: Session, scene: Scene, state: str) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state=state)
    _withdraw(db, scene, row)
    assert db.get_one(Submission, row.id).state == "withdrawn"
    assert [entry.act for entry in db.exec(select(AuditEntry))] == ["withdraw_submission"]


def test_withdraw_undoes_the_choice(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), challenge=scene.challenge.id, state="scored")
    choose_final(
        db,
        edition=scene.edition,
        windows=scene.windows(),
        challenge=scene.challenge,
        team_id=scene.team_id,
        person_id=scene.person_id,
        submission_ids=[row.id],
        now=scene.now,
    )
    _withdraw(db, scene, row)
    assert chosen(db, team_id=scene.team_id, challenge_id=scene.challenge.id) == frozenset()


@pytest.mark.parametrize("state", ["running", "rejected", "failed", "withdrawn"])
def test_withdraw_in_another_state(db: Session, scene: Scene, state: str) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state=state)
    with pytest.raises(Conflict):
        _withdraw(db, scene, row)
    assert db.get_one(Submission, row.id).state == state


def test_withdraw_another_teams_file(db: Session, scene: Scene) -> None:
    row = make_submission(db, make_team(db, "Autre"), state="scored")
    with pytest.raises(NotFound):
        _withdraw(db, scene, row)


def test_withdraw_after_the_deadline(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state="scored")
    with pytest.raises(Conflict, match="closed since"):
        _withdraw(db, scene, row, at=datetime(2025, 12, 5, 17, 0, tzinfo=UTC))


def test_withdraw_by_a_stranger(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state="scored")
    with pytest.raises(NotAllowed):
        withdraw(
            db,
            edition=scene.edition,
            windows=scene.windows(),
            submission_id=row.id,
            team_id=scene.team_id,
            person_id=make_person(db).id,
            now=scene.now,
        )
