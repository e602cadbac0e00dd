"""The example that comes first: graded once by everybody, shown afterwards, counted nowhere."""

from dataclasses import asdict, replace

import pytest
from judged import AFTERWARDS, JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlmodel import Session

from datathon.editions.rules import Edition, Example
from datathon.jury.calibrate import calibrate, example_given
from datathon.jury.close import close
from datathon.jury.counting import counting
from datathon.jury.declare import declare
from datathon.jury.freeze import digest_of, rubric_from
from datathon.jury.queries import matrix
from datathon.jury.type_in import Paper, type_in
from datathon.kernel.errors import Conflict, Invalid, NotFound

EXAMPLE = Example({"fr": "Exemple", "en": "Example"}, {"fr": "Un prototype."}, "https://example.org")
GIVEN = (10, 15, 10, 5, 5, 5)


def ready(db: Session, *, jurors: int = 3, declared: bool = True) -> Judged:
    judged = make_judged(db, jurors=jurors)
    assert judged.edition.rubric is not None
    rubric = replace(judged.edition.rubric, calibration=EXAMPLE)
    judged = replace(judged, edition=replace(judged.edition, rubric=rubric))
    for juror in judged.jurors if declared else ():
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    return judged


def give(db: Session, judged: Judged, n: int, *points: float) -> None:
    calibrate(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=judged.jurors[n].id,
        marks=marks(*points) if len(points) == 6 else dict(zip(("needs", "quality"), points, strict=False)),
        now=JURY_TIME,
    )


def test_sheets_wait_for_the_example_and_it_counts_nowhere(db: Session) -> None:
    judged = ready(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    with pytest.raises(Conflict, match="example first"):
        submit_sheet(db, judged, juror, team, *GIVEN)
    give(db, judged, 0, *GIVEN)
    assert counting(db, judged.edition) == ()
    assert matrix(db, judged.edition).submitted == 0
    submit_sheet(db, judged, juror, team, 16, 24, 15, 8, 7, 6)
    assert [sheet.points["needs"] for sheet in counting(db, judged.edition)] == [16]


def test_others_are_shown_once_one_s_own_marks_are_in_and_stay(db: Session) -> None:
    judged = ready(db)
    give(db, judged, 0, *GIVEN)
    give(db, judged, 1, 12, 15, 10, 5, 5, 5)
    assert example_given(db, judged.edition, juror_id=judged.jurors[2].id) == ()
    give(db, judged, 2, 12, 20, 10, 5, 5, 5)
    needs, quality, *_, whole = example_given(db, judged.edition, juror_id=judged.jurors[2].id)
    assert (needs.own, dict(needs.counts), needs.middle) == (12, {10.0: 1, 12.0: 2}, 12)
    assert (quality.own, dict(quality.counts)) == (20, {15.0: 2, 20.0: 1})
    assert (whole.criterion, whole.own, dict(whole.counts)) == ("", 57, {50: 1, 52: 1, 57: 1})
    with pytest.raises(Conflict, match="already"):
        give(db, judged, 2, *GIVEN)


def test_example_is_refused_in_words(db: Session) -> None:
    judged = ready(db, declared=False)
    with pytest.raises(Conflict, match="conflicts"):
        give(db, judged, 0, *GIVEN)
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    with pytest.raises(Invalid) as blank:
        give(db, judged, 0, 10, 15)
    assert blank.value.field == "transfer"
    with pytest.raises(Invalid):
        give(db, judged, 0, 21, 15, 10, 5, 5, 5)
    with pytest.raises(NotFound):
        give(db, replace(judged, edition=make_plain(judged)), 0, *GIVEN)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    with pytest.raises(Conflict, match="closed"):
        give(db, judged, 0, *GIVEN)


def make_plain(judged: Judged) -> Edition:
    assert judged.edition.rubric is not None
    return replace(judged.edition, rubric=replace(judged.edition.rubric, calibration=None))


def test_paper_does_not_wait_for_the_example(db: Session) -> None:
    judged = ready(db)
    paper = Paper(judged.jurors[0].id, judged.teams["A"].id, marks(16, 24, 15, 8, 7, 6))
    saved = type_in(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        organiser_id=judged.organiser.id,
        paper=paper,
        now=JURY_TIME,
    )
    assert saved.state == "submitted"


def test_example_is_frozen_with_the_rubric(db: Session) -> None:
    rubric = ready(db).edition.rubric
    assert rubric is not None
    assert rubric_from(asdict(rubric)) == rubric
    assert digest_of(rubric) != digest_of(replace(rubric, calibration=None))
