"""Would the podium change? The numbers of the ranking specification, 4.9."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leaderboard.test_merge import GRADES, NAMES, plan, sheet, worked

from datathon.editions.rules import Component
from datathon.jury.shrinkage import Correction
from datathon.leaderboard.merge import Inputs, merge
from datathon.leaderboard.sensitivity import (
    by_scheme,
    first_places,
    neighbours,
    nudge,
    nudged_criteria,
    nudged_weights,
    ranked_rows,
    reweighted,
    shares,
    swaps,
    total_at,
    without_each_criterion,
    without_each_juror,
)

ROWS = ranked_rows(merge(worked()))
PARTS = plan().components


def test_exact_shares_of_the_metric_that_swap_neighbours() -> None:
    found = {f"{s.ahead}{s.behind}": s for s in swaps(PARTS, ROWS, "metric")}
    assert {pair: round(s.share, 4) for pair, s in found.items()} == {"AD": 0.4444, "DB": 0.3529, "CD": 0.6296}
    assert {s.declared for s in found.values()} == {0.4}
    assert swaps(PARTS, ROWS, "metric")[0] == found["AD"]


def test_totals_are_equal_at_the_swap() -> None:
    for swap in swaps(PARTS, ROWS, "metric"):
        at = reweighted(shares(PARTS), "metric", swap.share)
        assert total_at(at, ROWS[swap.ahead]) == pytest.approx(total_at(at, ROWS[swap.behind]), abs=1e-9)


def test_swaps_by_the_jury_mirror_those_by_the_metric() -> None:
    assert [round(1 - s.share, 4) for s in swaps(PARTS, ROWS, "jury")] == [
        round(s.share, 4) for s in swaps(PARTS, ROWS, "metric")
    ]
    assert swaps(plan(0, 1).components, ROWS, "jury") == ()


def test_ten_percent_on_each_weight_changes_nothing() -> None:
    found = nudged_weights(worked())
    assert [w.subject for w in found] == ["metric-", "metric+", "jury-", "jury+"]
    weights = [36 / 96, 44 / 104, 40 / 94, 40 / 106]
    assert [round(w, 4) for w in weights] == [0.375, 0.4231, 0.4255, 0.3774]
    assert {(w.order, w.changed) for w in found} == {(("C", "A", "D", "B"), False)}
    for what_if, weight in zip(found, weights, strict=True):
        expected = {t: weight * row["metric"] + (1 - weight) * row["jury"] for t, row in ROWS.items()}
        assert what_if.totals == pytest.approx(expected, abs=1e-9)
    assert [round(found[1].totals[t], 3) for t in "CADB"] == [76.154, 71.346, 70.577, 67.596]


def test_ten_percent_on_each_criterion_changes_neither_podium_nor_eligibility() -> None:
    found = nudged_criteria(worked())
    assert len(found) == 12
    assert {w.order for w in found} == {("C", "A", "D", "B")}
    jury_only = replace(worked(), plan=plan(0, 1), rubric=replace(worked().rubric, threshold=0))  # type: ignore[type-var]
    scores = [w.totals[t] for w in nudged_criteria(jury_only) for t in "EF"]
    assert (round(min(scores), 2), round(max(scores), 2)) == (47.77, 48.25)


def test_ten_percent_on_weighted_criteria_is_the_same_trial() -> None:
    edition = worked()
    assert edition.rubric is not None
    fifths = tuple(replace(c, maximum=c.maximum / 5, weight=c.maximum) for c in edition.rubric.criteria)
    sheets = tuple(replace(s, points={c: p / 5 for c, p in s.points.items()}) for s in edition.sheets)
    stars = replace(edition, rubric=replace(edition.rubric, criteria=fifths), sheets=sheets)
    for one, other in zip(nudged_criteria(edition), nudged_criteria(stars), strict=True):
        assert other.order == one.order
        assert other.totals == pytest.approx(one.totals, abs=1e-9)


def test_grade_noise_says_how_safe_the_first_place_is() -> None:
    found = first_places(PARTS, ROWS, {"jury": 3.0, "metric": 4.0}, seed=20251105)
    assert found == pytest.approx({"A": 0.083, "B": 0.005, "C": 0.885, "D": 0.027}, abs=0.01)
    assert found == first_places(PARTS, ROWS, {"jury": 3.0, "metric": 4.0}, seed=20251105)
    assert sum(found.values()) == pytest.approx(1)
    assert first_places(PARTS, {}, {}, seed=1) == {}
    assert first_places(PARTS, {"A": ROWS["A"], "X": ROWS["A"]}, {}, seed=1, draws=10) == {"A": 0.5, "X": 0.5}


def test_dirichlet_draws_would_hide_the_swap_that_is_near() -> None:
    weights = np.random.default_rng(1).dirichlet([50 * 0.4, 50 * 0.6], size=2000)
    best = [max(ROWS, key=lambda t: w[0] * ROWS[t]["metric"] + w[1] * ROWS[t]["jury"]) for w in weights]
    assert best.count("C") / 2000 > 0.995
    assert swaps(PARTS, ROWS, "metric")[0].share - 0.4 < 0.05


def test_scheme_table() -> None:
    found = {w.subject: w for w in by_scheme(worked())}
    assert {s: "".join(w.order) for s, w in found.items()} == {
        "fixed": "CADB", "geometric": "CADB", "rank": "CADB", "lexicographic": "CABD", "raw_jury": "CABD",
    }  # fmt: skip
    assert [w.changed for w in found.values()] == [False, False, False, True, True]
    bare = replace(
        worked(),
        plan=replace(plan(), scheme="rank", components=(Component("metric", "metric", 1, "m", "lower"), PARTS[1])),
    )
    assert [w.subject for w in by_scheme(bare)] == ["rank", "raw_jury"]


@pytest.mark.parametrize(("applied", "subject"), [(True, "raw"), (False, "corrected")])
def test_scheme_table_turns_the_correction_of_an_incomplete_jury_round(applied: bool, subject: str) -> None:  # noqa: FBT001 - a case
    strict = jury({}, {"A": -12.0, "B": -12.0, "C": -12.0, "D": -12.0})
    # The strict member does not grade B, which gains by it until the others are corrected.
    sheets = tuple(s for s in strict.sheets if (s.juror, s.team) != ("j2", "B"))
    found = by_scheme(replace(strict, sheets=sheets, correction=Correction("fixed", 2.0, applied=applied)))
    assert found[-1].subject == subject
    (raw, fair) = (found[-1], found[0]) if applied else (found[0], found[-1])
    assert raw.totals["B"] > fair.totals["B"]


def test_order_at_the_declared_weights_is_the_published_one() -> None:
    declared = shares(PARTS)
    assert sorted(ROWS, key=lambda t: -total_at(declared, ROWS[t])) == [s.team for s in merge(worked()) if s.rank]


def jury(*jurors: dict[str, float]) -> Inputs:
    """Return the worked edition graded by several jurors who move the second criterion."""
    sheets = tuple(
        sheet(t, (*g[:1], g[1] + moves.get(t, 0.0), *g[2:]), f"j{n}")
        for n, moves in enumerate(jurors, start=1)
        for t, g in GRADES.items()
    )
    return replace(worked(), sheets=sheets)


def test_leaving_a_duplicate_juror_out_keeps_the_order() -> None:
    found = without_each_juror(jury({}, {}))
    assert [(w.subject, w.changed) for w in found] == [("j1", False), ("j2", False)]
    assert {tuple(w.totals.values()) for w in found} == {(76.2, 71.6, 70.0, 68.0)}


def test_leaving_the_one_juror_out_who_decided_changes_the_order() -> None:
    found = without_each_juror(jury({}, {"A": 5.0, "C": -10.0}))
    assert [w.changed for w in found] == [True, False] or [w.changed for w in found] == [False, True]


def test_leaving_the_only_juror_out_leaves_nobody_ranked() -> None:
    assert without_each_juror(worked())[0].order == ()


def test_leaving_jurors_out_uses_the_frozen_lambda() -> None:
    whole = jury({}, {"A": 3.0}, {"B": 2.0})
    holes = replace(
        whole,
        sheets=tuple(s for s in whole.sheets if (s.juror, s.team) not in {("j1", "A"), ("j2", "C")}),
        correction=Correction("reml", 0.7, applied=True, why="announced"),
    )
    fewer = replace(holes, sheets=tuple(s for s in holes.sheets if s.juror != "j3"))
    assert without_each_juror(holes)[2].totals == {s.team: s.total for s in merge(fewer) if s.rank}


def test_leaving_a_criterion_out_keeps_the_threshold_s_share() -> None:
    found = without_each_criterion(worked())
    assert [w.subject for w in found] == list(NAMES)
    for what_if, (gone, most) in zip(found, zip(NAMES, (20, 30, 20, 10, 10, 10), strict=True), strict=True):
        marks = {t: sum(g) - g[NAMES.index(gone)] for t, g in GRADES.items()}
        assert set(what_if.order) == {t for t, points in marks.items() if points >= 50 * (100 - most) / 100}


def _by_program(ahead: dict[str, float], behind: dict[str, float], declared: dict[str, float]) -> float | None:
    """Return the distance by a general linear program: w = declared + p - m, sum 1, both totals equal."""
    from scipy.optimize import linprog

    names = list(declared)
    apart = [ahead[c] - behind[c] for c in names]
    gap = sum(declared[c] * d for c, d in zip(names, apart, strict=True))
    size = len(names)
    done = linprog(
        [1.0] * (2 * size),
        A_eq=[[*apart, *[-d for d in apart]], [1.0] * size + [-1.0] * size],
        b_eq=[-gap, 0.0],
        A_ub=[[*([0.0] * size), *[float(i == j) for j in range(size)]] for i in range(size)],
        b_ub=[declared[c] for c in names],
    )
    return float(done.fun) if done.status == 0 else None


scores = st.integers(0, 100).map(float)


@given(st.lists(st.tuples(scores, scores, st.integers(1, 9)), min_size=2, max_size=5))
def test_smallest_change_of_weights_is_that_of_the_linear_program(columns: list[tuple[float, float, int]]) -> None:
    parts = [Component(f"c{n}", "metric", w, "x", "higher", 0, 100) for n, (_, _, w) in enumerate(columns)]
    rows = {
        "a": {f"c{n}": a for n, (a, _, _) in enumerate(columns)},
        "b": {f"c{n}": b for n, (_, b, _) in enumerate(columns)},
    }
    declared = shares(parts)
    ahead, behind = sorted(rows, key=lambda t: -total_at(declared, rows[t]))
    found, expected = nudge(parts, ahead, behind, rows), _by_program(rows[ahead], rows[behind], declared)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found.distance == pytest.approx(expected, abs=1e-7)
        assert sum(found.weights.values()) == pytest.approx(1)
        assert min(found.weights.values()) >= -1e-12
        assert total_at(found.weights, rows[ahead]) == pytest.approx(total_at(found.weights, rows[behind]), abs=1e-9)


def test_neighbours_of_the_worked_edition() -> None:
    found = neighbours(worked(), merge(worked()))
    assert [f"{n.ahead}{n.behind}" for n in found if n] == ["AD", "DB"]
    assert found[0] is None
    assert found[1] is not None
    assert found[1].weights["metric"] == pytest.approx(4 / 9)
    assert found[1].distance == pytest.approx(2 * (4 / 9 - 0.4))


@given(st.lists(st.tuples(scores, scores), min_size=2, max_size=6), st.integers(1, 9), st.integers(1, 9))
def test_totals_tie_at_every_share_that_is_named(values: list[tuple[float, float]], metric: int, grade: int) -> None:
    rows = {str(n): {"metric": m, "jury": j} for n, (m, j) in enumerate(values)}
    parts = plan(metric, grade).components
    for swap in swaps(parts, rows, "metric"):
        at = reweighted(shares(parts), "metric", swap.share)
        assert math.isclose(total_at(at, rows[swap.ahead]), total_at(at, rows[swap.behind]), abs_tol=1e-9)
