import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Criterion, Rubric
from datathon.jury.grid import (
    Marks,
    check_mark,
    check_marks,
    exact,
    marked_maximum,
    missing,
    reaches_threshold,
    read_mark,
    team_means,
    total,
)
from datathon.kernel.errors import Invalid

MAXIMA = {"needs": 20, "data": 30, "repro": 20, "frugal": 10, "security": 10, "clarity": 10}


def criterion(name: str = "needs", maximum: float = 20, step: float = 0.5) -> Criterion:
    return Criterion(name, {"fr": name}, {"fr": ""}, maximum, (), step)


RUBRIC = Rubric("competences", tuple(criterion(n, m) for n, m in MAXIMA.items()), 50)


def marks(*points: float) -> dict[str, float]:
    return dict(zip(MAXIMA, points, strict=True))


def test_rubric_of_the_booster_grid_totals_100() -> None:
    assert RUBRIC.maximum == 100


@pytest.mark.parametrize(
    ("text", "value"), [("17,5", 17.5), ("17.5", 17.5), (" 0 ", 0.0), ("20", 20.0), ("", None), ("  ", None)]
)
def test_read_mark_with_comma_or_point(text: str, value: float | None) -> None:
    assert read_mark(criterion(), text) == value


@pytest.mark.parametrize("text", ["20,5", "-0.5", "17,3", "dix", "nan", "inf", "1e999", "17,5,0", "0x10"])
def test_read_mark_that_does_not_fit_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mark(criterion(), text)
    assert refusal.value.field == "needs"


def test_check_mark_on_a_tenth_step_survives_floats() -> None:
    assert check_mark(criterion(maximum=1, step=0.1), 0.1 + 0.2) == pytest.approx(0.3)


def test_check_marks_with_unknown_criterion_is_refused() -> None:
    with pytest.raises(Invalid):
        check_marks(RUBRIC, {"charm": 3})


def test_sheet_with_blanks_names_them_and_totals_what_is_there() -> None:
    given_marks = {"needs": 17.0, "data": 21.5, "repro": 14.0, "frugal": 7.0}
    assert [c.id for c in missing(RUBRIC, given_marks)] == ["security", "clarity"]
    assert (total(RUBRIC, given_marks), marked_maximum(RUBRIC, given_marks)) == (59.5, 80)


def test_team_means_average_complete_sheets() -> None:
    sheets = [Marks("j1", "a", marks(16, 24, 15, 8, 7, 6)), Marks("j2", "a", marks(14, 26, 12, 7, 8, 8))]
    mean = team_means(RUBRIC, sheets)["a"]
    assert (mean.points, mean.score, mean.sheets) == (75.5, 75.5, 2)
    assert mean.criteria["data"] == 25


def test_team_means_with_a_blank_criterion_refuse_to_guess() -> None:
    with pytest.raises(KeyError):
        team_means(RUBRIC, [Marks("j1", "a", {"needs": 20})])


def test_team_means_of_another_maximum_are_out_of_100() -> None:
    rubric = Rubric("x", (criterion("a", 10), criterion("b", 40)), 25)
    assert team_means(rubric, [Marks("j1", "t", {"a": 5, "b": 20})])["t"].score == 50


@pytest.mark.parametrize(
    ("points", "eligible"),
    [(49.9, False), (50.0, True), (49.9999999996, True), (49.999999999, False), (0.0, False), (100.0, True)],
)
def test_threshold_is_reached_from_50_on(points: float, eligible: bool) -> None:  # noqa: FBT001
    assert reaches_threshold(RUBRIC, points) is eligible


def test_threshold_with_ten_tenths_counts_as_one() -> None:
    rubric = Rubric("x", (criterion("a", 1, 0.1),), 1)
    assert sum([0.1] * 10) != 1.0
    assert reaches_threshold(rubric, sum([0.1] * 10))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_exact_with_no_finite_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        exact(value)


half_points = st.integers(0, 20).map(lambda n: n / 2)
sheets_strategy = st.lists(
    st.tuples(st.sampled_from("abc"), st.lists(half_points, min_size=6, max_size=6)), min_size=1, max_size=12
)


@given(sheets_strategy, st.randoms())
def test_team_means_do_not_depend_on_the_order_of_sheets(drawn: list[tuple[str, list[float]]], random: object) -> None:
    sheets = [Marks(f"j{n}", team, marks(*points)) for n, (team, points) in enumerate(drawn)]
    shuffled = list(sheets)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert team_means(RUBRIC, sheets) == team_means(RUBRIC, shuffled)


@given(st.lists(st.lists(half_points, min_size=6, max_size=6), min_size=1, max_size=8))
def test_criterion_means_sum_to_the_mean_total(drawn: list[list[float]]) -> None:
    sheets = [Marks(f"j{n}", "a", marks(*points)) for n, points in enumerate(drawn)]
    mean = team_means(RUBRIC, sheets)["a"]
    assert sum(mean.criteria.values()) == pytest.approx(mean.points, abs=1e-8)
