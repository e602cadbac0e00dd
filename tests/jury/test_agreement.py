"""Agreement of a jury, against published tables: ranking specification, reference data D4 and D5."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.jury.agreement import agreement, alpha, correlation, icc, kendall_w, outliers
from datathon.jury.panel import Grade
from datathon.jury.severity import fit

SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
UNITS = [
    [float(v) for v in unit if v != "."]
    for unit in zip(*(line.split() for line in KRIPPENDORFF.strip().splitlines()), strict=True)
]


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.7434), ("ordinal", 0.8154), ("interval", 0.8491), ("ratio", 0.7974)]
)
def test_alpha_of_krippendorff_s_example(level: str, value: float) -> None:
    assert alpha(UNITS, level) == pytest.approx(value, abs=5e-5)  # type: ignore[arg-type]  # a literal of the table


def test_intraclass_correlations_of_shrout_and_fleiss() -> None:
    found = icc(SHROUT_FLEISS)
    assert found is not None
    values = (found.one_1, found.a1, found.c1, found.one_k, found.ak, found.ck)
    assert values == pytest.approx((0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093), abs=5e-5)


def test_kendall_s_w_with_a_tie() -> None:
    assert kendall_w(SHROUT_FLEISS) == pytest.approx(0.8870, abs=5e-5)


def grades(table: tuple[tuple[float, ...], ...] = SHROUT_FLEISS) -> list[Grade]:
    return [Grade(f"j{j}", f"t{i}", float(v)) for i, row in enumerate(table) for j, v in enumerate(row)]


def test_panel_of_a_complete_jury_has_everything() -> None:
    found = agreement(grades())
    assert found.icc == icc(SHROUT_FLEISS)
    assert found.w == kendall_w(SHROUT_FLEISS)
    assert found.alpha_interval == alpha([list(map(float, row)) for row in SHROUT_FLEISS], "interval")
    assert [line.sheets for line in found.lines] == [6, 6, 6, 6]
    assert sum(line.severity for line in found.lines) == pytest.approx(0, abs=1e-9)
    assert found.lines[1].severity < 0 < found.lines[0].severity
    assert all(line.severity_se and line.correlation and line.correlation > 0.7 for line in found.lines)


def test_panel_of_an_incomplete_jury_leaves_out_what_needs_all_marks() -> None:
    found = agreement(grades()[1:])
    assert (found.icc, found.w) == (None, None)
    assert found.alpha_ordinal is not None
    assert len(found.lines) == 4
    assert agreement(grades()[1:], 2.0).lam == 2.0


def test_panel_of_parts_that_do_not_hang_together_has_no_severities() -> None:
    found = agreement([Grade("1", "A", 10.0), Grade("2", "B", 12.0)])
    assert (found.lines, found.outliers, found.sigma, found.alpha_interval) == ((), (), None, None)


def test_sheet_far_from_what_is_expected_is_an_outlier() -> None:
    marks = [Grade(f"j{j}", f"t{i}", 50.0 + 5 * i + j + ((i * j) % 3 - 1)) for i in range(8) for j in range(6)]
    assert agreement(marks).outliers == ()
    wrong = [Grade(g.juror, g.team, 20.0) if (g.juror, g.team) == ("j2", "t5") else g for g in marks]
    found = agreement(wrong).outliers
    assert [(o.juror, o.team, o.points) for o in found] == [("j2", "t5", 20.0)]
    assert found[0].standardised < -2.5
    assert found[0].expected > 50


def test_jury_of_equal_marks_and_of_one_has_no_agreement_to_measure() -> None:
    equal = agreement([Grade(j, t, 12.0) for j in "123" for t in "AB"])
    assert (equal.alpha_interval, equal.alpha_ordinal, equal.icc, equal.w, equal.outliers) == (
        None,
        None,
        None,
        None,
        (),
    )
    alone = agreement([Grade("1", t, 12.0) for t in "AB"])
    assert (alone.alpha_interval, alone.icc, [line.correlation for line in alone.lines]) == (None, None, [None])
    assert agreement([]).lines == ()


@pytest.mark.parametrize("table", [(), ((1, 2),), ((1,), (2,)), ((1, 2), (3,))])
def test_table_of_another_shape_is_refused(table: tuple[tuple[float, ...], ...]) -> None:
    for measure in (icc, kendall_w):
        with pytest.raises(ValueError, match="two rows and two columns"):
            measure(table)


def test_correlation_needs_three_teams_and_spread() -> None:
    assert correlation([1, 2], [1, 2]) is None
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2, 3], [6, 4, 2]) == -1


tables = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 20), min_size=k, max_size=k), min_size=2, max_size=5)
)


@given(tables)
def test_measures_stay_in_their_ranges_and_do_not_mind_the_order(table: list[list[int]]) -> None:
    turned = [list(reversed(row)) for row in reversed(table)]
    w = kendall_w(table)
    assert w is None or -1e-9 <= w <= 1 + 1e-9
    assert kendall_w(turned) == pytest.approx(w)
    for level in ("nominal", "ordinal", "interval"):
        value = alpha(table, level)  # type: ignore[arg-type]  # a literal of the loop
        assert value is None or value <= 1 + 1e-9
        assert alpha(turned, level) == pytest.approx(value)  # type: ignore[arg-type]  # as above


@given(tables)
def test_interval_alpha_does_not_mind_another_scale(table: list[list[int]]) -> None:
    assert alpha([[3 * v + 7 for v in row] for row in table], "interval") == pytest.approx(alpha(table, "interval"))


@given(tables)
def test_outliers_are_few_by_definition(table: list[list[int]]) -> None:
    marks = grades(tuple(map(tuple, table)))
    assert len(outliers(marks, fit(marks, 2.0))) <= len(marks) / 2.5**2
