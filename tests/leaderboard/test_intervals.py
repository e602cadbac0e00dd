"""Intervals belong to the scores on the board: asked for with them, computed beside, shown only while they do."""

import array
import random
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from judged import judged_edition
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.config import Settings
from datathon.editions.rules import Reference
from datathon.leaderboard import intervals
from datathon.leaderboard.queries import board
from datathon.leaderboard.resample import compute, compute_next
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Extent
from datathon.leaderboard.tables import BoardInterval, BoardSnapshot
from datathon.scoring import losses
from datathon.scoring.outcome import Losses
from datathon.scoring.tables import ChallengeBasis, Score
from datathon.store.db import make_engine, reading, transaction

EDITION = judged_edition()
CHALLENGE = replace(
    next(c for c in EDITION.challenges if c.id == "metiers-secteurs"),
    reference=Reference(file=Path("reference.csv"), truth=("y",)),
)
KEY = ("2025", "metiers-secteurs", "public")
ROWS = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, challenges_dir=tmp_path, secret_key="s" * 32)


def squares(level: float, seed: int, *, rows: int = ROWS, hidden: float = 0.0) -> Losses:
    """Squared errors around ``level`` on the public rows, ``hidden`` on as many private ones."""
    draw = random.Random(seed)  # noqa: S311 - made-up errors
    values = [level * draw.uniform(0.5, 1.5) for _ in range(rows)] + [hidden] * rows
    return Losses("root", array.array("d", values).tobytes(), bytes([0] * rows + [1] * rows))


def land(db: Session, settings: Settings, team, made: Losses | None, *, number: int = 1, basis: str = "", at=NOW):
    submission = make_submission(db, team, number=number, state="scored", received_at=at)
    public = 1.0
    if made is not None:
        there = array.array("d", made.values)[: made.parts.count(0)]
        public = (sum(there) / len(there)) ** 0.5
    row = make_score(db, submission, public=public, private=0.7318294, metric="rmse")
    row.basis = basis
    row.losses_digest = None if made is None else losses.keep(losses.store(settings), made)
    db.add(row)
    db.flush()
    return submission


def three_teams(db: Session, settings: Settings) -> list:
    """Two teams side by side, a third far behind."""
    make_edition(db)
    teams = [make_team(db, name) for name in ("Marée haute", "Le Verger", "Les Éclusiers")]
    for team, level, seed in zip(teams, (1.0, 1.0, 9.0), (1, 2, 3), strict=True):
        land(db, settings, team, squares(level, seed, hidden=7.25))
    return teams


def shown(engine: Engine, now: datetime = NOW) -> dict:
    with transaction(engine) as db:
        refresh(db, EDITION, CHALLENGE, now=now)
        found = board(db, EDITION, CHALLENGE)
        assert found is not None
        return dict(found.payload)


def computed(engine: Engine, settings: Settings) -> intervals.Asked | None:
    """What a worker does, in this process."""
    return compute_next(engine, settings, worker="w1", run=lambda given, told: compute(given, progress=told))


def rows(payload: dict) -> dict[str, dict]:
    return {row["slug"]: row for row in payload["rows"]}


def test_intervals_come_with_the_next_refresh_after_a_worker_computed_them(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    before = shown(engine)
    assert before["intervals"] == {"state": "computing"}
    assert all(row["interval"] is None for row in before["rows"])
    assert computed(engine, settings) is not None
    after = shown(engine)
    said = after["intervals"]
    assert {name: said[name] for name in ("state", "rows", "draws", "level", "indicative")} == {
        "state": "ready", "rows": ROWS, "draws": 2000, "level": 0.95, "indicative": False,
    }  # fmt: skip
    found = rows(after)
    assert found["les-eclusiers"]["interval"] == [3, 3]
    assert found["maree-haute"]["interval"] == found["le-verger"]["interval"] == [1, 2]
    assert found["maree-haute"]["tied"] == ["Le Verger"]
    assert [sorted(group) for group in said["groups"]] == [["le-verger", "maree-haute"]]
    assert found["maree-haute"]["p_first"] + found["le-verger"]["p_first"] == pytest.approx(1, abs=0.01)
    assert found["les-eclusiers"]["p_podium"] == 1
    # The losses of the hidden part are neither used nor told.
    assert "7.25" not in str(after)
    # Nothing is left to do, and nothing changes by looking again.
    assert computed(engine, settings) is None
    with reading(engine) as db:
        version = db.get_one(BoardSnapshot, KEY[:2]).version
    assert shown(engine, NOW + timedelta(hours=1)) == after
    with reading(engine) as db:
        assert db.get_one(BoardSnapshot, KEY[:2]).version == version


def test_process_of_its_own_finds_the_same_figures(sqlite_template: Path, tmp_path: Path, settings: Settings) -> None:
    engine = make_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'own.sqlite3')}")
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    compute_next(engine, settings, worker="w1")
    first = shown(engine)
    with transaction(engine) as db:
        db.delete(db.get_one(BoardInterval, KEY))
    shown(engine)
    computed(engine, settings)
    assert shown(engine)["rows"] == first["rows"]
    engine.dispose()


