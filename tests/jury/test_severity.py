"""The additive model of severity: worked examples and invariants of the ranking specification, 4.5."""

import math
import random
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datathon.jury.panel import Grade, Island, is_complete, islands, missing_bridges
from datathon.jury.severity import difference_se, fit, system
from datathon.jury.shrinkage import Correction, choose, criterion, reml
from datathon.kernel.errors import Invalid

SIX = {
    "A": {"J1": 70, "J3": 52},
    "B": {"J2": 74, "J4": 66},
    "C": {"J1": 62, "J2": 70},
    "D": {"J3": 48, "J4": 60},
    "E": {"J1": 58, "J4": 57},
    "F": {"J2": 66, "J3": 44},
}
SEVERITIES = {"J1": 3, "J2": 1, "J3": 0, "J4": -1, "J5": -12}
TRUTH = {"A": 60, "B": 61, "C": 55, "D": 50, "E": 45, "F": 40}


def grades(table: dict[str, dict[str, float]]) -> list[Grade]:
    return [Grade(juror, team, float(points)) for team, row in table.items() for juror, points in row.items()]


def recusal() -> list[Grade]:
    """Example 3: everybody grades everybody, except the severe fifth juror who is recused for A."""
    return grades({t: {j: mu + d for j, d in SEVERITIES.items() if (t, j) != ("A", "J5")} for t, mu in TRUTH.items()})


def raw(given_: list[Grade]) -> dict[str, float]:
    teams = sorted({g.team for g in given_})
    rows = {t: [g.points for g in given_ if g.team == t] for t in teams}
    return {t: math.fsum(row) / len(row) for t, row in rows.items()}


def order(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda t: -scores[t])


def test_example_1_raw_means() -> None:
    assert list(raw(grades(SIX)).values()) == [61, 70, 66, 54, 57.5, 55]


@pytest.mark.parametrize(
    ("lam", "fair", "severity", "ranks"),
    [
        (0, [66.125, 64.875, 59.875, 60.125, 55.75, 56.75], [2.75, 9.5, -13, 0.75], "ABDCFE"),
        (0.5, [65.1, 65.9, 61.1, 58.9, 56.1, 56.4], [2.2, 7.6, -10.4, 0.6], "BACDFE"),
    ],
)
def test_example_1_winner_depends_on_lambda(lam: float, fair: list[float], severity: list[float], ranks: str) -> None:
    found = fit(grades(SIX), lam)
    assert list(found.fair.values()) == pytest.approx(fair, abs=1e-12)
    assert list(found.severity.values()) == pytest.approx(severity, abs=1e-12)
    assert "".join(order(dict(found.fair))) == ranks
    assert found.df == 3


def test_example_1_reml_would_give_a_lambda_that_the_df_rule_refuses() -> None:
    assert reml(grades(SIX)) == pytest.approx(0.0217, abs=5e-5)
    assert choose(grades(SIX), announced="reml") == Correction("fixed", 2.0, applied=True, why="announced")
    assert choose(grades(SIX), announced="reml", fixed=1.5).lam == 1.5


def test_example_2_is_recovered_exactly() -> None:
    table = {"A": {"J1": 70, "J3": 61}, "B": {"J1": 60, "J2": 69}, "C": {"J2": 59, "J3": 41}, "D": {"J2": 49, "J1": 40}}
    found = fit(grades(table), 0)
    assert list(raw(grades(table)).values()) == [65.5, 64.5, 50, 44.5]
    assert dict(found.fair) == {"A": 70, "B": 60, "C": 50, "D": 40}
    assert dict(found.severity) == {"J1": 0, "J2": 9, "J3": -9}
    assert found.sigma == pytest.approx(0, abs=1e-12)


def test_example_3_recusal_gives_a_bonus_that_the_fair_score_takes_back() -> None:
    means = raw(recusal())
    assert (means["A"], means["B"]) == (60.75, 59.2)
    assert list(fit(recusal(), 0).fair.values()) == pytest.approx([58.2, 59.2, 53.2, 48.2, 43.2, 38.2])
    assert fit(recusal(), 0.5).fair["A"] == pytest.approx(58.432, abs=5e-4)
    assert fit(recusal(), 2).fair["A"] == pytest.approx(58.929, abs=5e-4)
    assert {order(dict(fit(recusal(), lam).fair))[0] for lam in (0, 0.5, 2)} == {"B"}


