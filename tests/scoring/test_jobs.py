import array
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import make_edition, make_submission, make_team
from sqlmodel import select

from datathon import jobs
from datathon.editions.catalogue import load_catalogue
from datathon.kernel.clock import utcnow
from datathon.scoring import losses, pulse
from datathon.scoring.examine import boot_of
from datathon.scoring.queries import queue_state, why_waiting
from datathon.scoring.sandbox.client import ChildLost, ScorerClient
from datathon.scoring.sandbox.private import private_scorer
from datathon.scoring.tables import DoctorReport, Score, ScoringLog
from datathon.scoring.traces import organisers_traces
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

EDITION, CHALLENGE = "atelier", "marnage"


@pytest.fixture(scope="module")
def scorer():
    with private_scorer(libraries="core") as client:
        yield client


@pytest.fixture
def house(engine, settings, scorer):
    with transaction(engine) as db:
        report = {"boot": boot_of(scorer)}
        db.add(DoctorReport(at=utcnow(), worker="w", level="full", report=report))
    return jobs.House(settings, engine, load_catalogue(settings.challenges_dir), scorer, "w1")


def received(engine, settings, *, challenge=CHALLENGE, body=None):
    folder = settings.challenges_dir / EDITION / CHALLENGE
    data = (folder / "sample_submission.csv").read_bytes() if body is None else body
    settings.files_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / "upload"
    path.write_bytes(data)
    with path.open("rb") as file:
        stored = FileStore(settings.files_dir).put(file, limit_bytes=10**7)
    with transaction(engine) as db:
        make_edition(db, EDITION)
        return make_submission(
            db, make_team(db, edition=EDITION), edition=EDITION, challenge=challenge, digest=stored.digest
        ).id


def row_of(engine, submission_id):
    with reading(engine) as db:
        return db.get_one(Submission, submission_id)


def test_score_attempt_scores_and_refreshes_the_board(engine, settings, house):
    submission_id = received(engine, settings)
    assert jobs.score_attempt(house, submission_id, 1) == "scored"
    with reading(engine) as db:
        from datathon.leaderboard.tables import BoardSnapshot

        board = db.get_one(BoardSnapshot, (EDITION, CHALLENGE))
    assert [line["submissions"] for line in board.payload["rows"]] == [1]


def test_score_attempt_keeps_the_losses_by_row_with_the_score(engine, settings, house):
    submission_id = received(engine, settings)
    assert jobs.score_attempt(house, submission_id, 1) == "scored"
    with reading(engine) as db:
        score = db.exec(select(Score).where(Score.submission_id == submission_id)).one()
        found = losses.read_losses(losses.store(settings), score)
    by_row = [n for n, where in zip(array.array("d", found.values), found.parts, strict=True) if where == 0]
    assert sum(by_row) / len(by_row) == pytest.approx(score.public["mae"], rel=1e-12)
    assert not settings.files_dir.joinpath(score.losses_digest[:2], score.losses_digest).exists()


def test_score_attempt_twice_is_taken(engine, settings, house):
    submission_id = received(engine, settings)
    assert [jobs.score_attempt(house, submission_id, 1) for _ in range(2)] == ["scored", "taken"]


def test_score_attempt_of_a_broken_file_refuses_it_with_its_line(engine, settings, house):
    submission_id = received(engine, settings, body=b"station,range_m\nx,1\n")
    assert jobs.score_attempt(house, submission_id, 1) == "rejected"
    assert row_of(engine, submission_id).problems[0]["line"] == 2


def test_score_attempt_without_a_scorer_leaves_the_submission_received(engine, settings, house, tmp_path):
    submission_id = received(engine, settings)
    gone = replace(house, scorer=replace(house.scorer, socket_path=tmp_path / "none.sock", patience_s=0.0))
    assert jobs.score_attempt(gone, submission_id, 1) == "waiting"
    assert (row_of(engine, submission_id).state, row_of(engine, submission_id).attempt) == ("received", 1)


def test_score_attempt_before_the_examination_leaves_the_submission_received(engine, settings, scorer):
    submission_id = received(engine, settings)
    house = jobs.House(settings, engine, load_catalogue(settings.challenges_dir), scorer, "w1")
    assert jobs.score_attempt(house, submission_id, 1) == "waiting"


