"""Standings that follow step by step say what the pure function over all scores says."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from judged import judged_edition
from sqlalchemy import Engine
from sqlmodel import Session, delete, select

from datathon.editions.rules import BoardRules, Challenge, Edition, Metric
from datathon.leaderboard.queries import board, order_of, primary, scored
from datathon.leaderboard.snapshot import board_rows, distrust, refresh
from datathon.leaderboard.standings import Change, Extent, Landed, Touched
from datathon.leaderboard.tables import BoardSnapshot, Standing
from datathon.schema import metadata
from datathon.scoring.tables import Score
from datathon.store.db import make_engine
from datathon.submissions.tables import FinalChoice, Submission
from datathon.teams.tables import Team

WHERE = ("2025", "metiers-secteurs")


def challenge(counts: str = "best", tie_break: tuple[str, ...] = ()) -> tuple[Edition, Challenge]:
    edition = judged_edition()
    found = edition.challenge(WHERE[1])
    assert found is not None
    changed = replace(found, metrics=(*found.metrics, Metric("mae", "lower", 1)), board=BoardRules(counts, tie_break))
    return edition, changed


def refreshed(db: Session, change: Change, counts: str = "best", tie_break: tuple[str, ...] = ()) -> list[dict]:
    edition, played = challenge(counts, tie_break)
    refresh(db, edition, played, now=NOW, change=change)
    found = board(db, edition, played)
    assert found is not None
    return [{name: value for name, value in row.items() if name != "others"} for row in found.payload["rows"]]


def pure(db: Session, counts: str = "best", tie_break: tuple[str, ...] = ()) -> list[dict]:
    _, played = challenge(counts, tie_break)
    return board_rows(scored(db, *WHERE), primary(played), order_of(played))


def land(
    db: Session, team: Team | None, value: float, number: int, *, minutes: int = 0, mae: float = 0.0
) -> Submission:
    at = NOW - timedelta(days=1) + timedelta(minutes=minutes)
    row = make_submission(
        db, team, number=number, state="scored", received_at=at, baseline="" if team else f"base-{number}.csv"
    )
    make_score(db, row, public=value, private=0.7318294, metric="rmse").public = {"rmse": value, "mae": mae}
    db.flush()
    return row


class Night(RuleBasedStateMachine):
    """Scores land with a clock that may go back, files are withdrawn, chosen, teams change their status, in any order."""

    counts = "best"
    tie_break: tuple[str, ...] = ("mae",)

    @initialize()
    def open(self) -> None:
        self.engine = make_engine("sqlite://")
        metadata.create_all(self.engine)
        self.db = Session(self.engine)
        make_edition(self.db)
        self.teams = [make_team(self.db, name) for name in ("A", "B", "C")]
        self.rows: list[Submission] = []
        self.shown = refreshed(self.db, Extent.EVERYTHING, self.counts, self.tie_break)

    def _follow(self, change: Change) -> None:
        self.db.flush()
        self.shown = refreshed(self.db, change, self.counts, self.tie_break)

    @rule(team=st.integers(0, 2), value=st.integers(0, 4), mae=st.integers(0, 1), minutes=st.integers(0, 3))
    def score_lands(self, team: int, value: int, mae: int, minutes: int) -> None:
        owner = self.teams[team]
        before = {row["slug"]: row["rank"] for row in self.shown}
        row = land(self.db, owner, value / 2, len(self.rows) + 1, minutes=minutes, mae=float(mae))
        self.rows.append(row)
        self._follow(Landed(row.id))
        after = {row["slug"]: row["rank"] for row in self.shown}
        if self.counts == "best" and before.get(owner.slug):
            assert after[owner.slug] <= before[owner.slug], "a new file never worsens its own team's rank"

    @rule(value=st.sampled_from([0.5, math.nan, math.inf]))
    def baseline_lands(self, value: float) -> None:
        row = land(self.db, None, 1.0, len(self.rows) + 1)
        record = self.db.get_one(Score, row.score_id)
        record.public = {"rmse": value} if math.isfinite(value) else {}
        self.rows.append(row)
        self._follow(Landed(row.id))

    @rule(which=st.integers(0, 50))
    def one_is_withdrawn(self, which: int) -> None:
        there = [row for row in self.rows if row.team_id is not None and row.state == "scored"]
        if there:
            row = there[which % len(there)]
            row.state = "withdrawn"
            self.db.execute(delete(FinalChoice).where(FinalChoice.submission_id == row.id))
            assert row.team_id is not None
            self._follow(Touched(row.team_id))

    @rule(which=st.integers(0, 50))
    def one_is_chosen(self, which: int) -> None:
        there = [row for row in self.rows if row.team_id is not None and row.state == "scored"]
        if there:
            row = there[which % len(there)]
            assert row.team_id is not None
            team = self.db.get_one(Team, row.team_id)
            self.db.execute(delete(FinalChoice).where(FinalChoice.submission_id == row.id))
            self.db.add(
                FinalChoice(
                    team_id=team.id, challenge_id=WHERE[1], submission_id=row.id, chosen_at=NOW,
                    chosen_by=team.captain_id,
                )
            )  # fmt: skip
            self._follow(Touched(team.id))

    @rule(team=st.integers(0, 2), status=st.sampled_from(["active", "withdrawn", "out_of_competition", "ineligible"]))
    def team_changes_status(self, team: int, status: str) -> None:
        others = [row["slug"] for row in self.shown if row["slug"] != self.teams[team].slug]
        self.teams[team].status = status
        self.db.add(self.teams[team])
        self._follow(Extent.NOTHING)
        assert [row["slug"] for row in self.shown if row["slug"] != self.teams[team].slug] == others

    @invariant()
    def standings_are_the_pure_function(self) -> None:
        if hasattr(self, "db"):
            assert self.shown == pure(self.db, self.counts, self.tie_break)

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()
            self.engine.dispose()


class LastNight(Night):
    counts = "last"
    tie_break = ()


class ChosenNight(Night):
    counts = "selected"
    tie_break = ("earliest",)


quick = hypothesis_settings(max_examples=12, stateful_step_count=12)
TestBest, TestLast, TestSelected = Night.TestCase, LastNight.TestCase, ChosenNight.TestCase
TestBest.settings = TestLast.settings = TestSelected.settings = quick


@pytest.fixture
def team(db: Session) -> Team:
    make_edition(db)
    return make_team(db, "Marée haute")


def test_score_that_nobody_told_of_is_found_by_counting(db: Session, team: Team) -> None:
    refreshed(db, Extent.EVERYTHING)
    land(db, team, 5.0, 1)
    assert [row["score"] for row in refreshed(db, Extent.NOTHING)] == [5.0]


def test_standing_that_was_spoilt_is_repaired_by_a_comparison(db: Session, team: Team) -> None:
    land(db, team, 5.0, 1)
    refreshed(db, Extent.EVERYTHING)
    (standing,) = db.exec(select(Standing)).all()
    standing.value = 1.0
    db.flush()
    assert [row["score"] for row in refreshed(db, Extent.NOTHING)] == [1.0]
    assert [row["score"] for row in refreshed(db, Extent.EVERYTHING)] == [5.0]


def test_distrusted_board_is_computed_from_all_scores(db: Session, team: Team) -> None:
    land(db, team, 5.0, 1)
    refreshed(db, Extent.EVERYTHING)
    for standing in db.exec(select(Standing)):
        standing.value = 1.0
    distrust(db, *WHERE)
    db.expire_all()
    assert [row["score"] for row in refreshed(db, Extent.NOTHING)] == [5.0]


@pytest.mark.parametrize(("counts", "score"), [("best", 5.0), ("last", 7.0), ("selected", 6.0)])
def test_change_of_the_rule_computes_everything_again(db: Session, team: Team, counts: str, score: float) -> None:
    land(db, team, 5.0, 1, minutes=30)
    chosen = land(db, team, 6.0, 2, minutes=20)
    last = land(db, team, 7.0, 3, minutes=10)
    db.add(
        FinalChoice(
            team_id=team.id, challenge_id=WHERE[1], submission_id=chosen.id, chosen_at=NOW, chosen_by=team.captain_id
        )
    )
    db.flush()
    refreshed(db, Extent.EVERYTHING)
    assert [row["score"] for row in refreshed(db, Landed(last.id), counts)] == [score]


def test_ties_are_separated_as_declared_and_no_further(db: Session, team: Team) -> None:
    one, two = make_team(db, "B"), make_team(db, "C")
    land(db, team, 5.0, 1, minutes=5, mae=0.31)
    land(db, one, 5.0, 1, minutes=3, mae=0.29)
    land(db, two, 5.0, 1, minutes=1, mae=0.52)
    shared = [(row["rank"], row["team"]) for row in refreshed(db, Extent.EVERYTHING)]
    assert shared == [(1, "C"), (1, "B"), (1, "Marée haute")]
    by_metric = [(row["rank"], row["team"]) for row in refreshed(db, Extent.EVERYTHING, "best", ("mae",))]
    assert by_metric == [(1, "B"), (1, "Marée haute"), (3, "C")], "0.31 and 0.29 are equal to one decimal"
    by_time = [(row["rank"], row["team"]) for row in refreshed(db, Extent.EVERYTHING, "best", ("earliest",))]
    assert by_time == [(1, "C"), (2, "B"), (3, "Marée haute")]


def test_board_of_nobody_is_empty(db: Session) -> None:
    make_edition(db)
    assert refreshed(db, Extent.EVERYTHING) == []
    assert db.get_one(BoardSnapshot, WHERE).version == 1


def test_long_and_foreign_names_stand_as_written(engine: Engine) -> None:
    names = ["Ж" * 80, "فريق البيانات", "🦀🐚 Crabes", "é" * 79 + "a"]
    with Session(engine) as db, db.begin():
        make_edition(db)
        for n, name in enumerate(names):
            row = make_team(db, f"team {n}")
            row.name = name
            land(db, row, 1.0 + n, 1)
        assert [row["team"] for row in refreshed(db, Extent.EVERYTHING)] == names
