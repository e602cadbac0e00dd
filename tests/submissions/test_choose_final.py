from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import pytest
from factories import make_submission, make_team
from sqlmodel import Session
from submissions.scene import Scene

from datathon.kernel.errors import Conflict, Invalid
from datathon.submissions.choose_final import choose_final, chosen
from datathon.teams.tables import Team


def _choose(db: Session, scene: Scene, ids: Collection[UUID], *, at: datetime | None = None) -> frozenset[UUID]:
    choose_final(
        db,
        edition=scene.edition,
        windows=scene.windows(at),
        challenge=scene.challenge,
        team_id=scene.team_id,
        person_id=scene.person_id,
        submission_ids=ids,
        now=at or scene.now,
    )
    return chosen(db, team_id=scene.team_id, challenge_id=scene.challenge.id)


def _scored(db: Session, scene: Scene, count: int) -> list[UUID]:
    team = db.get_one(Team, scene.team_id)
    return [
        make_submission(db, team, challenge=scene.challenge.id, number=n, state="scored").id
        for n in range(1, count + 1)
    ]


def test_choose_final_replaces_the_choice(db: Session, scene: Scene) -> None:
    one, two, three = _scored(db, scene, 3)
    assert _choose(db, scene, [one, two]) == {one, two}
    assert _choose(db, scene, [two, three]) == {two, three}
    assert _choose(db, scene, []) == frozenset()


def test_choose_final_above_the_limit(db: Session, scene: Scene) -> None:
    ids = _scored(db, scene, 3)
    with pytest.raises(Invalid) as refusal:
        _choose(db, scene, ids)
    assert refusal.value.params == {"limit": 2, "count": 3}


@pytest.mark.parametrize("state", ["received", "rejected", "withdrawn", "failed"])
def test_choose_final_of_what_has_no_score(db: Session, scene: Scene, state: str) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), challenge=scene.challenge.id, state=state)
    with pytest.raises(Invalid, match="Only scored"):
        _choose(db, scene, [row.id])


def test_choose_final_of_another_team(db: Session, scene: Scene) -> None:
    other = make_submission(db, make_team(db, "Autre"), challenge=scene.challenge.id, state="scored")
    with pytest.raises(Invalid):
        _choose(db, scene, [other.id])


def test_choose_final_of_another_challenge(db: Session, scene: Scene) -> None:
    other = make_submission(db, db.get_one(Team, scene.team_id), challenge="ailleurs", state="scored")
    with pytest.raises(Invalid):
        _choose(db, scene, [other.id])


def test_choose_final_until_the_very_second(db: Session, scene: Scene) -> None:
    (one,) = _scored(db, scene, 1)
    assert _choose(db, scene, [one], at=datetime(2025, 12, 5, 16, 59, 59, tzinfo=UTC)) == {one}
    with pytest.raises(Conflict):
        _choose(db, scene, [], at=datetime(2025, 12, 5, 17, 0, 0, tzinfo=UTC))
