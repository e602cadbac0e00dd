from datetime import timedelta
from pathlib import Path

from factories import make_edition, make_submission, make_team
from sqlmodel import select

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.scoring.claim import Claim, claim, renew
from datathon.scoring.line import waiting
from datathon.scoring.reconcile import take_back_expired
from datathon.scoring.tables import ScoringLog
from datathon.store.db import reading, transaction
from datathon.submissions.rules import MOVES, MOVING, State
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


def test_every_state_that_is_not_an_end_is_reaped_or_waits_for_a_bell(engine, now):
    # A state that changes by itself either waits in the line, where any free worker finds it, or holds a lease that ends.
    assert {State.RECEIVED, State.RUNNING} == MOVING
    assert {state for state in State if MOVES[state] & MOVING and state not in MOVING} == {State.FAILED}
    with transaction(engine) as db:
        make_edition(db)
        waiting_row = make_submission(db, make_team(db))
        make_submission(db, make_team(db, "Autre"), state="running").lease_until = now
    late = now + timedelta(days=400)
    sweep(engine, late)
    with reading(engine) as db:
        assert len(waiting(db, Catalogue(Path(), {}, ()), now=late)) == 2
        assert db.get_one(Submission, waiting_row.id).state == "received"


def test_the_job_of_a_dead_worker_is_taken_again_within_a_minute(engine, now):
    # The worst case: the worker dies at once after a renewal, and the watch looked just before the lease ended.
    settings = Settings()
    submission_id = running(engine, now)
    with transaction(engine) as db:
        renew(db, Claim(submission_id, 1, "w1"), lease_s=settings.lease_s, now=now)
    ends = now + timedelta(seconds=settings.lease_s)
    assert sweep(engine, ends).put_back == ()
    next_look = ends + timedelta(seconds=settings.sweep_s)
    assert sweep(engine, next_look).put_back == (submission_id,)
    with transaction(engine) as db:
        assert claim(db, submission_id, attempt=2, worker="w2", lease_s=30, now=next_look)
    assert next_look - now < timedelta(seconds=60)


def test_take_back_never_touches_other_states(engine, now):
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        states = ["received", "scored", "rejected", "failed", "withdrawn"]
        for number, state in enumerate(states, start=1):
            make_submission(db, team, number=number, state=state)
    assert sweep(engine, now + timedelta(days=1)).put_back == ()
