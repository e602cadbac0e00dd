"""The worked examples, counter-examples and invariants of the ranking specification, 4.3 and 4.8."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.grid import Marks
from datathon.jury.pairwise import Vote, tally
from datathon.kernel.errors import Invalid
from datathon.leaderboard.merge import Contestant, Inputs, Standing, anchored, merge

NAMES = ("needs", "quality", "repro", "frugal", "security", "clarity")
RUBRIC = Rubric(
    "competences",
    tuple(Criterion(n, {"fr": n}, {"fr": ""}, m) for n, m in zip(NAMES, (20, 30, 20, 10, 10, 10), strict=True)),
    50,
)
RMSE = {"A": 6.8, "B": 7.4, "C": 6.0, "D": 5.2, "E": 9.6, "F": 13.0}
GRADES = {
    "A": (16, 24, 15, 8, 7, 6),
    "B": (14, 26, 12, 7, 8, 8),
    "C": (17, 20, 16, 9, 8, 7),
    "D": (12, 18, 11, 6, 7, 6),
    "E": (10, 13, 9, 5, 6, 5),
    "F": (9, 12, 10, 5, 6, 6),
}


def plan(metric: int = 40, jury: int = 60, decimals: int = 4, tie_break: tuple[str, ...] = ()) -> RankingPlan:
    return RankingPlan(
        "fixed",
        decimals,
        (
            Component("metric", "metric", metric, "metiers-secteurs", "lower", 12, 4),
            Component("jury", "jury", jury, "competences"),
        ),
        tie_break or ("jury", "criterion:needs"),
    )


def sheet(team: str, points: tuple[float, ...], juror: str = "j1") -> Marks:
    return Marks(juror, team, dict(zip(NAMES, points, strict=True)))


def worked(
    teams: str = "ABCDEF", *, the_plan: RankingPlan | None = None, statuses: dict[str, str] | None = None
) -> Inputs:
    return Inputs(
        the_plan or plan(),
        RUBRIC,
        tuple(Contestant(t, t, (statuses or {}).get(t, "active")) for t in teams),
        {"metric": {t: RMSE[t] for t in teams}},
        tuple(sheet(t, GRADES[t]) for t in teams),
    )


def by_team(inputs: Inputs) -> dict[str, Standing]:
    return {s.team: s for s in merge(inputs)}


@pytest.mark.parametrize(
    ("rmse", "score"),
    [(6.8, 65), (7.4, 57.5), (6.0, 75), (5.2, 85), (9.6, 30), (13.0, 0), (12.0, 0), (4.0, 100), (1.0, 100)],
)
def test_anchored_rmse_between_baseline_12_and_target_4(rmse: float, score: float) -> None:
    assert anchored(rmse, baseline=12, target=4) == score


def test_anchored_with_equal_anchors_is_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        anchored(1, baseline=2, target=2)


def test_worked_edition_gives_totals_and_ranks() -> None:
    ranked = [(s.rank, s.team, s.total) for s in merge(worked()) if s.rank]
    assert ranked == [(1, "C", 76.2), (2, "A", 71.6), (3, "D", 70.0), (4, "B", 68.0)]


def test_worked_edition_lists_the_ineligible_with_their_reason() -> None:
    others = [(s.team, s.status, s.reason, s.jury_raw, s.rank) for s in merge(worked()) if not s.rank]
    assert others == [
        ("E", "ineligible", "below_threshold", 48.0, None),
        ("F", "ineligible", "below_threshold", 48.0, None),
    ]


def test_contributions_sum_to_the_total() -> None:
    for standing in merge(worked()):
        assert sum(c.points for c in standing.contributions) == pytest.approx(standing.total, abs=1e-9)
    assert [(c.component, c.points) for c in by_team(worked())["A"].contributions] == [("metric", 26.0), ("jury", 45.6)]


@pytest.mark.parametrize(("jury", "status"), [(49.9, "ineligible"), (50, "ranked")])
def test_threshold_decides_on_unrounded_marks(jury: float, status: str) -> None:
    rubric = Rubric("competences", (Criterion("all", {"fr": "all"}, {"fr": ""}, 100, (), 0.1),), 50)
    ranking = RankingPlan("fixed", 0, (Component("jury", "jury", 1, "competences"),), ())
    inputs = Inputs(ranking, rubric, (Contestant("A", "A"),), {}, (Marks("j1", "A", {"all": jury}),))
    assert merge(inputs)[0].status == status


@pytest.mark.parametrize("scale", [1, 2, 7, 1000])
def test_weights_as_integers_scale_without_changing_anything(scale: int) -> None:
    scaled = merge(worked(the_plan=plan(40 * scale, 60 * scale)))
    assert [(s.team, s.rank, s.total) for s in scaled] == [(s.team, s.rank, s.total) for s in merge(worked())]


def test_weight_of_zero_removes_the_component() -> None:
    jury_only = worked(the_plan=plan(0, 1))
    without = Inputs(jury_only.plan, RUBRIC, jury_only.contestants, {}, jury_only.sheets)
    assert [(s.team, s.rank, s.total) for s in merge(without)] == [(s.team, s.rank, s.total) for s in merge(jury_only)]
    assert by_team(without)["C"].total == 77


def test_tie_on_total_goes_to_the_jury_then_the_first_criterion_then_is_shared() -> None:
    # Equal totals of 70: A by its jury (80), then B and C by their first criterion, then C and D share.
    metric = {"A": 100 * 0.55, "B": 70.0, "C": 70.0, "D": 70.0}
    ranking = RankingPlan(
        "fixed",
        4,
        (Component("metric", "metric", 40, "m", "higher", 0, 100), Component("jury", "jury", 60, "j")),
        ("jury", "criterion:needs"),
    )
    grades = {
        "A": (20, 20, 20, 10, 5, 5),
        "B": (18, 12, 20, 10, 5, 5),
        "C": (10, 20, 20, 10, 5, 5),
        "D": (10, 20, 20, 10, 5, 5),
    }
    inputs = Inputs(
        ranking,
        RUBRIC,
        tuple(Contestant(t, t) for t in "DCBA"),
        {"metric": metric},
        tuple(sheet(t, g) for t, g in grades.items()),
    )
    standings = merge(inputs)
    assert {s.total for s in standings} == {70.0}
    assert [(s.rank, s.team, s.shared) for s in standings] == [
        (1, "A", False),
        (2, "B", False),
        (3, "C", True),
        (3, "D", True),
    ]


def test_tie_is_decided_on_the_plan_s_decimals() -> None:
    near = worked("AC", the_plan=plan(decimals=0, tie_break=("criterion:quality",)))
    near = Inputs(
        near.plan,
        RUBRIC,
        near.contestants,
        {"metric": {"A": 6.0, "C": 6.01}},
        tuple(sheet(t, GRADES["A"]) for t in "AC"),
    )
    assert [(s.rank, s.shared) for s in merge(near)] == [(1, True), (1, True)]


@pytest.mark.parametrize(
    ("drop", "reason"),
    [("metric", "no_metric"), ("jury", "no_jury")],
)
def test_missing_component_leaves_the_team_unranked_with_reason(drop: str, reason: str) -> None:
    whole = worked("AB")
    inputs = Inputs(
        whole.plan,
        RUBRIC,
        whole.contestants,
        {"metric": {"B": 7.4}} if drop == "metric" else whole.metrics,
        whole.sheets[1:] if drop == "jury" else whole.sheets,
    )
    standing = by_team(inputs)["A"]
    assert (standing.status, standing.reason, standing.rank, standing.total) == ("unranked", reason, None, None)
    assert by_team(inputs)["B"].rank == 1


def test_missing_metric_that_is_not_a_number_is_no_zero() -> None:
    whole = worked("AB")
    inputs = Inputs(whole.plan, RUBRIC, whole.contestants, {"metric": {"A": float("nan"), "B": 7.4}}, whole.sheets)
    assert by_team(inputs)["A"].reason == "no_metric"


@pytest.mark.parametrize(
    ("status", "shown", "reason"),
    [
        ("withdrawn", "withdrawn", "withdrawn"),
        ("out_of_competition", "out_of_competition", "out_of_competition"),
        ("ineligible", "ineligible", "decided"),
    ],
)
def test_team_that_is_not_ranked_is_listed_and_moves_nobody(status: str, shown: str, reason: str) -> None:
    standings = by_team(worked(statuses={"C": status}))
    assert (standings["C"].status, standings["C"].reason, standings["C"].rank) == (shown, reason, None)
    assert [standings[t].rank for t in "ADB"] == [1, 2, 3]
    assert [standings[t].total for t in "ADB"] == [71.6, 70.0, 68.0]


@pytest.mark.parametrize(
    "wrong",
    [
        RankingPlan("minmax", 4, plan().components, ()),
        plan(0, 0),
        plan(-1, 2),
        RankingPlan("fixed", 4, (Component("m", "metric", 1, "c", "lower", 3, 3),), ()),
        RankingPlan("fixed", 4, (Component("m", "metric", 1, "c", "lower", None, 3),), ()),
        RankingPlan("geometric", 4, (Component("m", "metric", 1, "c", "lower", None, 3),), ()),
        plan(tie_break=("luck",)),
        plan(tie_break=("criterion:charm",)),
    ],
)
def test_plan_that_cannot_be_computed_is_refused(wrong: RankingPlan) -> None:
    with pytest.raises(Invalid):
        merge(worked(the_plan=wrong))


def test_jury_component_without_rubric_is_refused() -> None:
    whole = worked()
    with pytest.raises(Invalid):
        merge(Inputs(whole.plan, None, whole.contestants, whole.metrics, ()))


def two_columns(rows: dict[str, tuple[float, float]], metric: int = 1, jury: int = 1) -> Inputs:
    """An edition whose metric is 0..100 already and whose jury has one criterion of 100 without threshold."""
    ranking = RankingPlan(
        "fixed",
        4,
        (Component("metric", "metric", metric, "m", "higher", 0, 100), Component("jury", "jury", jury, "j")),
        ("jury",),
    )
    rubric = Rubric("j", (Criterion("all", {"fr": ""}, {"fr": ""}, 100, (), 0.01),), 0)
    return Inputs(
        ranking,
        rubric,
        tuple(Contestant(t, t) for t in rows),
        {"metric": {t: m for t, (m, _) in rows.items()}},
        tuple(Marks("j1", t, {"all": j}) for t, (_, j) in rows.items()),
    )


def order(inputs: Inputs) -> list[tuple[int | None, str]]:
    return [(s.rank, s.team) for s in merge(inputs)]


def test_min_max_counter_example_keeps_its_winner_here() -> None:
    rows = {"T0": (15.0, 40.0), "T1": (5.0, 55.0), "T2": (95.0, 50.0), "T3": (30.0, 75.0)}
    assert order(two_columns(rows))[0] == (1, "T2")
    rows.pop("T0")
    assert order(two_columns(rows))[0] == (1, "T2")


def test_z_score_counter_example_keeps_the_place_here() -> None:
    before = {"a": (15.0, 70.0), "b": (70.0, 35.0), "c": (55.0, 60.0)}
    after = {**before, "a": (40.0, 70.0)}
    ranks = [{t: r for r, t in order(two_columns(rows))}["a"] for rows in (before, after)]
    assert ranks[1] <= ranks[0]  # type: ignore[operator]  # ranked teams have ranks


marks_100 = st.integers(0, 200).map(lambda n: n / 2)
fields = st.dictionaries(st.sampled_from("abcdef"), st.tuples(marks_100, marks_100), min_size=2, max_size=6)
weights = st.integers(1, 9)


@given(fields, weights, weights)
def test_order_of_a_subset_equals_the_order_in_the_full_set(
    rows: dict[str, tuple[float, float]], metric: int, jury: int
) -> None:
    gone = min(rows)
    full = [s.team for s in merge(two_columns(rows, metric, jury)) if s.team != gone]
    rest = {t: v for t, v in rows.items() if t != gone}
    assert [s.team for s in merge(two_columns(rest, metric, jury))] == full


@given(fields, weights, weights, st.integers(1, 50), st.sampled_from([0, 1]))
def test_raising_a_component_never_costs_a_place(
    rows: dict[str, tuple[float, float]], metric: int, jury: int, more: int, which: int
) -> None:
    team = min(rows)
    raised = list(rows[team])
    raised[which] = min(100, raised[which] + more)
    before = by_team(two_columns(rows, metric, jury))[team]
    after = by_team(two_columns({**rows, team: (raised[0], raised[1])}, metric, jury))[team]
    assert (after.rank or 0) <= (before.rank or 0)
    assert (after.total or 0) >= (before.total or 0)


@given(fields, weights, weights, st.sampled_from([0, 1]))
def test_a_change_of_001_never_jumps(rows: dict[str, tuple[float, float]], metric: int, jury: int, which: int) -> None:
    team = min(rows)
    moved = list(rows[team])
    moved[which] = min(100, moved[which] + 0.01)
    before = by_team(two_columns(rows, metric, jury))
    after = by_team(two_columns({**rows, team: (moved[0], moved[1])}, metric, jury))
    assert abs((after[team].total or 0) - (before[team].total or 0)) <= 0.0100001
    assert all(after[t].total == before[t].total for t in rows if t != team)


@given(fields, weights, weights)
def test_ranking_does_not_depend_on_the_order_of_teams_and_stays_in_range(
    rows: dict[str, tuple[float, float]], metric: int, jury: int
) -> None:
    turned = dict(reversed(rows.items()))
    assert merge(two_columns(rows, metric, jury)) == merge(two_columns(turned, metric, jury))
    for standing in merge(two_columns(rows, metric, jury)):
        assert 0 <= (standing.total or 0) <= 100
        assert sum(c.points for c in standing.contributions) == pytest.approx(standing.total, abs=1e-9)


@given(fields, weights, weights)
def test_strictly_better_on_both_sides_is_ranked_before(
    rows: dict[str, tuple[float, float]], metric: int, jury: int
) -> None:
    standings = by_team(two_columns(rows, metric, jury))
    for a, (metric_a, jury_a) in rows.items():
        for b, (metric_b, jury_b) in rows.items():
            if metric_a > metric_b and jury_a > jury_b:
                assert (standings[a].rank or 0) < (standings[b].rank or 0)


def tied(*teams: str, tie_break: tuple[str, ...] = ("pairwise",)) -> Inputs:
    """Return teams with the same metric and the same marks."""
    inputs = worked("".join(teams), the_plan=plan(tie_break=tie_break))
    return replace(
        inputs,
        metrics={"metric": dict.fromkeys(teams, 6.0)},
        sheets=tuple(sheet(t, GRADES["A"]) for t in teams),
    )


def ranks(inputs: Inputs) -> dict[str, int | None]:
    return {s.team: s.rank for s in merge(inputs)}


def test_comparisons_settle_a_tie_where_all_of_it_was_compared() -> None:
    compared = tally("ABC", [Vote("j", "B", "A"), Vote("j", "B", "C"), Vote("k", "A", "C", tie=True)])
    assert ranks(replace(tied("A", "B", "C"), compared=compared)) == {"B": 1, "A": 2, "C": 2}
    assert ranks(tied("A", "B", "C")) == {"A": 1, "B": 1, "C": 1}
    # D was not compared: it could stand anywhere among the others.
    assert set(ranks(replace(tied("A", "B", "C", "D"), compared=compared)).values()) == {1}
    # Without the rule they decide nothing.
    shown = tied("A", "B", "C", tie_break=("jury",))
    assert set(ranks(replace(shown, compared=compared)).values()) == {1}


def test_comparisons_never_change_an_order_that_totals_decided() -> None:
    compared = tally("ABCD", [Vote("j", "B", "C"), Vote("j", "D", "A"), Vote("j", "D", "C")])
    inputs = worked(the_plan=plan(tie_break=("pairwise", "jury")))
    assert ranks(replace(inputs, compared=compared)) == ranks(inputs)
