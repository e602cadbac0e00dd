from datetime import timedelta

from factories import make_edition, make_submission, make_team
from sqlmodel import select

from datathon.scoring.claim import claim
from datathon.scoring.reconcile import take_back_expired
from datathon.scoring.tables import ScoringLog
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission


def running(engine, now, *, attempt=1):
    with transaction(engine) as db:
        make_edition(db)
        row = make_submission(db, make_team(db))
        row.attempt = attempt
        db.flush()
        claim(db, row.id, attempt=attempt, worker="w1", lease_s=30, now=now)
        return row.id


def sweep(engine, now):
    with transaction(engine) as db:
        return take_back_expired(db, now=now)


def test_take_back_leaves_a_live_lease_alone_at_its_last_second(engine, now):
    running(engine, now)
    assert sweep(engine, now + timedelta(seconds=30)).put_back == ()


def test_take_back_of_an_expired_lease_gives_the_next_attempt(engine, now):
    submission_id = running(engine, now)
    assert sweep(engine, now + timedelta(seconds=31)).put_back == (submission_id,)
    with reading(engine) as db:
        row = db.get_one(Submission, submission_id)
        assert (row.state, row.attempt, row.worker, row.lease_until) == ("received", 2, "", None)
        assert [(entry.attempt, entry.stage) for entry in db.exec(select(ScoringLog)).all()] == [(1, "lease")]


def test_take_back_of_the_third_attempt_gives_the_submission_up(engine, now):
    submission_id = running(engine, now, attempt=3)
    swept = sweep(engine, now + timedelta(seconds=31))
    assert (swept.put_back, swept.given_up) == ((), (submission_id,))
    with reading(engine) as db:
        assert db.get_one(Submission, submission_id).state == "failed"


def test_take_back_twice_moves_a_submission_once(engine, now):
    running(engine, now)
    late = now + timedelta(seconds=31)
    sweep(engine, late)
    assert sweep(engine, late) == sweep(engine, late + timedelta(hours=1))


def test_take_back_never_touches_other_states(engine, now):
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        states = ["received", "scored", "rejected", "failed", "withdrawn"]
        for number, state in enumerate(states, start=1):
            make_submission(db, team, number=number, state=state)
    assert sweep(engine, now + timedelta(days=1)).put_back == ()
