from dataclasses import dataclass, field
from typing import Any

import pytest
from judged import CRITERIA, GRADES, RMSE, judged_edition, marks

from datathon.jury.grid import Marks
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge
from datathon.web.organiser.ranking_page import ranking_page
from datathon.web.organiser.words import abbreviations


@dataclass(frozen=True)
class Shown:
    """The part of a preview that the page draws."""

    standings: tuple[Standing, ...]
    plan: Any
    results: dict[str, Any] = field(default_factory=dict)


def shown() -> Shown:
    edition = judged_edition()
    assert edition.ranking is not None
    inputs = Inputs(
        edition.ranking,
        edition.rubric,
        tuple(Contestant(t, t) for t in RMSE),
        {"metric": RMSE},
        tuple(Marks("j1", t, marks(*points)) for t, points in GRADES.items()),
    )
    return Shown(merge(inputs), edition.ranking, {"metric": RMSE, "counted": {}})


def test_bars_of_each_team_sum_to_its_total() -> None:
    page = ranking_page(shown(), judged_edition().rubric)  # type: ignore[arg-type]  # what the page reads of a preview
    for row in page.rows:
        assert row.segments[-1].start + row.segments[-1].width == pytest.approx(row.total, abs=1e-3)
        assert [s.label for s in row.segments] == [*(str(n) for n in range(1, len(CRITERIA) + 1)), "M"]


def test_bars_of_the_worked_edition_have_the_published_pieces() -> None:
    page = ranking_page(shown(), judged_edition().rubric)  # type: ignore[arg-type]  # what the page reads of a preview
    first = page.rows[0]
    assert (first.name, first.total) == ("C", 76.2)
    assert [round(s.width, 2) for s in first.segments] == [10.2, 12.0, 9.6, 5.4, 4.8, 4.2, 30.0]
    assert [(o.name, o.reason) for o in page.others] == [("E", "below_threshold"), ("F", "below_threshold")]


def test_abbreviations_skip_articles_and_stay_apart() -> None:
    names = ("Les Sondeurs", "Marée haute", "Cap Cotentin", "Le Verger", "L’Estran", "Maréchal")
    assert abbreviations(names) == ("Son.", "Mar.", "Cap", "Ver.", "Est.", "Mar.6")
