"""A weight beside a maximum, comments that low marks ask for, and the rubrics to start from."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from challenge_folders import EDITION, write_edition
from judged import JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlmodel import Session

from datathon.cli_rubric import rubric as command
from datathon.editions.catalogue import load_edition
from datathon.editions.rubric_templates import template, templates
from datathon.editions.rules import Criterion, Rubric
from datathon.jury.declare import declare
from datathon.jury.grade import save_draft
from datathon.jury.grid import Marks, marked_maximum, reaches_threshold, team_means, total, uncommented
from datathon.jury.queries import sheet
from datathon.jury.rules import Content
from datathon.jury.type_in import Paper, type_in
from datathon.kernel.errors import Invalid, NotFound

STARS = Rubric(
    "p",
    (
        Criterion("use", {"fr": ""}, {"fr": ""}, 5, (), 1, 2.0, weight=60, comment_below=2),
        Criterion("data", {"fr": ""}, {"fr": ""}, 5, (), 1, weight=40),
    ),
    50,
)


def test_marks_count_by_their_weight() -> None:
    assert (STARS.maximum, total(STARS, {"use": 5, "data": 5}), total(STARS, {"use": 1, "data": 4})) == (100, 100, 44)
    assert marked_maximum(STARS, {"data": 1}) == 40
    mean = team_means(STARS, [Marks("j1", "a", {"use": 3, "data": 2}), Marks("j2", "a", {"use": 2, "data": 3})])["a"]
    assert (mean.points, mean.score, mean.criteria) == (50, 50, {"use": 2.5, "data": 2.5})
    assert reaches_threshold(STARS, mean.points)
    assert not reaches_threshold(STARS, 49.9)


def test_weight_equal_to_the_maximum_changes_no_bit() -> None:
    plain = Rubric("p", tuple(Criterion(n, {"fr": ""}, {"fr": ""}, 30, (), 0.1) for n in ("a", "b")), 0)
    heavy = replace(plain, criteria=tuple(replace(c, weight=30) for c in plain.criteria))
    sheets = [Marks(f"j{n}", "t", {"a": 0.1 * n * 10, "b": 29.3}) for n in range(1, 8)]
    assert team_means(plain, sheets) == team_means(heavy, sheets)


@pytest.mark.parametrize(
    ("given", "comment", "number"),
    [
        ({"use": 1, "data": 0}, "", 1),
        ({"use": 1}, " \n ", 1),
        ({"use": 2}, "", None),
        ({"use": 0}, "Rien.", None),
        ({}, "", None),
    ],
)
def test_mark_below_its_line_asks_for_a_comment(given: dict[str, float], comment: str, number: int | None) -> None:
    assert uncommented(STARS, given, comment) == number


def strict(db: Session) -> Judged:
    judged = make_judged(db)
    rubric = judged.edition.rubric
    assert rubric is not None
    criteria = tuple(replace(c, comment_below=5.0) if c.id == "quality" else c for c in rubric.criteria)
    declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
    return replace(judged, edition=replace(judged.edition, rubric=replace(rubric, criteria=criteria)))


def test_sheet_without_the_comment_it_asks_for_stays_a_draft(db: Session) -> None:
    judged = strict(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    facts = {"edition": judged.edition, "windows": judged.windows(db), "now": JURY_TIME}
    low = marks(16, 4.5, 15, 8, 7, 6)
    kept = save_draft(db, juror_id=juror.id, team_id=team.id, version=0, content=Content(low), **facts)  # type: ignore[arg-type]  # the three facts above
    with pytest.raises(Invalid) as refusal:
        submit_sheet(db, judged, juror, team, *low.values(), version=kept.version)
    assert (refusal.value.field, refusal.value.params) == ("comment_team", {"number": 2, "least": 5.0})
    assert sheet(db, edition=judged.edition, juror_id=juror.id, team_id=team.id).state == "draft"
    with pytest.raises(Invalid):
        type_in(db, organiser_id=judged.organiser.id, paper=Paper(juror.id, judged.teams["B"].id, low), **facts)  # type: ignore[arg-type]  # as above
    high = submit_sheet(db, judged, juror, team, 16, 5, 15, 8, 7, 6, version=kept.version)
    assert high.state == "submitted"


@pytest.mark.parametrize("name", [t.name for t in templates()])
def test_template_is_a_rubric_that_the_checks_accept(tmp_path: Path, name: str) -> None:
    start, end = EDITION.index("[jury]"), EDITION.index("[ranking]")
    text = EDITION[:start] + template(name, challenge="cartes") + EDITION[end:].replace(', "criterion:quality"', "")
    rubric = load_edition(write_edition(tmp_path / "essai", toml=text)).rubric
    assert rubric is not None
    assert rubric.maximum == 100
    for criterion in rubric.criteria:
        assert (criterion.levels[0].low, criterion.levels[-1].high) == (0, criterion.maximum)
        assert all(set(level.text) == {"fr", "en"} for level in criterion.levels)
        # Every step lies in exactly one written level.
        steps = [n * criterion.step for n in range(round(criterion.maximum / criterion.step) + 1)]
        assert all(sum(v.low <= s <= v.high for v in criterion.levels) == 1 for s in steps)


def test_templates_are_those_of_known_juries(capsys: pytest.CaptureFixture[str]) -> None:
    shares = {
        t.name: [c.get("weight", c["maximum"]) for c in tomllib.loads(t.text)["jury"]["criteria"]] for t in templates()
    }
    assert shares == {
        "administration": [20, 40, 40],
        "booster-ia": [20, 30, 20, 10, 10, 10],
        "five-stars": [20, 20, 20, 20, 20],
    }
    assert command("", challenge="", as_json=False) == 0
    assert "five-stars" in capsys.readouterr().out
    assert command("five-stars", challenge="cartes", as_json=False) == 0
    assert 'challenge = "cartes"' in capsys.readouterr().out
    with pytest.raises(NotFound, match="there are"):
        command("six-stars", challenge="", as_json=False)
