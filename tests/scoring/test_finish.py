from datetime import timedelta

import pytest
from factories import make_edition, make_submission, make_team
from sqlmodel import select

from datathon.kernel.errors import NotFound
from datathon.kernel.ids import new_id
from datathon.scoring.claim import Claim, claim, set_back
from datathon.scoring.finish import finish
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.problem import Problem
from datathon.scoring.tables import Score, ScoringLog
from datathon.scoring.traces import operators_traces, organisers_traces
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Submission

SCORED = ScoringOutcome(
    "scored",
    values={"public": {"mae": 1.25}, "private": {"mae": 1 / 3}, "all": {"mae": 0.5}},
    scorer={"name": "mae", "version": "1", "digest": "sha256:1"},
    reference="sha256:2",
    submission="sha256:3",
    environment="sha256:4",
    timings_ms={"parse": 10.0, "score": 2.0, "total": 13.0},
    resources={"cpu_s": 0.02, "max_rss_bytes": 41_943_040},
    sandbox="full",
)
PROBLEM = Problem("value_type", 4, "mae", "12,5", "decimal_point", {})
REJECTED = ScoringOutcome("rejected", "value_type", (PROBLEM,))
FAILED = ScoringOutcome("failed", "scorer_error", logs={"parse": "done", "score": "ZeroDivisionError"})


def held(engine, now, *, worker="w1") -> Claim:
    with transaction(engine) as db:
        make_edition(db)
        row = make_submission(db, make_team(db))
        found = claim(db, row.id, attempt=1, worker=worker, lease_s=30, now=now)
    assert found is not None
    return found


def end(engine, claimed, outcome, now):
    with transaction(engine) as db:
        return finish(db, claimed, outcome, now=now)


def rows(engine, table):
    with reading(engine) as db:
        return db.exec(select(table)).all()


def test_finish_of_a_scored_file_writes_one_full_record(engine, now):
    claimed = held(engine, now)
    assert end(engine, claimed, SCORED, now + timedelta(seconds=2))
    (record,) = rows(engine, Score)
    assert (record.submission_id, record.attempt) == (claimed.submission_id, 1)
    assert (record.public, record.private) == ({"mae": 1.25}, {"mae": 1 / 3})
    assert (record.sandbox, record.cpu_s, record.max_rss_bytes) == ("full", 0.02, 41_943_040)
    (row,) = rows(engine, Submission)
    assert (row.state, row.code, row.problems, row.lease_until) == ("scored", "", [], None)
    assert row.finished_at == now + timedelta(seconds=2)
    assert row.score_id == record.id
    assert rows(engine, ScoringLog) == []


def test_finish_of_a_rejected_file_keeps_what_is_wrong_with_it(engine, now):
    end(engine, held(engine, now), REJECTED, now)
    (row,) = rows(engine, Submission)
    assert (row.state, row.code) == ("rejected", "value_type")
    assert [Problem.from_json(problem) for problem in row.problems] == [PROBLEM]
    assert rows(engine, Score) == []


def test_finish_of_a_failed_attempt_tells_organisers_only(engine, now):
    end(engine, held(engine, now), FAILED, now)
    (row,) = rows(engine, Submission)
    assert (row.state, row.code, row.problems) == ("failed", "scorer_error", [])
    assert {entry.stage: entry.text for entry in rows(engine, ScoringLog)} == {
        "parse": "done",
        "score": "ZeroDivisionError",
    }


def test_finish_by_a_worker_that_was_given_up_changes_nothing(engine, now):
    zombie = held(engine, now)
    with transaction(engine) as db:
        set_back(db, zombie, now=now)
    with transaction(engine) as db:
        second = claim(db, zombie.submission_id, attempt=2, worker="w2", lease_s=30, now=now)
    assert not end(engine, zombie, SCORED, now)
    assert end(engine, second, SCORED, now)
    assert not end(engine, zombie, FAILED, now)
    assert [record.attempt for record in rows(engine, Score)] == [2]
    assert rows(engine, Submission)[0].state == "scored"


def test_finish_twice_writes_one_record(engine, now):
    claimed = held(engine, now)
    assert [end(engine, claimed, SCORED, now), end(engine, claimed, SCORED, now)] == [True, False]
    assert len(rows(engine, Score)) == 1


def test_traces_of_a_failed_attempt_keep_the_scorer_s_words_from_organisers(engine, now):
    claimed = held(engine, now)
    end(engine, claimed, FAILED, now)
    with transaction(engine) as db:
        shown = organisers_traces(db, claimed.submission_id)
        kept = operators_traces(db, claimed.submission_id, now=now)
        with pytest.raises(NotFound):
            operators_traces(db, new_id(), now=now)
    assert {trace.stage: (trace.text, trace.private) for trace in shown} == {
        "parse": ("done", False),
        "score": ("", True),
    }
    assert {trace.stage: trace.text for trace in kept} == {"parse": "done", "score": "ZeroDivisionError"}
    assert [entry.act for entry in rows(engine, AuditEntry)] == ["read_private_log"]
