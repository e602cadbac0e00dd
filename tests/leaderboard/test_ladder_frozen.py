"""A board with a ladder that is frozen: what came before gets its answer, what comes after shows nowhere."""

import array
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from judged import judged_edition
from sqlalchemy import Engine
from sqlmodel import Session

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import BoardRules, Moment, Phase, PhaseKind, Reference
from datathon.leaderboard.curve import curve
from datathon.leaderboard.ladder import scored_change
from datathon.leaderboard.queries import board
from datathon.leaderboard.snapshot import refresh
from datathon.scoring import losses
from datathon.scoring.outcome import Losses
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

PLAIN = judged_edition()
CHALLENGE = replace(
    next(c for c in PLAIN.challenges if c.id == "metiers-secteurs"),
    reference=Reference(file=Path("reference.csv"), truth=("y",)),
    board=BoardRules(mode="ladder"),
)
FREEZE = NOW - timedelta(minutes=30)
EDITION = replace(
    PLAIN,
    challenges=(CHALLENGE,),
    phases=(*PLAIN.phases, Phase("freeze", PhaseKind.FREEZE, {"fr": "Gel"}, Moment(15, time(11, 30)), None)),
)
WRONG = {1: range(8), 2: (3, 4, 5, 6, 7, 10, 11), 3: range(1, 8), 4: range(5, 8)}
"""Rows of twenty that each file of the worked example has wrong."""


def land(db: Session, settings: Settings, submission: Submission) -> None:
    """Give a file its score as a worker does."""
    submission.state = "scored"
    values = [float(row in WRONG[submission.number]) for row in range(20)]
    score = make_score(db, submission, public=0.5, private=0.5, metric="rmse")
    kept = Losses("mean", array.array("d", values).tobytes(), bytes(20))
    score.losses_digest = losses.keep(losses.store(settings), kept)
    db.add_all((score, submission))
    db.flush()
    known = Catalogue(root=Path(), editions={EDITION.id: EDITION})
    refresh(db, EDITION, CHALLENGE, now=NOW, change=scored_change(db, settings, known, submission, "scored"))


def shown(engine: Engine, team: Team) -> tuple[object, ...]:
    with reading(engine) as db:
        found = board(db, EDITION, CHALLENGE)
        assert found is not None
        (row,) = found.payload["rows"]
        steps = curve(db, EDITION, CHALLENGE, team.id, since=FREEZE, now=NOW)
    return row["score"], row["submissions"], [(step.number, step.value) for step in steps]


def test_answers_held_back_at_the_freeze_come_and_later_files_do_not(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        files = {n: make_submission(db, team, number=n, received_at=FREEZE + timedelta(minutes=n - 3.5)) for n in WRONG}
        assert [files[n].received_at < FREEZE for n in WRONG] == [True, True, True, False]
        land(db, settings, files[1])
        # The third has its score before the second: it waits for its answer.
        land(db, settings, files[3])
    assert shown(engine, team) == (pytest.approx(0.4), 1, [(1, pytest.approx(0.4))])
    with transaction(engine) as db:
        land(db, settings, db.get_one(Submission, files[2].id))
    told = [(1, pytest.approx(0.4)), (2, pytest.approx(0.4)), (3, pytest.approx(0.35))]
    assert shown(engine, team) == (pytest.approx(0.35), 3, told)
    with transaction(engine) as db:
        land(db, settings, db.get_one(Submission, files[4].id))
    assert shown(engine, team) == (pytest.approx(0.35), 3, told)