def test_z_counter_example_keeps_its_first_place_here() -> None:
    # Two judges; as z-scores the second team would lose its first place by being raised from 9 to 10.
    before = {"1": {"a": 7, "b": 5}, "2": {"a": 9, "b": 3}, "3": {"a": 6, "b": 3}, "4": {"a": 6, "b": 10}}
    after = {**before, "2": {"a": 10, "b": 3}}
    for lam in (0.1, 1, 2, 50):
        one, two = fit(grades(before), lam).fair, fit(grades(after), lam).fair
        for rival in "134":
            assert two["2"] - two[rival] >= one["2"] - one[rival]


def test_complete_design_has_the_raw_mean_for_every_lambda() -> None:
    draw = random.Random(7)  # noqa: S311 - made-up marks
    complete = [Grade(f"j{j}", f"b{i}", float(draw.randint(1, 5))) for j in range(9) for i in range(8)]
    for lam in (0, 0.1, 0.775, 2, 1e6):
        assert dict(fit(complete, lam).fair) == raw(complete)
    assert choose(complete, announced="reml") == Correction(why="complete")


def test_precision_on_a_complete_design() -> None:
    complete = [Grade(f"j{j}", t, 50.0) for j in range(5) for t in "AB"]
    for lam in (0, 2):
        found = difference_se(complete, lam=lam, sigma=6, one="A", other="B")
        assert found == pytest.approx(6 * math.sqrt(2 / 5))
    assert round(6 * math.sqrt(2 / 5), 2) == 3.79
    assert round(1.96 * 3.7947, 1) == 7.4


def test_standard_errors_are_those_of_the_whole_system() -> None:
    np = pytest.importorskip("numpy")
    given_, lam = grades(SIX), 0.5
    teams, jurors = sorted(SIX), ["J1", "J2", "J3", "J4"]
    design = np.array([[g.team == t for t in teams] + [g.juror == j for j in jurors] for g in given_], dtype=float)
    whole = design.T @ design + np.diag([0.0] * 6 + [lam] * 4)
    y = np.array([g.points for g in given_])
    solution = np.linalg.solve(whole, design.T @ y)
    residual = y - design @ solution
    sigma = math.sqrt((residual @ residual + lam * solution[6:] @ solution[6:]) / (12 - 6))
    expected = sigma * np.sqrt(np.diag(np.linalg.inv(whole)))
    found = fit(given_, lam)
    assert found.sigma == pytest.approx(sigma)
    assert found.fair_se is not None
    assert found.severity_se is not None
    assert [*found.fair_se.values(), *found.severity_se.values()] == pytest.approx(list(expected))


def test_criterion_is_the_restricted_likelihood() -> None:
    np = pytest.importorskip("numpy")
    given_ = recusal()
    teams, jurors = sorted({g.team for g in given_}), sorted({g.juror for g in given_})
    x = np.array([[g.team == t for t in teams] for g in given_], dtype=float)
    z = np.array([[g.juror == j for j in jurors] for g in given_], dtype=float)
    y = np.array([g.points for g in given_])

    def slow(lam: float) -> float:
        v = np.eye(len(y)) + z @ z.T / lam
        inside = x.T @ np.linalg.solve(v, x)
        mu = np.linalg.solve(inside, x.T @ np.linalg.solve(v, y))
        rss = (y - x @ mu) @ np.linalg.solve(v, y - x @ mu)
        return float((len(y) - len(teams)) * np.log(rss) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(inside)[1])

    fast = [criterion(system(given_), lam) - slow(lam) for lam in (0.2, 1.0, 7.0)]
    assert fast == pytest.approx([fast[0]] * 3)


def panel(draw: random.Random, *, teams: int = 8, jurors: int = 6, sd: float, noise: float) -> list[Grade]:
    severity = [draw.gauss(0, sd) for _ in range(jurors)]
    return [
        Grade(f"j{j}", f"t{i}", 50 + 4 * i + severity[j] + draw.gauss(0, noise))
        for i in range(teams)
        for j in range(jurors)
        if (i + j) % 3
    ]


def test_reml_finds_the_ratio_it_was_made_with() -> None:
    found = reml(panel(random.Random(3), teams=60, jurors=40, sd=6, noise=6))  # noqa: S311 - made-up marks
    assert found is not None
    assert 0.5 < found < 2


