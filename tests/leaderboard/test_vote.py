"""A public vote in the merge: a share of the ballots on fixed anchors, 4.8, and the same in the verified file."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.rules import Component, RankingPlan
from datathon.editions.vote import VoteRules
from datathon.jury.votes import Votes, count, leaders
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge
from datathon.publication.results import results_object
from datathon.publication.verify.compare import verify
from datathon.publication.verify.read import NotResultsError
from datathon.publication.why import stack_of, why

TEAMS = ("a", "b", "c", "d")
RULES = VoteRules("p", {"fr": "Vote"}, 10, 4, 0.5)


def inputs(metrics: Mapping[str, float], votes: Votes | None, weight: int = 10) -> Inputs:
    parts = (
        Component("metric", "metric", 90, "m", "higher", 0.0, 100.0),
        Component("vote", "vote", weight, "p", "higher", 0.0, RULES.target),
    )
    plan = RankingPlan("fixed", 4, parts, ("metric",))
    return Inputs(plan, None, tuple(Contestant(t, t.upper()) for t in metrics), {"metric": metrics}, votes=votes)


def by_team(found: Inputs) -> dict[str, Standing]:
    return {s.team: s for s in merge(found)}


def written(found: Inputs) -> dict[str, Any]:
    made = results_object(
        edition="e", inputs=found, standings=merge(found), metric_names={}, counted={}, digests={}, code="datathon"
    )
    return dict(json.loads(json.dumps(made)))


def difference(results: Mapping[str, Any]) -> str | None:
    return verify(json.dumps(results).encode()).difference


values = st.fixed_dictionaries({t: st.integers(0, 100).map(float) for t in TEAMS})
ballots = st.lists(st.sets(st.sampled_from(TEAMS), min_size=1), max_size=30)


def test_share_of_the_ballots_is_read_on_its_anchor() -> None:
    votes = Votes(RULES, 40, {"a": 30, "b": 10, "c": 0, "d": 20})
    found = by_team(inputs(dict.fromkeys(TEAMS, 50.0), votes))
    assert {t: s.scores["vote"] for t, s in found.items()} == {"a": 100.0, "b": 50.0, "c": 0.0, "d": 100.0}
    assert {t: s.total for t, s in found.items()} == {"a": 55.0, "b": 50.0, "c": 45.0, "d": 55.0}
    assert [found[t].rank for t in TEAMS] == [1, 3, 4, 1]


@given(values, ballots)
def test_order_holds_whoever_leaves_and_the_file_verifies(metrics: dict[str, float], cast: list[set[str]]) -> None:
    whole = by_team(inputs(metrics, count(RULES, TEAMS, cast)))
    left = {t: v for t, v in metrics.items() if t != "b"}
    fewer = by_team(inputs(left, count(RULES, left, cast)))
    assert {t: s.total for t, s in fewer.items()} == {t: s.total for t, s in whole.items() if t != "b"}
    for standing in whole.values():
        assert 0 <= (standing.total or 0) <= 100
        assert sum(c.points for c in standing.contributions) == pytest.approx(standing.total, abs=1e-9)
    assert difference(written(inputs(metrics, count(RULES, TEAMS, cast)))) is None


@given(values, ballots)
def test_one_more_name_never_costs_a_place(metrics: dict[str, float], cast: list[set[str]]) -> None:
    before = by_team(inputs(metrics, count(RULES, TEAMS, [*cast, {"b"}])))
    after = by_team(inputs(metrics, count(RULES, TEAMS, [*cast, {"a", "b"}])))
    assert (after["a"].rank or 0) <= (before["a"].rank or 0)
    others = [t for t in TEAMS if t != "a"]
    assert {t: before[t].total for t in others} == {t: after[t].total for t in others}


@given(values, ballots)
def test_weight_nought_is_as_if_there_were_no_vote(metrics: dict[str, float], cast: list[set[str]]) -> None:
    voted = by_team(inputs(metrics, count(RULES, TEAMS, cast), weight=0))
    plain = inputs(metrics, None)
    plain = replace(plain, plan=replace(plain.plan, components=plain.plan.components[:1]))
    assert {t: (s.rank, s.total) for t, s in voted.items()} == {t: (s.rank, s.total) for t, s in by_team(plain).items()}
    # A prize that enters no total stands in a file of its own right, which verifies too.
    assert difference(written(replace(plain, votes=count(RULES, TEAMS, cast)))) is None
    assert "vote" not in written(plain)


def test_vote_nobody_came_to_gives_nobody_anything() -> None:
    found = inputs({"a": 10.0, "b": 20.0}, count(RULES, ("a", "b"), []))
    assert {t: s.scores["vote"] for t, s in by_team(found).items()} == {"a": 0.0, "b": 0.0}
    assert by_team(found)["b"].rank == 1
    assert difference(written(found)) is None
    assert leaders({"a": 0, "b": 0}) == ()


def test_team_that_could_not_be_named_has_no_rank() -> None:
    found = inputs({"a": 10.0, "b": 20.0}, count(RULES, ("a",), [{"a"}]))
    assert (by_team(found)["b"].status, by_team(found)["b"].reason) == ("unranked", "no_vote")
    assert difference(written(found)) is None


def test_why_this_rank_has_the_votes_piece() -> None:
    results = written(inputs({"a": 10.0, "b": 20.0}, Votes(RULES, 4, {"a": 4, "b": 0})))
    row = next(r for r in results["ranking"] if r["team"] == "a")
    stack = stack_of(results, row)
    assert [(p.kind, p.points) for p in stack.pieces] == [("metric", 9.0), ("vote", 10.0)]
    lost = why(results, "b")
    assert lost is not None
    need = next(n for n in lost.needs if n.kind == "vote")
    assert (need.value, need.score) == (pytest.approx(0.0501), pytest.approx(10.02))


def test_share_that_moved_after_the_opening_is_found_out() -> None:
    votes = replace(count(RULES, ("a", "b"), [{"a"}]), frozen={"weight": 10, "whole": 100, "at": "2025-12-03T11:00:00"})
    good = written(inputs({"a": 10.0, "b": 20.0}, votes))
    assert (good["vote"]["frozen"]["whole"], difference(good)) == (100, None)
    good["vote"]["frozen"]["weight"] = 5
    assert "weighs 10 of 100 in the file, 5 of 100 when it opened" in str(difference(good))
    for wrong in (7, {"weight": 11, "whole": 10}, {"weight": -1, "whole": 10}, {"whole": 10}):
        good["vote"]["frozen"] = wrong
        with pytest.raises(NotResultsError):
            difference(good)


def test_file_with_other_counts_is_found_out() -> None:
    good = written(inputs({"a": 10.0, "b": 20.0}, Votes(RULES, 10, {"a": 4, "b": 1})))
    changed = json.loads(json.dumps(good))
    changed["vote"]["counts"]["a"] = 3
    assert "vote" in str(difference(changed))
    for wrong in ({"a": 11, "b": 1}, {"a": -1, "b": 1}, {"a": 1.5, "b": 1}, {"z": 1}):
        changed["vote"]["counts"] = wrong
        with pytest.raises(NotResultsError):
            difference(changed)
    del changed["vote"]
    with pytest.raises(NotResultsError, match="count of a vote"):
        difference(changed)