def test_score_attempt_with_a_lost_file_costs_an_attempt_and_tells_organisers(engine, settings, house):
    submission_id = received(engine, settings)
    FileStore(settings.files_dir).path(row_of(engine, submission_id).digest).unlink()
    reached = [jobs.score_attempt(house, submission_id, attempt) for attempt in (1, 2, 3)]
    assert reached == ["received", "received", "failed"]
    with reading(engine) as db:
        traces = organisers_traces(db, submission_id)
        assert [(trace.code, trace.text, trace.private) for trace in traces] == [("platform", "", True)] * 3
        assert all("no longer kept" in entry.text for entry in db.exec(select(ScoringLog)).all())


def test_score_attempt_of_a_challenge_that_vanished_is_the_platforms_fault(engine, settings, house):
    submission_id = received(engine, settings, challenge="vanished")
    assert jobs.score_attempt(house, submission_id, 1) == "received"
    assert row_of(engine, submission_id).attempt == 2


def test_serve_takes_one_of_each_team_in_turn_until_nobody_waits(engine, settings, house, monkeypatch):
    received(engine, settings)
    with transaction(engine) as db:
        first = db.exec(select(Submission)).one()
        greedy, newcomer = db.get_one(Team, first.team_id), make_team(db, "Nouvelle", edition=EDITION)
        for number in range(2, 6):
            make_submission(db, greedy, edition=EDITION, challenge=CHALLENGE, number=number, digest=first.digest)
        late = first.received_at + timedelta(hours=1)
        last = make_submission(
            db, newcomer, edition=EDITION, challenge=CHALLENGE, digest=first.digest, received_at=late
        )
    monkeypatch.setattr(jobs, "open_house", lambda *_: house)
    assert jobs.serve(settings, engine, for_s=60) == jobs.NOBODY
    with reading(engine) as db:
        rows = db.exec(select(Submission).order_by(Submission.started_at)).all()
    assert {row.state for row in rows} == {"scored"}
    assert [row.id for row in rows].index(last.id) == 1


def test_serve_stops_when_told_and_when_its_time_is_over(engine, settings, house, monkeypatch):
    received(engine, settings)
    monkeypatch.setattr(jobs, "open_house", lambda *_: house)
    assert jobs.serve(settings, engine, for_s=0, stopped=lambda: True) == jobs.NOBODY
    assert jobs.serve(settings, engine, for_s=0) == "scored"


def test_queue_state_tells_what_waits_and_what_is_missing(engine, settings, now):
    received(engine, settings)
    with transaction(engine) as db:
        pulse.beat(db, "w1", pulse.WORKER, now=now)
        pulse.beat(db, "scorer w1", pulse.SCORER, now=now, trouble=pulse.NO_SCORER)
        pulse.beat(db, "redis w1", pulse.REDIS, now=now, trouble=pulse.NO_REDIS)
    with reading(engine) as db:
        state = queue_state(db, now=now)
        assert (state.received, state.running, state.workers) == (1, 0, 1)
        assert state.troubles == (pulse.NO_SCORER, pulse.NO_REDIS)
        assert why_waiting(db, now=now) == pulse.NO_SCORER


def test_queue_state_without_a_worker_says_so(engine, now):
    with reading(engine) as db:
        assert queue_state(db, now=now).troubles == (pulse.NO_WORKER,)


def test_worker_and_its_jobs_never_import_what_belongs_to_the_scorer():
    heavy = "{'numpy', 'pandas', 'sklearn', 'scipy', 'flask'}"
    code = f"import sys, datathon.worker, datathon.jobs; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class LosingScorer(ScorerClient):
    """A service whose children are all killed from outside."""

    def run(self, stage, **_):
        raise ChildLost(f"{stage} was killed")


def test_child_killed_from_outside_costs_an_attempt_and_is_told_to_organisers_after_three(engine, settings, house):
    house = replace(house, scorer=LosingScorer(house.scorer.socket_path))
    submission_id = received(engine, settings)
    assert [jobs.score_attempt(house, submission_id, n) for n in (1, 2, 3)] == ["received", "received", "failed"]
    assert row_of(engine, submission_id).code == "platform"
    with reading(engine) as db:
        assert len(organisers_traces(db, submission_id)) == 3