def test_reml_without_differences_between_jurors_corrects_nothing() -> None:
    given_ = panel(random.Random(5), sd=0, noise=3)  # noqa: S311 - made-up marks
    assert reml(given_) is None
    assert choose(given_, announced="reml") == Correction(why="no_optimum")


def test_lambda_has_a_floor_and_four_digits() -> None:
    perfect = panel(random.Random(2), sd=10, noise=0)  # noqa: S311 - made-up marks
    assert choose(perfect, announced="reml") == Correction("reml", 0.1, applied=True, why="announced")
    rough = choose(panel(random.Random(2), sd=6, noise=4), announced="reml").lam  # noqa: S311 - as above
    assert rough is not None
    assert rough == float(f"{rough:.4g}") > 0.1


def test_correction_not_announced_is_shown_and_does_not_count() -> None:
    given_ = panel(random.Random(2), sd=6, noise=4)  # noqa: S311 - made-up marks
    chosen = choose(given_, announced="shown")
    assert (chosen.method, chosen.applied, chosen.why) == ("reml", False, "shown")
    assert choose(given_, announced="fixed") == Correction("fixed", 2.0, applied=True, why="announced")
    assert choose(given_, announced="raw") == Correction()


@pytest.mark.parametrize("announced", ["raw", "shown", "reml", "fixed"])
def test_all_equal_grades_and_empty_juries_are_not_corrected(announced: str) -> None:
    equal = [
        Grade(j, t, 12.0) for j, t in ("1A", "1B", "2B", "2C", "3C", "3A", "1C", "4A", "4B", "5B", "5C", "6A", "6C")
    ]
    chosen = choose(equal, announced=announced)
    assert chosen.method in {"raw", "fixed"}
    if chosen.lam:
        assert set(fit(equal, chosen.lam).fair.values()) == {12.0}
    assert choose([], announced=announced).why == "empty"


def test_one_juror_is_a_complete_jury() -> None:
    alone = [Grade("j", t, float(n)) for n, t in enumerate("ABC")]
    assert choose(alone, announced="reml").why == "complete"
    found = fit(alone, 2)
    assert (dict(found.fair), found.sigma, found.fair_se) == ({"A": 0, "B": 1, "C": 2}, None, None)


def test_two_panels_cannot_be_compared_and_the_bridge_is_named() -> None:
    apart = [Grade(j, t, 10.0) for j, t in ("1A", "2A", "1B", "3C", "4C")]
    assert islands([(g.juror, g.team) for g in apart]) == (Island(("A", "B"), ("1", "2")), Island(("C",), ("3", "4")))
    assert missing_bridges(islands([(g.juror, g.team) for g in apart])) == (("1", "C"),)
    assert choose(apart, announced="reml") == Correction(why="disconnected")
    with pytest.raises(Invalid) as refusal:
        fit(apart, 2)
    said = refusal.value.message % refusal.value.params
    assert "A, B (1, 2) | C (3, 4)" in said
    assert "1 for C" in said
    assert fit([*apart, Grade("1", "C", 10.0)], 2).fair["C"] == 10


@pytest.mark.parametrize("wrong", [[], [Grade("j", "A", 1.0), Grade("j", "A", 2.0)], [Grade("j", "A", float("nan"))]])
def test_impossible_grades_are_refused(wrong: list[Grade]) -> None:
    with pytest.raises((ValueError, Invalid)):
        fit(wrong, 1)


@pytest.mark.parametrize("lam", [-1, float("nan"), float("inf")])
def test_impossible_lambda_is_refused(lam: float) -> None:
    with pytest.raises(ValueError, match="lambda"):
        fit(grades(SIX), lam)


@st.composite
def panels(draw: st.DrawFn) -> list[Grade]:
    """Connected panels: the first juror grades everybody, the others at random."""
    teams, jurors = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    marks = st.integers(0, 200).map(lambda n: n / 2)
    return [
        Grade(f"j{j}", f"t{i}", draw(marks))
        for i in range(teams)
        for j in range(jurors)
        if j == 0 or draw(st.booleans())
    ]


lambdas = st.sampled_from([0.1, 0.5, 2.0, 31.4, 1e4])


