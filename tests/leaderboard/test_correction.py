"""The frozen correction of severity inside the final ranking: what counts, what is shown, what is sensitive."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.grid import Marks
from datathon.jury.shrinkage import RAW, Correction
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge

RUBRIC = Rubric("j", (Criterion("a", {"fr": ""}, {"fr": ""}, 60), Criterion("b", {"fr": ""}, {"fr": ""}, 40)), 50)
PLAN = RankingPlan("fixed", 4, (Component("jury", "jury", 1, "j"),), ("jury",))
SEVERITY = {"J1": 3, "J2": 1, "J3": 0, "J4": -1, "J5": -12}
TRUTH = {"A": 60, "B": 61, "C": 55, "D": 50, "E": 45, "F": 40}
ON = Correction("reml", 0.5, applied=True, why="announced")


def recusal(correction: Correction, *, skip: tuple[tuple[str, str], ...] = (("A", "J5"),)) -> Inputs:
    sheets = tuple(
        Marks(j, t, {"a": 30.0, "b": mu + d - 30.0})
        for t, mu in TRUTH.items()
        for j, d in SEVERITY.items()
        if (t, j) not in skip
    )
    return Inputs(PLAN, replace(RUBRIC, threshold=0), tuple(Contestant(t, t) for t in TRUTH), {}, sheets, correction)


def by_team(inputs: Inputs) -> dict[str, Standing]:
    return {s.team: s for s in merge(inputs)}


def test_recusal_bonus_wins_on_raw_means_and_loses_on_fair_scores() -> None:
    assert merge(recusal(RAW))[0].team == "A"
    corrected = merge(recusal(ON))
    assert [s.team for s in corrected] == list("BACDEF")
    assert by_team(recusal(ON))["A"].jury_raw == 60.75
    assert by_team(recusal(ON))["A"].jury == pytest.approx(58.432, abs=5e-4)
    assert by_team(recusal(ON))["A"].total == by_team(recusal(ON))["A"].jury


def test_correction_that_is_only_shown_moves_nobody() -> None:
    shown = merge(recusal(replace(ON, applied=False, why="shown")))
    assert [(s.team, s.rank, s.total) for s in shown] == [(s.team, s.rank, s.total) for s in merge(recusal(RAW))]
    assert shown[0].jury_fair == pytest.approx(58.432, abs=5e-4)
    assert (shown[0].jury, shown[0].jury_raw) == (60.75, 60.75)


def test_complete_jury_is_the_raw_mean_whatever_was_frozen() -> None:
    complete = recusal(ON, skip=())
    assert merge(complete) == merge(replace(complete, correction=RAW))


def test_panels_left_apart_by_a_withdrawal_are_not_corrected() -> None:
    skip = tuple((t, j) for t in TRUTH for j in SEVERITY if (t < "D") != (j < "J3"))
    apart = recusal(ON, skip=skip)
    assert {s.jury_fair for s in merge(apart)} == {None}
    assert merge(apart) == merge(replace(apart, correction=RAW))


def test_eligibility_is_decided_on_raw_marks_and_flagged_when_the_fair_score_disagrees() -> None:
    rubric = replace(RUBRIC, threshold=59)
    found = by_team(replace(recusal(ON), rubric=rubric))
    assert (found["A"].status, found["A"].sensitive) == ("ranked", True)
    assert (found["B"].status, found["B"].sensitive) == ("ranked", False)
    assert (found["C"].status, found["C"].reason, found["C"].sensitive) == ("ineligible", "below_threshold", False)


@pytest.mark.parametrize(("mark", "status"), [(29.9, "ineligible"), (30.0, "ranked")])
def test_threshold_of_a_criterion_makes_ineligible_whatever_the_total(mark: float, status: str) -> None:
    rubric = replace(RUBRIC, criteria=(replace(RUBRIC.criteria[0], threshold=30.0), RUBRIC.criteria[1]))
    found = merge(Inputs(PLAN, rubric, (Contestant("A", "A"),), {}, (Marks("j", "A", {"a": mark, "b": 40.0}),)))[0]
    assert (found.status, found.reason) == (status, None if status == "ranked" else "below_criterion")


def test_scores_beyond_the_maximum_are_clipped_for_people_and_still_told_apart() -> None:
    # Everybody severe grades D only; what the others would have got from an average juror is above the maximum.
    table = {"A": {"k": 100.0}, "B": {"k": 99.5}, "C": {"k": 90.0, "s": 50.0}, "D": {"s": 60.0}}
    sheets = tuple(Marks(j, t, {"a": v * 0.6, "b": v * 0.4}) for t, row in table.items() for j, v in row.items())
    turned = tuple(Marks({"k": "s", "s": "k"}[s.juror], s.team, s.points) for s in sheets)
    for given_ in (sheets, turned):
        found = by_team(Inputs(PLAN, RUBRIC, tuple(Contestant(t, t) for t in table), {}, given_, ON))
        assert all(0 <= (s.jury or 0) <= 100 for s in found.values())
    high = {"A": {"s": 99.0}, "B": {"s": 99.5}, "C": {"k": 90.0, "s": 50.0}}
    sheets = tuple(Marks(j, t, {"a": v * 0.6, "b": v * 0.4}) for t, row in high.items() for j, v in row.items())
    found = by_team(Inputs(PLAN, RUBRIC, tuple(Contestant(t, t) for t in high), {}, sheets, ON))
    assert [found[t].jury for t in "AB"] == [100, 100]
    assert (found["A"].jury_fair or 0) > 100
    assert [(found[t].rank, found[t].shared) for t in "BA"] == [(1, False), (2, False)]


@given(
    st.integers(1, 40),
    st.sampled_from([0.1, 0.5, 2.0, 40.0]),
    st.sampled_from(list(TRUTH)),
    st.sampled_from(list(SEVERITY)),
)
def test_a_higher_mark_never_costs_a_place_with_the_lambda_frozen(more: int, lam: float, team: str, juror: str) -> None:
    before = replace(recusal(replace(ON, lam=lam)))
    raised = tuple(
        Marks(s.juror, s.team, {**s.points, "b": s.points["b"] + more / 4}) if (s.team, s.juror) == (team, juror) else s
        for s in before.sheets
    )
    assert (by_team(replace(before, sheets=raised))[team].rank or 0) <= (by_team(before)[team].rank or 0)
