from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_person, make_submission, make_team
from sqlalchemy import Engine
from sqlmodel import Session, select
from submissions.scene import Scene

from datathon.editions.rules import Challenge, Quota
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooLarge
from datathon.store.db import transaction
from datathon.submissions.ledger import usage
from datathon.submissions.receive import Receipt, receive, receive_baseline
from datathon.submissions.rules import FREE_PER_HOUR, Usage
from datathon.submissions.tables import Submission
from datathon.teams.leave import leave
from datathon.teams.tables import Team


def _receive(
    db: Session,
    scene: Scene,
    *,
    content: str = "a",
    size: int = 100,
    key: str | None = None,
    at: datetime | None = None,
    challenge: Challenge | None = None,
    message: str = "",
) -> Receipt:
    return receive(
        db,
        edition=scene.edition,
        windows=scene.windows(at),
        challenge=challenge or scene.challenge,
        team_id=scene.team_id,
        person_id=scene.person_id,
        stored=scene.stored(content, size),
        file_name="C:\\fakepath\\predictions.csv",
        message=message,
        idempotency_key=key,
        now=at or scene.now,
    )


def test_receive_keeps_what_was_handed_in(db: Session, scene: Scene) -> None:
    receipt = _receive(db, scene, message=" syllabes ")
    row = db.get_one(Submission, receipt.submission_id)
    assert (row.number, row.state, row.file_name, row.message) == (1, "received", "predictions.csv", "syllabes")
    assert (row.digest, row.size_bytes, row.received_at) == ("a" * 64, 100, scene.now)
    assert (receipt.team_name, receipt.number, receipt.repeated) == ("Marée haute", 1, False)


def test_receive_numbers_go_on_after_every_state(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    make_submission(db, team, number=1, state="rejected")
    make_submission(db, team, number=2, state="withdrawn")
    assert _receive(db, scene).number == 3


def test_receive_twice_with_one_key_is_one_submission(db: Session, scene: Scene) -> None:
    first = _receive(db, scene, key="form-1")
    again = _receive(db, scene, key="form-1")
    assert (again.submission_id, again.repeated) == (first.submission_id, True)
    assert len(db.exec(select(Submission)).all()) == 1


def test_receive_a_second_file_from_the_same_form(db: Session, scene: Scene) -> None:
    first = _receive(db, scene, content="a", key="form-1")
    second = _receive(db, scene, content="b", key="form-1")
    assert (first.number, second.number) == (1, 2)


def test_receive_repeated_after_the_deadline_gives_what_it_made(db: Session, scene: Scene) -> None:
    first = _receive(db, scene, key="form-1")
    after = _receive(db, scene, key="form-1", at=datetime(2025, 12, 5, 17, 0, 1, tzinfo=UTC))
    assert after.submission_id == first.submission_id


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("2025-11-05T08:29:59+00:00", False),
        ("2025-11-05T08:30:00+00:00", True),
        ("2025-12-05T16:59:59+00:00", True),
        ("2025-12-05T17:00:00+00:00", False),
    ],
)
def test_receive_at_the_very_second(db: Session, scene: Scene, at: str, *, taken: bool) -> None:
    if taken:
        assert _receive(db, scene, at=datetime.fromisoformat(at)).number == 1
        return
    with pytest.raises(Conflict):
        _receive(db, scene, at=datetime.fromisoformat(at))


def test_receive_over_the_quota_of_the_day(db: Session, scene: Scene) -> None:
    for content in "abcde":
        _receive(db, scene, content=content)
    with pytest.raises(Conflict) as refusal:
        _receive(db, scene, content="f")
    assert refusal.value.params == {"limit": 5, "resets_at": datetime(2025, 11, 20, 23, 0, tzinfo=UTC)}


def test_receive_again_after_local_midnight(db: Session, scene: Scene) -> None:
    late = datetime(2025, 11, 20, 22, 59, 59, tzinfo=UTC)
    for content in "abcde":
        _receive(db, scene, content=content, at=late)
    assert _receive(db, scene, content="f", at=late + timedelta(seconds=1)).number == 6


@pytest.mark.parametrize("state", ["rejected", "failed", "withdrawn"])
def test_receive_does_not_count_what_was_free(db: Session, scene: Scene, state: str) -> None:
    team = db.get_one(Team, scene.team_id)
    for number in range(1, 6):
        make_submission(db, team, number=number, state=state, received_at=scene.now)
    assert _receive(db, scene).number == 6


