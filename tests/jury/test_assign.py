"""Assignment under conflicts and loads: ranking specification 4.7."""

import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datathon.jury.assign import assign, default_per_team, design_variance, reading_order
from datathon.jury.feasible import Need, check_feasible, flow, jurors_needed
from datathon.jury.panel import islands
from datathon.kernel.errors import Invalid


def need(
    teams: int, jurors: int, k: int, *, cap: int | None = None, conflicts: set[tuple[int, int]] | None = None
) -> Need:
    """Teams and jurors are numbered from 1; conflicts are (team, juror)."""
    names = tuple(f"j{n}" for n in range(1, jurors + 1))
    return Need(
        tuple(f"t{n}" for n in range(1, teams + 1)),
        names,
        k,
        {} if cap is None else dict.fromkeys(names, cap),
        frozenset((f"j{j}", f"t{t}") for t, j in conflicts or ()),
    )


def test_six_teams_five_jurors_three_each() -> None:
    short = flow(need(6, 5, 3, cap=3))
    assert (short.total, short.needed, short.possible) == (15, 18, 15)
    assert flow(need(6, 5, 3, cap=4)).total == 18
    conflicts = {(1, 1), (2, 2), (3, 3)}
    assert flow(need(6, 5, 3, cap=4, conflicts=conflicts)).total == 18
    plan = assign(need(6, 5, 3, cap=4, conflicts=conflicts), seed=1)
    assert sorted(plan.loads.values()) == [3, 3, 4, 4, 4]


def test_teams_that_are_short_are_named() -> None:
    blocked = need(4, 4, 2, cap=4, conflicts=set(product((1, 2), (1, 2, 3))))
    found = flow(blocked)
    assert (found.total, found.short, found.needed, found.possible) == (6, ("t1", "t2"), 4, 2)
    with pytest.raises(Invalid) as refusal:
        assign(blocked, seed=1)
    said = refusal.value.message % refusal.value.params
    assert said == "t1, t2: 4 sheets are needed, but the members of the jury who may grade them can give only 2."


@pytest.mark.parametrize(
    ("offsets", "mean", "largest"), [((0, 1, 3), 0.8500, 0.875), ((0, 1, 2), 0.8967, 1.05), (range(6), 0.3333, 0.3333)]
)
def test_variance_of_cyclic_designs(offsets: tuple[int, ...], mean: float, largest: float) -> None:
    found = design_variance([(f"j{(t + o) % 6}", f"t{t}") for t in range(6) for o in offsets])
    assert found == pytest.approx((mean, largest), abs=5e-5)


def test_variance_of_two_panels_and_of_a_bridge() -> None:
    apart = [(f"j{j}", f"t{t}") for t in range(6) for j in range(6) if (t < 3) == (j < 3)]
    assert design_variance(apart) == (float("inf"), float("inf"))
    assert len(islands(apart)) == 2
    assert design_variance([*apart, ("j0", "t3")]) == pytest.approx((1.4667, 2.2222), abs=5e-5)


def test_plan_of_twelve_teams_and_eight_jurors() -> None:
    plan = assign(need(12, 8, 4), seed=1)
    assert set(plan.loads.values()) == {6}
    assert plan.variance <= 0.5575
    assert assign(need(12, 8, 4), seed=1) == plan


def test_plan_of_six_and_six_is_the_best_cyclic_one() -> None:
    assert assign(need(6, 6, 3), seed=1).variance == pytest.approx(0.85, abs=1e-9)


