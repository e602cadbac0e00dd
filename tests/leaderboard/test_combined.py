"""Boards of several challenges: fixed anchors, declared weights, teams without a score somewhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import judged_edition

from datathon.editions.groups import Track
from datathon.editions.rules import Challenge, Component, Edition, Metric, RankingPlan
from datathon.leaderboard.combined import Combination, combination, combinations, combined_content

BASE = judged_edition()
TRACK = Track("energy", {"fr": "Énergie"}, ("two", "three"))


def challenge(name: str) -> Challenge:
    found = BASE.challenge("metiers-secteurs")
    assert found is not None
    return replace(found, id=name, metrics=(Metric("rmse", direction="lower", decimals=2),), folder=Path(name))


def edition(**changes: Any) -> Edition:
    """Three challenges that rank; the first two count 60 and 20 in the final ranking, anchored at 12 and 4."""
    plan = RankingPlan(
        "fixed",
        2,
        (
            Component("first", "metric", 60, "one", "lower", 12.0, 4.0),
            Component("second", "metric", 20, "two", "lower", 12.0, 4.0),
            Component("marks", "jury", 20, "competences"),
        ),
        ("jury", "first"),
    )
    made = replace(BASE, challenges=(*(challenge(c) for c in ("one", "two", "three")),), ranking=plan, tracks=(TRACK,))
    return replace(made, **changes)


def board(*rows: tuple[str, float], kind: str = "team", **more: Any) -> dict[str, Any]:
    return {"rows": [{"team": n.title(), "slug": n, "score": s, "kind": kind} for n, s in rows], **more}


def of(found: Edition, track: Track | None = None) -> Combination:
    one = combination(found, track)
    assert one is not None
    return one


def test_board_of_the_edition_is_the_weighted_mean_of_anchored_scores() -> None:
    given_boards = {"one": board(("a", 6.8), ("b", 5.2)), "two": board(("a", 6.0), ("b", 13.0))}
    content = combined_content(edition(), of(edition()), given_boards, frozen=False)
    assert [(row["rank"], row["team"], row["score"]) for row in content["rows"]] == [(1, "A", 67.5), (2, "B", 63.75)]
    assert content["rows"][0]["points"] == {"first": 65.0, "second": 75.0}
    assert content["rows"][1]["values"] == {"first": 5.2, "second": 13.0}
    assert [part["outside"] for part in content["components"]] == [0.0, 0.5]
    assert (content["scheme"], content["warnings"]) == ("fixed", [])


def test_team_without_a_score_somewhere_is_named_and_not_ranked() -> None:
    given_boards = {"one": board(("a", 6.8), ("b", 5.2)), "two": board(("a", 6.0))}
    content = combined_content(edition(), of(edition()), given_boards, frozen=False)
    assert [row["slug"] for row in content["rows"]] == ["a"]
    assert content["incomplete"] == [{"team": "B", "slug": "b", "missing": ["two"]}]
    nothing = combined_content(edition(), of(edition()), {"one": board(("a", 6.8))}, frozen=False)
    assert (nothing["rows"], nothing["incomplete"][0]["missing"]) == ([], ["two"])


def test_equal_totals_follow_the_tie_rules_of_metrics_and_share_a_rank_without() -> None:
    given_boards = {"one": board(("a", 8.0), ("b", 8.0), ("c", 4.0)), "two": board(("a", 8.0), ("b", 8.0), ("c", 4.0))}
    content = combined_content(edition(), of(edition()), given_boards, frozen=False)
    assert [(row["rank"], row["slug"]) for row in content["rows"]] == [(1, "c"), (2, "a"), (2, "b")]


def test_track_without_declared_anchors_ranks_by_places_and_says_so() -> None:
    given_boards = {
        "two": board(("a", 6.0), ("b", 7.0), ("c", 9.0)),
        "three": board(("a", 3.0), ("b", 2.0), ("c", 9.0)),
    }
    one = of(edition(), TRACK)
    assert (one.plan.scheme, one.warnings) == ("rank", ("rank", "equal"))
    content = combined_content(edition(), one, given_boards, frozen=False)
    assert [(row["rank"], row["score"]) for row in content["rows"]] == [(1, 75.0), (1, 75.0), (3, 0.0)]


def test_teams_out_of_competition_stand_where_their_points_put_them_without_a_rank() -> None:
    out = board(("b", 4.0), kind="out_of_competition")
    given_boards = {name: {"rows": [*board(("a", 8.0))["rows"], *out["rows"]]} for name in ("one", "two")}
    content = combined_content(edition(), of(edition()), given_boards, frozen=False)
    assert [(row["rank"], row["slug"]) for row in content["rows"]] == [(None, "b"), (1, "a")]


def test_teams_that_left_are_named_once_and_a_veil_covers_all() -> None:
    left = {"unranked": [{"team": "Z", "reason": "withdrawn"}]}
    given_boards = {"one": board(("a", 8.0), **left, veiled=True), "two": board(("a", 8.0), **left)}
    content = combined_content(edition(), of(edition()), given_boards, frozen=True)
    assert (content["unranked"], content["veiled"]) == (left["unranked"], True)


@pytest.mark.parametrize("weight", [0, 60])
def test_metric_of_weight_nothing_is_not_part_of_the_edition_s_board(weight: int) -> None:
    plan = edition().ranking
    assert plan is not None
    first = replace(plan.components[0], weight=weight)
    one = of(edition(ranking=replace(plan, components=(first, *plan.components[1:]))))
    assert [c.challenge for c in one.plan.components] == (["one", "two"] if weight else ["two"])


def test_edition_with_one_board_has_no_second_one_of_it() -> None:
    assert combinations(BASE) == ()
    assert [one.key for one in combinations(edition())] == ["*", "*energy"]
    assert [one.key for one in combinations(edition(ranking=None))] == ["*", "*energy"]


@given(st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), min_size=2, max_size=8))
def test_last_team_leaving_flips_nobody_on_fixed_anchors(scores: list[tuple[float, float]]) -> None:
    rows = [(f"t{index}", round(x, 2), round(y, 2)) for index, (x, y) in enumerate(scores)]

    def order(given_rows: list[tuple[str, float, float]]) -> list[tuple[str, float]]:
        boards = {"one": board(*((n, x) for n, x, _ in given_rows)), "two": board(*((n, y) for n, _, y in given_rows))}
        content = combined_content(edition(), of(edition()), boards, frozen=False)
        return [(row["slug"], row["score"]) for row in content["rows"]]

    whole = order(rows)
    last = whole[-1][0]
    assert order([row for row in rows if row[0] != last]) == whole[:-1]