def test_receive_counts_a_score_that_was_seen_and_withdrawn(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state="scored", received_at=scene.now)
    row.state = "withdrawn"
    db.flush()
    used = usage(db, team_id=scene.team_id, edition=scene.edition, challenge_id=scene.challenge.id, now=scene.now)
    assert used == Usage(today=1, total=1)


def test_receive_over_the_quota_in_all(db: Session, scene: Scene) -> None:
    tight = replace(scene.challenge, quota=Quota(per_day=None, total=1))
    _receive(db, scene, challenge=tight)
    with pytest.raises(Conflict, match="for this challenge"):
        _receive(db, scene, content="b", challenge=tight, at=scene.now + timedelta(days=3))


def test_receive_after_sixty_refused_files_within_the_hour_says_when_to_come_back(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    for number in range(1, FREE_PER_HOUR + 1):
        ago = timedelta(minutes=FREE_PER_HOUR - number)
        make_submission(db, team, number=number, state="rejected", received_at=scene.now - ago)
    with pytest.raises(Conflict) as refusal:
        _receive(db, scene)
    assert refusal.value.params == {"count": 60, "again": scene.now + timedelta(minutes=1)}
    assert refusal.value.field == "file"
    assert _receive(db, scene, at=scene.now + timedelta(minutes=1)).number == FREE_PER_HOUR + 1


def test_receive_does_not_hold_failures_of_the_platform_against_a_team(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    for number in range(1, FREE_PER_HOUR + 5):
        make_submission(db, team, number=number, state="failed", received_at=scene.now)
    assert _receive(db, scene).number == FREE_PER_HOUR + 5


def test_receive_from_a_team_that_left(db: Session, scene: Scene) -> None:
    leave(db, windows=scene.windows(), team_id=scene.team_id, person_id=scene.person_id, now=scene.now)
    with pytest.raises(NotAllowed, match="no longer in the team"):
        _receive(db, scene)


def test_receive_for_a_team_put_out(db: Session, scene: Scene) -> None:
    db.get_one(Team, scene.team_id).status = "ineligible"
    db.flush()
    with pytest.raises(Conflict, match="no longer takes part"):
        _receive(db, scene)


def test_receive_from_a_stranger(db: Session, scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        _receive(db, replace(scene, person_id=make_person(db).id))


def test_receive_from_a_member_who_did_not_accept_the_rules(db: Session, scene: Scene) -> None:
    person = make_person(db)
    team = make_team(db, "Autre", captain=person)
    with pytest.raises(NotAllowed, match="Accept the rules"):
        _receive(db, replace(scene, team_id=team.id, person_id=person.id))


def test_receive_an_empty_or_oversized_file(db: Session, scene: Scene) -> None:
    with pytest.raises(Invalid, match="empty"):
        _receive(db, scene, size=0)
    with pytest.raises(TooLarge):
        _receive(db, scene, size=20_000_001)
    assert db.exec(select(Submission)).all() == []


def test_receive_for_a_challenge_without_predictions(db: Session, scene: Scene) -> None:
    with pytest.raises(NotFound):
        _receive(db, scene, challenge=scene.prototype)


def test_receive_twenty_at_once_with_one_left(engine: Engine, scene: Scene) -> None:
    tight = replace(scene.challenge, quota=Quota(per_day=1, total=None))

    def attempt(number: int) -> bool:
        try:
            with transaction(engine) as db:
                _receive(db, scene, content=chr(ord("a") + number), challenge=tight)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 1
    with transaction(engine) as db:
        assert [s.number for s in db.exec(select(Submission))] == [1]


def test_receive_a_double_click_at_once(engine: Engine, scene: Scene) -> None:
    def attempt(_: int) -> Receipt:
        with transaction(engine) as db:
            return _receive(db, scene, key="form-1")

    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(attempt, range(8)))
    assert len({r.submission_id for r in receipts}) == 1
    assert sorted(r.repeated for r in receipts) == [False] + [True] * 7


def test_receive_baseline_once_for_each_file(db: Session, scene: Scene) -> None:
    def put(name: str, content: str) -> int:
        key = receive_baseline(
            db,
            edition=scene.edition,
            challenge=scene.challenge,
            name=name,
            stored=scene.stored(content),
            now=scene.now,
        )
        row = db.get_one(Submission, key)
        assert (row.team_id, row.baseline) == (None, name)
        return row.number

    assert [put("secteurs", "a"), put("secteurs", "a"), put("metiers", "b")] == [1, 1, 2]
