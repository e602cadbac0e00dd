"""What a large jury costs: 60 jurors, 150 prototypes, 8 criteria, five readings each."""

import random
import time
from typing import Any

import numpy as np

from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.assign import Plan, assign
from datathon.jury.feasible import Need
from datathon.jury.grid import Marks, grades_of
from datathon.jury.panel import Grade
from datathon.jury.severity import fit
from datathon.jury.shrinkage import Correction, choose
from datathon.leaderboard import sensitivity
from datathon.leaderboard.merge import Contestant, Inputs, merge

NAMES = ("jury-assign", "jury-severity", "jury-sensitivity")
TEAMS, JURORS, CRITERIA, READINGS = 150, 60, 8, 5
ROUNDS = 3


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure assignment, severity and sensitivity beside numpy's least squares of the same sheets.

    ``jury-assign``: flow, binary program and swaps for 750 sheets. ``jury-severity``: lambda by restricted maximum
    likelihood, fair scores, severities, standard errors and residuals. ``jury-sensitivity``: every swap of weights, 10
    per cent on each weight and criterion, without each juror, without each criterion, four schemes, 20,000 draws of
    noise. The floor fits teams and jurors as fixed effects once, with ``numpy.linalg.lstsq`` on 750 x 210.
    """
    need = _need()
    plan = assign(need, seed=1)
    inputs = _inputs(need, plan)
    if inputs.rubric is None:
        raise LookupError("the made-up jury has no rubric")
    grades = grades_of(inputs.rubric, inputs.sheets)
    cases: dict[str, Any] = {
        "floor": lambda: _floor(grades),
        "jury-assign": lambda: assign(need, seed=1),
        "jury-severity": lambda: _severity(grades),
        "jury-sensitivity": lambda: _sensitivity(inputs),
    }
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(rounds):
        for name, case in cases.items():
            started = time.perf_counter()
            case()
            best[name] = min(best[name], time.perf_counter() - started)
    floor = best.pop("floor")
    return {
        name: {"ratio": round(seconds / floor, 2), "aim": None, "best_ms": round(seconds * 1000, 2),
               "floor_ms": round(floor * 1000, 2), "rounds": rounds}
        for name, seconds in best.items()
    }  # fmt: skip


def _need() -> Need:
    draw = random.Random(20251105)  # noqa: S311 - made-up people, the same every time
    teams, jurors = tuple(f"t{n}" for n in range(TEAMS)), tuple(f"j{n}" for n in range(JURORS))
    conflicts = frozenset((j, t) for j in jurors for t in teams if draw.random() < 0.03)
    return Need(teams, jurors, READINGS, dict.fromkeys(jurors, 14), conflicts)


def _inputs(need: Need, plan: Plan) -> Inputs:
    draw = random.Random(20251209)  # noqa: S311 - made-up marks, the same every time
    criteria = tuple(Criterion(f"c{n}", {"fr": ""}, {"fr": ""}, 12.5) for n in range(CRITERIA))
    rubric = Rubric("p", criteria, 50, "reml")
    mild = {juror: draw.gauss(0, 0.8) for juror in need.jurors}
    good = {team: draw.gauss(8, 1.2) for team in need.teams}
    sheets = tuple(
        Marks(j, t, {c.id: _mark(good[t] + mild[j] + draw.gauss(0, 1.5)) for c in criteria})
        for j, t in sorted(plan.pairs)
    )
    ranking = RankingPlan(
        "fixed",
        4,
        (Component("metric", "metric", 40, "m", "lower", 12, 4), Component("jury", "jury", 60, "p")),
        ("jury", "criterion:c0"),
    )
    correction = choose(grades_of(rubric, sheets), announced="reml")
    metrics = {"metric": {t: draw.uniform(4, 12) for t in need.teams}}
    return Inputs(ranking, rubric, tuple(Contestant(t, t) for t in need.teams), metrics, sheets, correction)


def _mark(value: float) -> float:
    return min(12.5, max(0.0, round(2 * value) / 2))


def _severity(grades: list[Grade]) -> Correction:
    chosen = choose(grades, announced="reml")
    fit(grades, chosen.lam or 0.0)
    return chosen


def _sensitivity(inputs: Inputs) -> None:
    standings = merge(inputs)
    rows = sensitivity.ranked_rows(standings)
    parts = inputs.plan.components
    sensitivity.swaps(parts, rows, "metric")
    sensitivity.neighbours(inputs, standings)
    sensitivity.nudged_weights(inputs)
    sensitivity.nudged_criteria(inputs)
    sensitivity.without_each_juror(inputs)
    sensitivity.without_each_criterion(inputs)
    sensitivity.by_scheme(inputs)
    sensitivity.first_places(parts, rows, {"jury": 3.0, "metric": 4.0}, seed=1)


def _floor(grades: list[Grade]) -> None:
    teams, jurors = sorted({g.team for g in grades}), sorted({g.juror for g in grades})
    place = {name: n for n, name in enumerate([*teams, *jurors])}
    design = np.zeros((len(grades), len(place)))
    for n, grade in enumerate(grades):
        design[n, place[grade.team]] = design[n, place[grade.juror]] = 1
    np.linalg.lstsq(design, np.array([g.points for g in grades]), rcond=None)