@given(panels(), lambdas, st.integers(-50, 50))
def test_adding_a_constant_to_every_grade_moves_every_score_by_it(given_: list[Grade], lam: float, more: int) -> None:
    moved = fit([Grade(g.juror, g.team, g.points + more) for g in given_], lam).fair
    assert moved == pytest.approx({t: mu + more for t, mu in fit(given_, lam).fair.items()}, abs=1e-9)


@given(panels(), st.integers(-50, 50))
def test_a_juror_s_own_constant_changes_no_difference_without_shrinkage(given_: list[Grade], more: int) -> None:
    moved = fit([Grade(g.juror, g.team, g.points + (more if g.juror == "j0" else 0)) for g in given_], 0).fair
    before = fit(given_, 0).fair
    for a, b in combinations(before, 2):
        assert moved[a] - moved[b] == pytest.approx(before[a] - before[b], abs=1e-9)


@given(panels(), lambdas)
def test_complete_design_is_the_raw_mean(given_: list[Grade], lam: float) -> None:
    everybody = {(g.juror, g.team): g for g in given_}
    jurors, teams = {g.juror for g in given_}, {g.team for g in given_}
    whole = [everybody.get((j, t), Grade(j, t, 31.5)) for j in sorted(jurors) for t in sorted(teams)]
    assert is_complete([(g.juror, g.team) for g in whole])
    assert {t: round(mu, 9) for t, mu in fit(whole, lam).fair.items()} == {
        t: round(mu, 9) for t, mu in raw(whole).items()
    }


@given(panels(), lambdas, st.integers(1, 60))
def test_a_higher_mark_never_lowers_its_team(given_: list[Grade], lam: float, more: int) -> None:
    raised = given_[len(given_) // 2]
    before = fit(given_, lam).fair
    after = fit([Grade(g.juror, g.team, g.points + more * (g == raised)) for g in given_], lam).fair
    for rival in before:
        assert after[raised.team] - after[rival] >= before[raised.team] - before[rival] - 1e-9


@given(panels(), lambdas, st.randoms(use_true_random=False))
def test_names_and_order_of_the_grades_do_not_matter(given_: list[Grade], lam: float, draw: random.Random) -> None:
    teams = sorted({g.team for g in given_})
    other = dict(zip(teams, draw.sample(teams, len(teams)), strict=True))
    turned = [Grade("x" + g.juror[::-1], other[g.team], g.points) for g in given_]
    draw.shuffle(turned)
    found = fit(turned, lam).fair
    assert {t: found[other[t]] for t in teams} == dict(fit(given_, lam).fair)


@given(panels())
def test_a_very_large_lambda_gives_the_raw_means(given_: list[Grade]) -> None:
    assert dict(fit(given_, 1e12).fair) == pytest.approx(raw(given_), abs=1e-6)


@given(panels(), lambdas)
def test_residuals_of_a_team_and_severities_sum_to_zero(given_: list[Grade], lam: float) -> None:
    found = fit(given_, lam)
    for team in found.fair:
        assert sum(e for (_, t), e in found.residuals.items() if t == team) == pytest.approx(0, abs=1e-9)
    assert sum(found.severity.values()) == pytest.approx(0, abs=1e-9)


@example([Grade("j0", "t0", 0.0), Grade("j3", "t0", 0.0), Grade("j0", "t1", 0.0), Grade("j3", "t1", 0.5)], 0.1)
@given(panels(), lambdas)
def test_fair_scores_are_exact_to_the_last_published_digit(given_: list[Grade], lam: float) -> None:
    # Rational arithmetic, without any rounding, is the judge.
    from fractions import Fraction

    teams, jurors = sorted({g.team for g in given_}), sorted({g.juror for g in given_})
    names = [*teams, *jurors]
    rows = [[Fraction(0)] * (len(names) + 1) for _ in names]
    for g in given_:
        i, j = names.index(g.team), names.index(g.juror)
        for a in (i, j):
            rows[a][i] += 1
            rows[a][j] += 1
            rows[a][-1] += Fraction(g.points)
    for j in range(len(teams), len(names)):
        rows[j][j] += Fraction(lam)
    for k in range(len(names)):
        pivot = next(r for r in range(k, len(names)) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for r in range(len(names)):
            if r != k and rows[r][k]:
                factor = rows[r][k] / rows[k][k]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[k], strict=True)]
    exact = {name: float(rows[n][-1] / rows[n][n]) for n, name in enumerate(teams)}
    assert dict(fit(given_, lam).fair) == exact
