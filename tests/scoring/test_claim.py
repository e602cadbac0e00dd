from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from factories import make_edition, make_submission, make_team
from sqlmodel import select

from datathon.scoring.claim import Claim, claim, release, renew, set_back
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission


def received(engine, **facts):
    with transaction(engine) as db:
        make_edition(db)
        return make_submission(db, make_team(db), **facts).id


def state_of(engine, submission_id):
    with reading(engine) as db:
        row = db.get_one(Submission, submission_id)
        return row.state, row.attempt


def take(engine, submission_id, now, *, attempt=1, worker="w1"):
    with transaction(engine) as db:
        return claim(db, submission_id, attempt=attempt, worker=worker, lease_s=30, now=now)


def test_claim_of_a_received_submission_holds_it_until_the_lease_ends(engine, now):
    submission_id = received(engine)
    assert take(engine, submission_id, now) == Claim(submission_id, 1, "w1")
    with reading(engine) as db:
        row = db.get_one(Submission, submission_id)
        assert (row.state, row.worker, row.started_at) == ("running", "w1", now)
        assert row.lease_until == now + timedelta(seconds=30)


def test_claim_of_a_taken_submission_gives_nothing(engine, now):
    submission_id = received(engine)
    take(engine, submission_id, now)
    assert take(engine, submission_id, now, worker="w2") is None


def test_claim_of_an_older_attempt_gives_nothing(engine, now):
    submission_id = received(engine)
    assert take(engine, submission_id, now, attempt=2) is None


def test_claim_by_eight_workers_at_once_is_given_to_one(engine, now):
    submission_id = received(engine)
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda n: take(engine, submission_id, now, worker=f"w{n}"), range(8)))
    assert len([claim for claim in held if claim is not None]) == 1


def test_claim_of_a_withdrawn_submission_gives_nothing(engine, now):
    assert take(engine, received(engine, state="withdrawn"), now) is None


def test_renew_by_the_holder_moves_the_end_of_the_lease(engine, now):
    submission_id = received(engine)
    held = take(engine, submission_id, now)
    later = now + timedelta(seconds=10)
    with transaction(engine) as db:
        assert renew(db, held, lease_s=30, now=later)
    with reading(engine) as db:
        assert db.get_one(Submission, submission_id).lease_until == later + timedelta(seconds=30)


def test_renew_after_the_submission_was_taken_back_is_refused(engine, now):
    submission_id = received(engine)
    held = take(engine, submission_id, now)
    with transaction(engine) as db:
        set_back(db, held, now=now)
    with transaction(engine) as db:
        assert not renew(db, held, lease_s=30, now=now)


def test_release_costs_no_attempt(engine, now):
    submission_id = received(engine)
    held = take(engine, submission_id, now)
    with transaction(engine) as db:
        assert release(db, held)
    assert state_of(engine, submission_id) == ("received", 1)


def test_set_back_costs_an_attempt_and_the_third_ends_as_failed(engine, now):
    submission_id = received(engine)
    reached = []
    for attempt in (1, 2, 3):
        held = take(engine, submission_id, now, attempt=attempt)
        with transaction(engine) as db:
            reached.append(set_back(db, held, now=now))
    assert reached == [State.RECEIVED, State.RECEIVED, State.FAILED]
    assert state_of(engine, submission_id) == ("failed", 3)
    with reading(engine) as db:
        assert db.get_one(Submission, submission_id).code == "platform"
        assert [entry.act for entry in db.exec(select(AuditEntry)).all()] == ["scoring_failed"]


def test_set_back_of_a_lost_claim_changes_nothing(engine, now):
    submission_id = received(engine)
    held = take(engine, submission_id, now)
    with transaction(engine) as db:
        release(db, held)
    with transaction(engine) as db:
        assert set_back(db, held, now=now) is None
    assert state_of(engine, submission_id) == ("received", 1)
