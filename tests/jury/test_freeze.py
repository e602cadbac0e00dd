"""The rubric counts as it was when the jury's phase opened."""

from dataclasses import replace
from datetime import timedelta

from judged import JURY_TIME, Judged, make_judged, submit_sheet
from sqlmodel import Session, select

from datathon.editions.rules import Criterion, Level, Rubric
from datathon.jury.declare import declare
from datathon.jury.freeze import digest_of, drift, freeze, rubric_from, with_frozen_rubric
from datathon.jury.tables import FrozenRubric
from datathon.publication.preview import preview


def rubric_of(judged: Judged) -> Rubric:
    assert judged.edition.rubric is not None
    return judged.edition.rubric


def test_rubric_is_frozen_once_the_phase_is_open_and_once_only(db: Session) -> None:
    judged = make_judged(db)
    assert not freeze(db, judged.edition, now=JURY_TIME - timedelta(days=20))
    assert with_frozen_rubric(db, judged.edition) is judged.edition
    assert drift(db, judged.edition) is None
    assert freeze(db, judged.edition, now=JURY_TIME)
    assert not freeze(db, judged.edition, now=JURY_TIME)
    row = db.exec(select(FrozenRubric)).one()
    assert (row.version, row.digest, row.frozen_at) == (1, digest_of(rubric_of(judged)), JURY_TIME)
    found = drift(db, judged.edition)
    assert found is not None
    assert not found.any


def test_criterion_removed_after_the_opening_is_told_and_still_counts(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    freeze(db, judged.edition, now=JURY_TIME)
    submit_sheet(db, judged, juror, team, 16, 24, 15, 8, 7, 6)
    rubric = rubric_of(judged)
    kept = tuple(c for c in rubric.criteria if c.id != "clarity")
    longer = tuple(replace(c, maximum=40) if c.id == "needs" else c for c in kept)
    new = (*longer, Criterion("fun", {"fr": "fun"}, {"fr": ""}, 10))
    file = replace(judged.edition, rubric=replace(rubric, criteria=new))
    found = drift(db, file)
    assert found is not None
    assert (found.removed, found.added, found.changed, found.rest) == (("clarity",), ("fun",), ("needs",), False)
    assert with_frozen_rubric(db, file).rubric == rubric
    results = preview(db, file, now=JURY_TIME).results
    assert results == preview(db, judged.edition, now=JURY_TIME).results
    assert with_frozen_rubric(db, replace(judged.edition, rubric=None)).rubric == rubric
    lower = drift(db, replace(judged.edition, rubric=replace(rubric, threshold=10)))
    assert lower is not None
    assert lower.rest


def test_rubric_comes_back_from_json_as_it_was(db: Session) -> None:
    judged = make_judged(db)
    levels = (Level(0, 5, {"fr": "peu", "en": "little"}), Level(5.5, 10, {"fr": "assez"}))
    rubric = Rubric("competences", (Criterion("a", {"fr": "A"}, {"fr": ""}, 10, levels, 1, 5.0),), 5, "fixed", 3.0)
    freeze(db, replace(judged.edition, rubric=rubric), now=JURY_TIME)
    db.expire_all()
    row = db.exec(select(FrozenRubric)).one()
    assert rubric_from(row.rubric) == rubric
    assert digest_of(rubric_from(row.rubric)) == row.digest
    assert rubric_from({**row.rubric, "later": 1}) == rubric
