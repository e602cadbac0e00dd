"""A jury that compares two by two: strengths on a fixed anchor in the merge, and the same in the verified file."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Component, RankingPlan
from datathon.jury.pairwise import Vote, preference, tally
from datathon.leaderboard.merge import Contestant, Inputs, merge
from datathon.publication.results import results_object
from datathon.publication.verify.compare import verify
from datathon.publication.verify.read import NotResultsError
from datathon.publication.why import why

TEAMS = ("a", "b", "c", "d", "e")
VOTES = [Vote("j", *pair) for pair in ("ab", "ab", "ba", "ac", "ca", "bc", "bc", "da", "db", "dc", "ac")]


def inputs(votes: list[Vote], *, metric: int = 40, jury: int = 60) -> Inputs:
    parts = (Component("metric", "metric", metric, "m", "higher", 0.0, 100.0), Component("jury", "jury", jury, "p"))
    plan = RankingPlan("fixed", 4, parts, ("metric",), ("borda",))
    values = {t: 50.0 - n for n, t in enumerate(TEAMS)}
    contestants = tuple(Contestant(t, t.upper()) for t in TEAMS)
    return Inputs(plan, None, contestants, {"metric": values}, compared=tally(TEAMS, votes), by_pairs=True)


def written(found: Inputs) -> dict[str, Any]:
    made = results_object(
        edition="e", inputs=found, standings=merge(found), metric_names={}, counted={}, digests={}, code="datathon"
    )
    return dict(json.loads(json.dumps(made)))


def difference(results: Mapping[str, Any]) -> str | None:
    return verify(json.dumps(results).encode()).difference


def test_anchor_is_fixed_and_the_same_on_both_sides() -> None:
    assert (preference(0.0), preference(math.log(3))) == (50.0, 75.0)
    assert preference(2.5) + preference(-2.5) == 100.0


def test_strength_is_the_jurys_score_and_who_was_not_compared_has_none() -> None:
    found = {s.team: s for s in merge(inputs(VOTES))}
    # Worked in the ranking specification: theta of d .7920, of c -.7655.
    assert (round(found["d"].jury or 0, 2), round(found["c"].jury or 0, 2)) == (68.83, 31.75)
    assert found["d"].total == pytest.approx(0.4 * 47 + 0.6 * (found["d"].jury or 0), abs=1e-8)
    assert [found[t].rank for t in "dabc"] == [1, 2, 3, 4]
    assert (found["e"].status, found["e"].reason) == ("unranked", "no_jury")
    assert (found["d"].jury_raw, found["d"].criteria) == (None, {})


pairs = st.lists(
    st.tuples(st.sampled_from(TEAMS), st.sampled_from(TEAMS), st.booleans()).filter(lambda p: p[0] != p[1])
)


@given(pairs)
def test_file_verifies_to_the_last_bit_whatever_was_compared(told: list[tuple[str, str, bool]]) -> None:
    assert difference(written(inputs([Vote("j", one, other, tie=tie) for one, other, tie in told]))) is None


@given(pairs)
def test_one_more_win_never_costs_a_place(told: list[tuple[str, str, bool]]) -> None:
    votes = [Vote("j", "a", "b"), *(Vote("j", one, other, tie=tie) for one, other, tie in told)]
    before = {s.team: s for s in merge(inputs(votes))}
    after = {s.team: s for s in merge(inputs([*votes, Vote("j", "a", "b")]))}
    assert (after["a"].rank or 9) <= (before["a"].rank or 9)


def test_changed_comparisons_and_a_missing_block_are_found_out() -> None:
    good = written(inputs(VOTES))
    assert good["components"][1]["mode"] == "pairwise"
    assert (good["sheets"], good["criteria"]) == ([], [])
    wrong = json.loads(json.dumps(good))
    wrong["ranking"][0]["jury"] = 70.0
    assert "jury" in str(difference(wrong))
    del good["pairwise"]
    with pytest.raises(NotResultsError, match="comparisons of a jury"):
        difference(good)


def test_why_this_rank_has_one_piece_of_the_jury() -> None:
    found = why(written(inputs(VOTES)), "a")
    assert found is not None
    assert found.own is not None
    assert [p.kind for p in found.own.pieces] == ["jury", "metric"]
    assert {need.kind for need in found.needs} <= {"jury", "metric"}


def test_no_comparison_ranks_nobody() -> None:
    assert {s.status for s in merge(replace(inputs([]), compared=None))} == {"unranked"}
