"""Comparisons two by two on the pages of the results, with how sure they are."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask, render_template

from datathon.jury.pairwise import Vote, tally
from datathon.leaderboard.merge import strengths_of
from datathon.publication.results import _pairwise
from datathon.web.compared_words import compared_of, one_compared


def results(votes: list[Vote], *, tie_break: tuple[str, ...] = ("jury",)) -> Mapping[str, Any]:
    counted = tally(["a", "b", "c", "d"], votes)
    assert strengths_of(counted)
    return {
        "teams": [{"id": t, "name": t.upper()} for t in "abcd"],
        "components": [{"id": "jury", "kind": "jury", "weight": 1}],
        "tie_break": list(tie_break),
        "pairwise": _pairwise(counted),
    }


VOTES = [Vote("j", *pair) for pair in ("ab", "ab", "ba", "ac", "ca", "bc", "bc", "da", "db", "dc", "ac")]


def test_lines_say_wins_strength_and_interval(app: Flask) -> None:
    with app.test_request_context("/"):
        found = compared_of(results(VOTES))
        assert found is not None
        assert [(line.team, line.won, line.lost) for line in found.lines] == [
            ("d", 3, 0), ("a", 4, 3), ("b", 3, 3), ("c", 1, 5),
        ]  # fmt: skip
        first = found.lines[0]
        # Worked in the ranking specification: theta .7920, sd .822, P(d preferred to a) .6805.
        assert (round(first.theta, 4), round(first.margin, 2), round(first.next or 0, 4)) == (0.7920, 1.61, 0.6805)
        assert found.lines[-1].next is None
        assert all(0 <= line.low < line.middle < line.high <= 100 for line in found.lines)
        assert ("11 comparaisons" in found.says, "ne changent aucun rang" in found.role) == (True, True)
        assert "3 comparaisons gagnées, 0 perdues" in one_compared(results(VOTES), "d")


@pytest.mark.parametrize("tie_break", [("pairwise",), ("jury", "pairwise")])
def test_tie_rule_is_said(app: Flask, tie_break: tuple[str, ...]) -> None:
    with app.test_request_context("/"):
        assert "aux totaux égaux" in one_compared(results(VOTES, tie_break=tie_break), "a")


def test_table_names_the_strongest_and_counts_the_rest(app: Flask) -> None:
    with app.test_request_context("/"):
        page = render_template("public/_compared.html", compared=compared_of(results(VOTES)), rows=2)
        assert page.count("<tr>") == 3
        assert "2 autres équipes" in page
        assert "préférerait D à A avec une probabilité de 68" in page


def test_what_was_not_compared_says_nothing(app: Flask) -> None:
    with app.test_request_context("/"):
        assert compared_of(results([])) is None
        assert one_compared(results(VOTES[:3]), "d") == ""
        found = compared_of(results(VOTES[:3]))
        assert found is not None
        assert "groupes" in found.apart