def test_new_score_hides_intervals_of_the_old_ones_until_they_are_computed_again(
    engine: Engine, settings: Settings
) -> None:
    with transaction(engine) as db:
        teams = three_teams(db, settings)
    shown(engine)
    computed(engine, settings)
    shown(engine)
    with transaction(engine) as db:
        land(db, settings, teams[2], squares(0.2, 4), number=2)
    stale = shown(engine)
    assert stale["intervals"] == {"state": "computing"}
    assert all(row["interval"] is None and "p_first" not in row for row in stale["rows"])
    # Not at once: every board rests between two computations.
    assert computed(engine, settings) is None
    with transaction(engine) as db:
        row = db.get_one(BoardInterval, KEY)
        assert row.computed_at is not None
        row.computed_at -= intervals.EVERY
    assert computed(engine, settings) is not None
    assert rows(shown(engine))["les-eclusiers"]["interval"] == [1, 1]


def test_score_without_losses_says_why_there_is_no_interval(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
        land(db, settings, make_team(db, "Ancienne"), None)
    shown(engine)
    computed(engine, settings)
    found = shown(engine)
    assert found["intervals"] == {"state": "none", "reason": "losses"}
    assert all(row["interval"] is None for row in found["rows"])


def test_losses_of_two_references_are_never_compared(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
        land(db, settings, make_team(db, "Nouvelle"), squares(1.0, 8), basis="sha256:other")
    shown(engine)
    computed(engine, settings)
    assert shown(engine)["intervals"] == {"state": "none", "reason": "versions"}


def test_rows_that_differ_are_never_compared(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
        land(db, settings, make_team(db, "Autre"), squares(1.0, 8, rows=ROWS + 1))
    shown(engine)
    computed(engine, settings)
    assert shown(engine)["intervals"] == {"state": "none", "reason": "versions"}


def test_fewer_than_two_teams_or_a_metric_without_losses_ask_for_nothing(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        make_edition(db)
    assert shown(engine)["intervals"] == {"state": "none", "reason": "teams"}
    with transaction(engine) as db:
        land(db, settings, make_team(db), squares(1.0, 1))
    assert shown(engine)["intervals"] == {"state": "none", "reason": "teams"}
    with transaction(engine) as db:
        refresh(db, EDITION, replace(CHALLENGE, reference=None), now=NOW)
        assert db.get_one(BoardSnapshot, KEY[:2]).payload["intervals"] == {"state": "none", "reason": "metric"}
        assert db.get(BoardInterval, KEY) is None


def test_one_public_row_is_too_few(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        make_edition(db)
        for name in ("Un", "Deux"):
            land(db, settings, make_team(db, name), squares(1.0, 1, rows=1))
    shown(engine)
    computed(engine, settings)
    assert shown(engine)["intervals"] == {"state": "none", "reason": "rows"}


def test_worker_that_died_leaves_its_board_to_another_and_cannot_overwrite(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    with transaction(engine) as db:
        lost = intervals.claim_due(db, worker="w1", now=NOW)
    assert lost is not None
    later = NOW + intervals.LEASE + timedelta(seconds=1)
    with transaction(engine) as db:
        assert intervals.claim_due(db, worker="w2", now=NOW) is None
        assert intervals.renew(db, lost, progress=0.5, now=NOW)
    with transaction(engine) as db:
        taken = intervals.claim_due(db, worker="w2", now=later)
    assert taken is not None
    with transaction(engine) as db:
        assert not intervals.renew(db, lost, progress=0.9, now=later)
        assert not intervals.keep(db, lost, {"state": "ready"}, now=later)
        assert intervals.keep(db, taken, {"state": "none", "reason": "failed"}, now=later)


def test_progress_is_told_from_the_claim_to_the_end(engine: Engine, settings: Settings) -> None:
    def told(now: datetime) -> list[tuple[object, ...]]:
        with reading(engine) as db:
            found = intervals.progress_of(db, *KEY[:2], now=now)
        return [(one.part, one.state, one.share, one.silent) for one in found]

    with transaction(engine) as db:
        three_teams(db, settings)
    assert told(NOW) == []
    shown(engine)
    assert told(NOW) == [("public", "waiting", 0, False)]
    with transaction(engine) as db:
        asked = intervals.claim_due(db, worker="w1", now=NOW)
        assert asked is not None
        intervals.renew(db, asked, progress=0.43, now=NOW)
    assert told(NOW) == [("public", "running", 0.43, False)]
    # Killed: no sign of life any more, the job is free again and begins anew with somebody else.
    later = NOW + intervals.LEASE + timedelta(seconds=1)
    assert told(later) == [("public", "waiting", 0, True)]
    with transaction(engine) as db:
        again = intervals.claim_due(db, worker="w2", now=later)
        assert again is not None
    assert told(later) == [("public", "running", 0, False)]
    with transaction(engine) as db:
        intervals.keep(db, again, {"state": "ready"}, now=later)
    assert told(later) == [("public", "ready", 1, False)]


def test_intervals_of_another_reference_are_withdrawn(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    computed(engine, settings)
    assert shown(engine)["intervals"]["state"] == "ready"
    with transaction(engine) as db:
        # The reference changed and every file was scored again with it: the board shows the new version.
        db.add(ChallengeBasis(edition_id=KEY[0], challenge_id=KEY[1], present="sha256:new", shown="sha256:new",
                              noticed_at=NOW))  # fmt: skip
        for score in db.exec(select(Score)):
            score.basis = "sha256:new"
            db.add(score)
    found = shown(engine)
    assert found["intervals"] == {"state": "computing"}
    assert all(row["interval"] is None for row in found["rows"])


def test_teams_that_are_all_tied_share_everything(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        make_edition(db)
        for name in ("Un", "Deux", "Trois"):
            land(db, settings, make_team(db, name), squares(1.0, 1))
    shown(engine)
    computed(engine, settings)
    found = shown(engine)
    assert {(row["rank"], *row["interval"], row["p_first"]) for row in found["rows"]} == {(1, 1, 3, 1.0)}
    assert [sorted(group) for group in found["intervals"]["groups"]] == [["deux", "trois", "un"]]


def test_clock_that_goes_back_keeps_nobody_waiting(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    with transaction(engine) as db:
        assert intervals.claim_due(db, worker="w1", now=NOW + timedelta(days=1)) is not None
    with transaction(engine) as db:
        assert intervals.claim_due(db, worker="w2", now=NOW) is not None


def test_computation_that_fails_is_tried_three_times(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    now = NOW
    for _ in range(intervals.TRIES):
        now += timedelta(minutes=5)
        with transaction(engine) as db:
            asked = intervals.claim_due(db, worker="w1", now=now)
            assert asked is not None
            intervals.keep(db, asked, None, now=now)
    assert shown(engine)["intervals"] == {"state": "none", "reason": "failed"}


def test_frozen_board_keeps_its_intervals(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        teams = three_teams(db, settings)
    afterwards = NOW + timedelta(days=60)
    shown(engine, afterwards)
    computed(engine, settings)
    frozen = shown(engine, afterwards)
    assert frozen["frozen"]
    assert frozen["intervals"]["state"] == "ready"
    with transaction(engine) as db:
        land(db, settings, teams[2], squares(0.1, 4), number=2, at=afterwards)
    assert shown(engine, afterwards + timedelta(minutes=1)) == frozen
    assert computed(engine, settings) is None


def test_change_that_names_nobody_shows_what_was_found(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        three_teams(db, settings)
    shown(engine)
    computed(engine, settings)
    with transaction(engine) as db:
        refresh(db, EDITION, CHALLENGE, now=NOW, change=Extent.NOTHING)
        assert db.get_one(BoardSnapshot, KEY[:2]).payload["intervals"]["state"] == "ready"