def test_complete_up_to_a_hundred_and_fifty_sheets() -> None:
    assert (default_per_team(25, 6, 3), default_per_team(26, 6, 3), default_per_team(150, 2, 3)) == (6, 3, 2)
    plan = assign(need(6, 5, 5, conflicts={(1, 1)}), seed=3)
    assert (plan.complete, plan.loads["j1"], plan.loads["j2"]) == (True, 5, 6)
    assert ("j1", "t1") not in plan.pairs


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (need(3, 2, 2, cap=2), "would get more sheets than agreed"),
        (need(3, 2, 2, conflicts={(1, 1), (1, 2)}), "Nobody may grade t1"),
        (need(2, 2, 2, conflicts={(1, 1), (2, 2)}), "cannot be compared"),
        (need(2, 2, 1), "cannot be compared"),
    ],
)
def test_plan_that_cannot_be_is_refused_in_words(wrong: Need, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        assign(wrong, seed=1)
    assert said in refusal.value.message % refusal.value.params


def test_soft_costs_steer_the_plan() -> None:
    plain = need(8, 6, 2)
    dear = {("j1", f"t{n}"): 1.0 for n in range(1, 9) if n not in (2, 5)}
    plan = assign(Need(plain.teams, plain.jurors, 2, {}, frozenset(), dear), seed=2)
    assert {("j1", "t2"), ("j1", "t5")} <= plan.pairs


def test_reading_order_puts_each_team_once_at_each_place() -> None:
    teams, jurors = tuple("ABCDEF"), tuple("123456")
    order = reading_order(teams, jurors, list(product(jurors, teams)), seed=4)
    for place in range(6):
        assert sorted(own[place] for own in order.values()) == list(teams)
    assert order == reading_order(teams, jurors, list(product(jurors, teams)), seed=4)
    assert order != reading_order(teams, jurors, list(product(jurors, teams)), seed=5)


@pytest.mark.parametrize(
    ("prototypes", "readings", "each", "available", "jurors"),
    [
        (6, 3, 20, 120, 3),
        (30, 4, 15, 180, 10),
        (30, 4, 15, 181, 10),
        (31, 4, 15, 180, 11),
        (2, 5, 1, 600, 5),
        (0, 3, 1, 1, 0),
    ],
)
def test_calculator_of_jurors(prototypes: int, readings: int, each: float, available: float, jurors: int) -> None:
    found = jurors_needed(prototypes=prototypes, readings=readings, minutes_each=each, minutes_per_juror=available)
    assert found == jurors
    with pytest.raises(ValueError, match="above 0"):
        jurors_needed(prototypes=1, readings=1, minutes_each=1, minutes_per_juror=0)


@st.composite
def needs(draw: st.DrawFn) -> Need:
    teams, jurors = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    conflicts = draw(st.sets(st.tuples(st.integers(1, teams), st.integers(1, jurors)), max_size=10))
    return need(teams, jurors, draw(st.integers(1, 3)), cap=draw(st.integers(0, 6)), conflicts=conflicts)


@given(needs())
def test_flow_keeps_every_rule_or_names_a_true_shortage(asked: Need) -> None:
    found = flow(asked)
    loads = {j: sum(j in jurors for jurors in found.sheets.values()) for j in asked.jurors}
    assert all(loads[j] <= asked.cap(j) for j in asked.jurors)
    assert all(asked.may(j, t) for t, jurors in found.sheets.items() for j in jurors)
    if found.short:
        can = sum(min(asked.cap(j), sum(asked.may(j, t) for t in found.short)) for j in asked.jurors)
        assert asked.per_team * len(found.short) > can == found.possible
    else:
        assert all(len(jurors) == asked.per_team for jurors in found.sheets.values())


@given(needs())
def test_removing_a_conflict_never_makes_it_infeasible(asked: Need) -> None:
    fewer = Need(asked.teams, asked.jurors, asked.per_team, asked.caps, frozenset(sorted(asked.conflicts)[1:]))
    if not flow(asked).short:
        check_feasible(fewer)


@settings(max_examples=25, deadline=None)
@given(needs())
def test_plan_keeps_every_rule(asked: Need) -> None:
    try:
        plan = assign(asked, seed=1)
    except Invalid:
        return
    assert not plan.pairs & asked.conflicts
    assert all(load <= asked.cap(j) for j, load in plan.loads.items())
    assert len(islands(plan.pairs)) == 1
    if not plan.complete:
        assert all(sum(t == team for _, t in plan.pairs) == asked.per_team for team in asked.teams)


def test_planning_is_imported_without_its_libraries() -> None:
    script = (
        "import sys, datathon.jury.assign; print({m.split('.')[0] for m in sys.modules} & {'numpy', 'scipy'} or '')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
