"""Schemes beside the fixed anchors, and why some only ever stand beside: ranking specification 3 and 4.8."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.grid import Marks
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge
from datathon.leaderboard.schemes import also_shown, beaten, geometric_mean, points_table, z_scores

HALVES = (Component("m", "metric", 1, "m", "higher", 0, 100), Component("j", "jury", 1, "j"))
WORKED = {
    "A": {"m": 65.0, "j": 76.0},
    "B": {"m": 57.5, "j": 75.0},
    "C": {"m": 75.0, "j": 77.0},
    "D": {"m": 85.0, "j": 60.0},
}
WEIGHTED = (replace(HALVES[0], weight=40), replace(HALVES[1], weight=60))


def pairs(*rows: tuple[float, float]) -> dict[str, dict[str, float]]:
    return {f"T{n}": {"m": float(m), "j": float(j)} for n, (m, j) in enumerate(rows)}


def without(rows: dict[str, dict[str, float]], gone: str) -> dict[str, dict[str, float]]:
    return {team: row for team, row in rows.items() if team != gone}


def order(totals: dict[str, float]) -> str:
    return "".join(sorted(totals, key=lambda t: -totals[t]))


@pytest.mark.parametrize(
    ("scheme", "totals", "places", "digits"),
    [
        ("minmax", {"A": 67.38, "B": 52.94, "C": 85.45, "D": 40.00}, "CABD", 2),
        ("zscore", {"A": 0.128, "B": -0.248, "C": 0.600, "D": -0.479}, "CABD", 3),
        ("borda", {"A": 1.6, "B": 0.6, "C": 2.6, "D": 1.2}, "CADB", 9),
        ("points", {"A": 16.8, "B": 13.8, "C": 22.2, "D": 17.2}, "CDAB", 9),
    ],
)
def test_worked_edition_under_other_schemes(scheme: str, totals: dict[str, float], places: str, digits: int) -> None:
    found = also_shown(scheme, WEIGHTED, WORKED)
    assert {t: round(v, digits) for t, v in found.items()} == totals
    assert order(found) == places


def test_leaving_the_ineligible_in_the_reference_changes_every_min_max_number() -> None:
    found = also_shown("minmax", WEIGHTED, {**WORKED, "E": {"m": 30, "j": 48}, "F": {"m": 0, "j": 48}})
    assert [round(found[t], 2) for t in "ABCD"] == [88.52, 82.92, 95.29, 64.83]


def test_min_max_counter_example_dropping_the_last_team_changes_the_winner() -> None:
    rows = pairs((15, 40), (5, 55), (95, 50), (30, 75))
    before, after = also_shown("minmax", HALVES, rows), also_shown("minmax", HALVES, without(rows, "T0"))
    assert [round(v, 3) for v in before.values()] == [5.556, 21.429, 64.286, 63.889]
    assert [round(v, 3) for v in after.values()] == [10, 50, 63.889]
    assert (order(before)[:2], max(after, key=after.__getitem__)) == ("T2", "T3")


def test_z_score_counter_example_improving_costs_a_place() -> None:
    before = also_shown("zscore", HALVES, pairs((15, 70), (70, 35), (55, 60)))
    after = also_shown("zscore", HALVES, pairs((40, 70), (70, 35), (55, 60)))
    assert [round(v, 4) for v in before.values()] == [-0.1725, -0.1768, 0.3493]
    assert [round(v, 4) for v in after.values()] == [-0.1028, -0.0670, 0.1698]


def test_z_scores_between_judges_let_a_raised_grade_lose_the_first_place() -> None:
    def means(*second: float) -> list[float]:
        columns = [dict(zip("1234", column, strict=True)) for column in ((7, second[0], 6, 6), (5, 3, 3, 10))]
        # Hackathons divide by the sample's standard deviation.
        return [round(math.sqrt(3 / 4) * sum(z_scores(c)[t] for c in columns) / 2, 3) for t in "1234"]

    assert means(9) == [-0.038, 0.367, -0.694, 0.365]
    assert means(10) == [-0.104, 0.386, -0.671, 0.389]


def test_borda_counter_example_the_last_team_decides_who_wins() -> None:
    parts = (replace(HALVES[0], weight=6), replace(HALVES[1], weight=4))
    rows = {"A": {"m": 3.0, "j": 1.0}, "B": {"m": 2.0, "j": 3.0}, "C": {"m": 1.0, "j": 2.0}}
    assert also_shown("borda", parts, rows) == {"A": 1.2, "B": 1.4, "C": 0.4}
    assert also_shown("borda", parts, without(rows, "C")) == {"A": 0.6, "B": 0.4}


def test_borda_counter_example_a_duplicate_changes_the_order_of_others() -> None:
    rows = pairs((6, 9), (6, 8), (3, 4), (2, 5), (8, 9), (10, 3))
    assert list(also_shown("borda", HALVES, rows).values()) == [3.5, 2.75, 1, 1, 4.25, 2.5]
    twice = also_shown("borda", HALVES, {**rows, "copy": rows["T4"]})
    assert [twice[t] for t in rows] == [3.75, 2.75, 1, 1, 4.75, 3.0]


def test_min_max_counter_example_a_hundredth_jumps() -> None:
    before = also_shown("minmax", HALVES, pairs((15, 70), (15, 90), (15, 10), (15, 85)))
    after = also_shown("minmax", HALVES, pairs((15, 70), (15.01, 90), (15, 10), (15, 85)))
    assert list(before.values()) == [62.5, 75, 25, 71.875]
    assert list(after.values()) == [37.5, 100, 0, 46.875]


def test_points_are_shared_between_equals_and_run_out() -> None:
    assert points_table({"a": 3.0, "b": 3.0, "c": 1.0}) == {"a": 21.5, "b": 21.5, "c": 15}
    assert list(points_table({str(n): -float(n) for n in range(12)}).values())[-3:] == [1, 0, 0]
    assert z_scores({"a": 0.1, "b": 0.1, "c": 0.1}) == {"a": 0, "b": 0, "c": 0}
    assert also_shown("minmax", HALVES, {}) == {}


RUBRIC = Rubric("j", (Criterion("all", {"fr": ""}, {"fr": ""}, 100, (), 0.01),), 0)


def inputs(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...] = WEIGHTED, **more: object
) -> Inputs:
    plan = RankingPlan(scheme, 4, parts, ("jury",))
    return replace(
        Inputs(
            plan,
            RUBRIC,
            tuple(Contestant(t, t) for t in rows),
            {"m": {t: row["m"] for t, row in rows.items()}},
            tuple(Marks("j1", t, {"all": row["j"]}) for t, row in rows.items()),
        ),
        **more,  # type: ignore[arg-type]  # fields of Inputs
    )


def by_team(found: tuple[Standing, ...]) -> dict[str, Standing]:
    return {s.team: s for s in found}


def test_geometric_is_the_weighted_geometric_mean_and_a_zero_is_not_compensated() -> None:
    found = by_team(merge(inputs("geometric", {**WORKED, "Z": {"m": 0.0, "j": 100.0}})))
    for team, row in WORKED.items():
        assert found[team].total == pytest.approx(
            math.exp(0.4 * math.log(row["m"]) + 0.6 * math.log(row["j"])), abs=1e-9
        )
        assert sum(c.points for c in found[team].contributions) == pytest.approx(found[team].total, abs=1e-9)
    assert (found["Z"].total, found["Z"].rank) == (0, 5)
    assert sum(c.points for c in found["Z"].contributions) == 0


def test_geometric_of_equal_scores_is_that_score() -> None:
    assert geometric_mean(WEIGHTED, {"m": 37.5, "j": 37.5}) == 37.5


def test_rank_needs_no_anchors_and_gives_the_shares_of_borda() -> None:
    parts = (Component("m", "metric", 40, "m", "lower"), WEIGHTED[1])
    rows = {t: {"m": -row["m"], "j": row["j"]} for t, row in WORKED.items()}
    found = merge(inputs("rank", rows, parts))
    assert [(s.team, s.total) for s in found] == [
        (t, round(100 * v / 3, 9)) for t, v in (("C", 2.6), ("A", 1.6), ("D", 1.2), ("B", 0.6))
    ]
    assert found[0].scores == {"m": 66.666666667, "j": 100.0}


def test_rank_ignores_who_is_not_ranked() -> None:
    rows = {**WORKED, "E": {"m": 99.0, "j": 99.0}}
    outside = tuple(Contestant(t, t, "out_of_competition" if t == "E" else "active") for t in rows)
    found = merge(inputs("rank", rows, contestants=outside))
    assert [s.team for s in found] == ["C", "A", "D", "B", "E"]
    assert (found[-1].total, found[-1].scores) == (None, {})
    assert by_team(found)["C"].total == by_team(merge(inputs("rank", WORKED)))["C"].total


def test_rank_of_one_team_is_a_hundred() -> None:
    assert merge(inputs("rank", {"A": WORKED["A"]}))[0].total == 100


def test_lexicographic_reads_the_heaviest_component_first_and_the_others_on_ties() -> None:
    rows = {**WORKED, "X": {"m": 10.0, "j": 77.0}}
    found = merge(inputs("lexicographic", rows))
    assert [(s.rank, s.team, s.total) for s in found] == [
        (1, "C", 77),
        (2, "X", 77),
        (3, "A", 76),
        (4, "B", 75),
        (5, "D", 60),
    ]
    assert [c.points for c in found[0].contributions] == [0, 77]


SCHEMES = st.sampled_from(["fixed", "geometric", "lexicographic"])
marks_100 = st.integers(0, 200).map(lambda n: n / 2)
tables = st.dictionaries(
    st.sampled_from("abcdef"), st.fixed_dictionaries({"m": marks_100, "j": marks_100}), min_size=2, max_size=6
)
weights = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(
    lambda w: (replace(HALVES[0], weight=w[0]), replace(HALVES[1], weight=w[1]))
)


@given(SCHEMES, tables, weights)
def test_order_of_a_subset_equals_the_order_in_the_full_set(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...]
) -> None:
    gone = min(rows)
    full = [s.team for s in merge(inputs(scheme, rows, parts)) if s.team != gone]
    assert [s.team for s in merge(inputs(scheme, without(rows, gone), parts))] == full


@given(st.sampled_from(["fixed", "geometric", "rank", "lexicographic"]), tables, weights, st.sampled_from("mj"))
def test_raising_a_component_never_costs_a_place(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...], which: str
) -> None:
    team = min(rows)
    raised = {**rows, team: {**rows[team], which: min(100.0, rows[team][which] + 7)}}
    before, after = (
        by_team(merge(inputs(scheme, rows, parts)))[team],
        by_team(merge(inputs(scheme, raised, parts)))[team],
    )
    assert (after.rank or 0) <= (before.rank or 0)


@given(st.sampled_from(["fixed", "geometric", "rank", "lexicographic"]), tables, weights)
def test_totals_stay_in_range_and_are_made_of_their_contributions(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...]
) -> None:
    for standing in merge(inputs(scheme, rows, parts)):
        assert 0 <= (standing.total or 0) <= 100
        assert sum(c.points for c in standing.contributions) == pytest.approx(standing.total, abs=1e-9)


@given(st.sampled_from(["fixed", "geometric", "rank", "lexicographic"]), tables, weights)
def test_order_of_the_teams_does_not_matter(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...]
) -> None:
    assert merge(inputs(scheme, rows, parts)) == merge(inputs(scheme, dict(reversed(rows.items())), parts))


@given(SCHEMES, tables, weights)
def test_better_everywhere_is_ranked_before(
    scheme: str, rows: dict[str, dict[str, float]], parts: tuple[Component, ...]
) -> None:
    found = by_team(merge(inputs(scheme, rows, parts)))
    for a, one in rows.items():
        for b, other in rows.items():
            if one["m"] > other["m"] and one["j"] > other["j"] and (scheme != "geometric" or other["m"] * other["j"]):
                assert (found[a].rank or 0) < (found[b].rank or 0)


@given(st.dictionaries(st.sampled_from("abcdef"), marks_100, min_size=1))
def test_borda_counts_every_pair_once(values: dict[str, float]) -> None:
    assert sum(beaten(values).values()) == len(values) * (len(values) - 1) / 2
