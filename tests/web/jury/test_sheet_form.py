from datetime import UTC, datetime

import pytest

from datathon.editions.rules import Criterion, Level, Rubric
from datathon.jury.queries import SheetView
from datathon.kernel.ids import new_id
from datathon.web.jury.sheet_form import Typed, level_of, middle, read, shown, shown_again, typed

LEVELS = (
    Level(0, 5, {"fr": "rien"}),
    Level(5.5, 10, {"fr": "peu"}),
    Level(10.5, 15, {"fr": "assez"}),
    Level(15.5, 20, {"fr": "beaucoup", "en": "a lot"}),
)
NEEDS = Criterion("needs", {"fr": "Besoins"}, {"fr": ""}, 20, LEVELS)
CLARITY = Criterion("clarity", {"fr": "Clarté"}, {"fr": ""}, 10)
RUBRIC = Rubric("competences", (NEEDS, CLARITY), 15)


def kept(marks: dict[str, float] | None = None, *, version: int = 0, comment: str = "") -> SheetView:
    return SheetView(new_id(), marks or {}, comment, "", "draft", version, datetime(2025, 12, 3, tzinfo=UTC), None)


def given(mark: str = "", level: int | None = None, *, version: int = 0, clarity: str = "", comment: str = "") -> Typed:
    return Typed({"needs": mark, "clarity": clarity}, {} if level is None else {"needs": level}, comment, "", version)


def test_typed_reads_a_form_as_it_is() -> None:
    form = {
        "mark-needs": "17,5",
        "level-needs": "3",
        "level-clarity": "x",
        "comment_team": " Bien.\r\nMerci. ",
        "version": "4",
    }
    assert typed(form) == Typed({"needs": "17,5"}, {"needs": 3}, "Bien.\nMerci.", "", 4)


@pytest.mark.parametrize(("level", "mark"), [(LEVELS[0], 2.5), (LEVELS[1], 7.5), (LEVELS[2], 12.5), (LEVELS[3], 17.5)])
def test_middle_of_a_level_lies_on_a_step(level: Level, mark: float) -> None:
    assert middle(NEEDS, level) == mark


def test_level_without_a_mark_gives_its_middle() -> None:
    assert read(RUBRIC, given("", 3), kept()).content.marks == {"needs": 17.5}


def test_mark_without_a_level_stands_alone() -> None:
    assert read(RUBRIC, given("17"), kept()).content.marks == {"needs": 17.0}


def test_level_changed_after_the_mark_was_kept_wins() -> None:
    assert read(RUBRIC, given("17", 1, version=1), kept({"needs": 17.0}, version=1)).content.marks == {"needs": 7.5}


def test_mark_changed_after_the_level_was_kept_wins() -> None:
    assert read(RUBRIC, given("8", 3, version=1), kept({"needs": 17.0}, version=1)).content.marks == {"needs": 8.0}


def test_mark_and_level_that_disagree_from_the_start_are_refused() -> None:
    understood = read(RUBRIC, given("8", 3), kept())
    assert (understood.content.marks, list(understood.refusals)) == ({}, ["needs"])


def test_form_with_a_mark_that_does_not_fit_keeps_what_was_typed() -> None:
    answer = given("2O", clarity="7", comment="Bravo")
    understood = read(RUBRIC, answer, kept())
    form = shown_again(RUBRIC, answer, understood, kept(), "fr", refusal=None)
    assert (form.criteria[0].typed, form.criteria[1].mark, form.comment_team) == ("2O", 7.0, "Bravo")
    assert form.criteria[0].refusal is not None
    assert not form.conflicting


def test_form_of_a_stale_page_shows_both_and_takes_the_newer_version() -> None:
    answer = given("12", version=1, clarity="7", comment="Mon texte")
    newer = kept({"needs": 17.0, "clarity": 7.0}, version=2, comment="Leur texte")
    form = shown_again(RUBRIC, answer, read(RUBRIC, answer, newer), newer, "fr", refusal=None)
    assert [(c.mark, c.theirs) for c in form.criteria] == [(12.0, 17.0), (7.0, None)]
    assert (form.comment_team, form.their_comment_team, form.version, form.conflicting) == (
        "Mon texte",
        "Leur texte",
        2,
        True,
    )


def test_form_counts_what_is_left_to_mark() -> None:
    form = shown(RUBRIC, kept({"needs": 17.0}, version=1), "en")
    assert (form.total, form.out_of, form.maximum, form.to_mark) == (17.0, 20, 30, 1)
    assert [level.checked for level in form.criteria[0].levels] == [False, False, False, True]
    assert form.criteria[0].levels[3].text == "a lot"


def test_level_of_a_mark_between_levels_is_none() -> None:
    assert level_of(NEEDS, 5.25) is None
