"""Why this rank: every number of the page follows from the published file, and every sentence holds when merged again."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from leaderboard.test_merge import plan, sheet, worked

from datathon.jury.shrinkage import Correction
from datathon.leaderboard.merge import Inputs, merge
from datathon.publication.noise import noise_of
from datathon.publication.results import results_object
from datathon.publication.why import ends, marks_of, stack_of, variants_of, why


def results(inputs: Inputs) -> dict[str, Any]:
    return results_object(
        edition="2025",
        inputs=inputs,
        standings=merge(inputs),
        metric_names={},
        counted={},
        digests={},
        code="",
    )


WORKED = results(worked())


def test_pieces_sum_to_the_total_of_each_ranked_team() -> None:
    for row in WORKED["ranking"]:
        stack = stack_of(WORKED, row)
        assert math.isclose(math.fsum(p.points for p in stack.pieces), row["total"], abs_tol=1e-9)
    second = stack_of(WORKED, WORKED["ranking"][1])
    assert (second.team, second.rank, second.total) == ("A", 2, 71.6)
    assert {p.id: round(p.points, 6) for p in second.pieces}["metric"] == 26.0


def test_pieces_of_weighted_criteria_are_those_of_plain_ones() -> None:
    edition = worked()
    assert edition.rubric is not None
    fifths = tuple(replace(c, maximum=c.maximum / 5, weight=c.maximum) for c in edition.rubric.criteria)
    sheets = tuple(replace(s, points={c: p / 5 for c, p in s.points.items()}) for s in edition.sheets)
    stars = results(replace(edition, rubric=replace(edition.rubric, criteria=fifths), sheets=sheets))
    for plain, heavy in zip(WORKED["ranking"], stars["ranking"], strict=True):
        assert heavy["total"] == plain["total"]
        assert [p.points for p in stack_of(stars, heavy).pieces] == pytest.approx(
            [p.points for p in stack_of(WORKED, plain).pieces], abs=1e-9
        )


def test_what_would_have_passed_the_first_really_passes_and_a_step_less_does_not() -> None:
    found = why(WORKED, "A")
    assert found is not None
    assert found.above is not None
    assert found.above.team == "C"
    jury, metric = sorted(found.needs, key=lambda n: n.kind)
    assert (round(jury.more, 6), jury.value) == (7.7, None)  # 4.6 / 0.6 = 7.667
    assert metric.value == pytest.approx(5.8799, abs=1e-9)  # 11.5 points more of 100: 6.8 - 0.92, one step beyond
    for value, passes in ((metric.value, True), (5.88, False)):
        inputs = worked()
        changed = replace(inputs, metrics={"metric": {**inputs.metrics["metric"], "A": value}})
        first = {s.team: s.rank for s in merge(changed)}
        assert (first["A"] < first["C"]) is passes


def test_swaps_of_a_team_are_those_of_the_specification() -> None:
    found = why(WORKED, "D")
    assert found is not None
    assert {(s.ahead, s.behind): round(s.share, 4) for s in found.swaps} == {
        ("A", "D"): 0.4444,
        ("D", "B"): 0.3529,
        ("C", "D"): 0.6296,
    }
    assert ends(WORKED)["D"] == (60.0, 85.0)


def test_variants_tell_the_rank_by_each_part_alone_and_under_other_schemes() -> None:
    found = {v.subject: (v.rank, v.worst) for v in variants_of(WORKED, "D")}
    assert found["nudged"] == (3, 3)
    assert (found["only:metric"], found["only:jury"], found["points"]) == ((1, 1), (4, 4), (2, 2))


def test_spread_is_hidden_below_three_sheets() -> None:
    inputs = worked()
    more = [replace(s, juror=f"j{n}") for n in (2, 3) for s in inputs.sheets if s.team != "B"]
    found = results(replace(inputs, sheets=(*inputs.sheets, *more)))
    assert {m.low is None for m in marks_of(found, "B")} == {True}
    assert next((m.low, m.high, m.mean) for m in marks_of(found, "A")) == (16, 16, 16)
    assert (marks_of(found, "A")[0].least, marks_of(found, "A")[0].most, marks_of(found, "A")[0].place) == (9, 17, 2)


def test_ineligible_team_has_marks_but_neither_pieces_nor_neighbours() -> None:
    found = why(WORKED, "E")
    assert found is not None
    assert (found.own, found.above, found.needs, found.swaps, found.variants) == (None, None, (), (), ())
    assert [m.mean for m in found.marks] == [10, 13, 9, 5, 6, 5]
    assert why(WORKED, "nobody") is None


def test_correction_stands_as_a_piece_of_its_own() -> None:
    inputs = worked()
    jurors = tuple(replace(s, juror="j2") for s in inputs.sheets if s.team != "A")
    strict = tuple(replace(s, points={**s.points, "quality": s.points["quality"] - 6}) for s in jurors)
    applied = Correction("fixed", 2.0, applied=True, why="announced")
    found = results(replace(inputs, sheets=(*inputs.sheets, *strict), correction=applied))
    for row in found["ranking"]:
        stack = stack_of(found, row)
        assert math.isclose(math.fsum(p.points for p in stack.pieces), row["total"], abs_tol=1e-9)
        corrected = [p.points for p in stack.pieces if p.kind == "correction"]
        # Who is graded by everybody has no correction; who escaped the strict juror loses what that absence gave.
        assert [points < 0 for points in corrected] == [True] * (row["team"] == "A")


def test_noise_of_a_complete_jury_is_that_of_the_specification() -> None:
    inputs = worked()
    sheets = tuple(
        replace(s, juror=f"j{n}", points={**s.points, "quality": s.points["quality"] + (n + ord(s.team)) % 3})
        for n in range(5)
        for s in inputs.sheets
    )
    noise = noise_of(results(replace(inputs, sheets=sheets)))
    assert noise is not None
    assert noise.se("A", "C") == pytest.approx(0.6 * noise.sigma * math.sqrt(2 / 5))
    assert noise_of(WORKED) is None  # one juror: nothing is left to estimate from


@given(st.lists(st.tuples(st.floats(0, 15), st.integers(0, 20)), min_size=2, max_size=6))
def test_pieces_and_variants_hold_for_any_edition(teams: list[tuple[float, int]]) -> None:
    inputs = worked()
    names = [c.id for c in inputs.contestants][: len(teams)]
    changed = replace(
        inputs,
        contestants=tuple(c for c in inputs.contestants if c.id in names),
        metrics={"metric": {n: round(m, 3) for n, (m, _) in zip(names, teams, strict=True)}},
        sheets=tuple(sheet(n, (20, 10 + q / 2, 10, 5, 5, 5)) for n, (_, q) in zip(names, teams, strict=True)),
    )
    found = results(changed)
    for row in found["ranking"]:
        explained = why(found, row["team"])
        assert explained is not None
        assert explained.own is not None
        assert math.isclose(math.fsum(p.points for p in explained.own.pieces), row["total"], abs_tol=1e-9)
        assert all(v.rank <= v.worst <= len(found["ranking"]) for v in explained.variants)
        assert all(n.more > 0 for n in explained.needs)


def test_equal_grades_leave_nobody_above() -> None:
    inputs = worked()
    same = tuple(sheet(s.team, (16, 24, 15, 8, 7, 6)) for s in inputs.sheets)
    flat = replace(inputs, plan=plan(), sheets=same, metrics={"metric": {c.id: 6.0 for c in inputs.contestants}})
    found = results(flat)
    assert [r["rank"] for r in found["ranking"]] == [1] * 6
    explained = why(found, "A")
    assert explained is not None
    assert (explained.above, explained.below, explained.swaps) == (None, None, ())
