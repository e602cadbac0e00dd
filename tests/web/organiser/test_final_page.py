"""The organisers' ranking says which tie rules there are, the comparisons two by two among them."""

from dataclasses import dataclass, replace

from flask import Flask
from judged import judged_edition

from datathon.editions.rules import RankingPlan
from datathon.web.organiser.final_page import tie_rules


@dataclass(frozen=True)
class Shown:
    """The part of a preview that the sentence reads."""

    plan: RankingPlan


def test_comparisons_are_named_among_the_tie_rules(app: Flask) -> None:
    edition = judged_edition()
    assert edition.ranking is not None
    plan = replace(edition.ranking, tie_break=("jury", "pairwise", "metric"))
    with app.test_request_context("/?lang=fr"):
        said = tie_rules(Shown(plan), edition)  # type: ignore[arg-type]  # what the sentence reads
    assert (
        said
        == "le jury, les comparaisons deux à deux, là où toutes les équipes à égalité ont été comparées, la métrique"
    )
