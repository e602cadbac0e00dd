"""A corrected rubric counts from its adoption; sheets that still fit keep counting, the others are submitted again."""

import json
from dataclasses import replace

import pytest
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, make_worked_edition, marks, submit_sheet
from sqlmodel import Session, select

from datathon.editions.rules import Criterion, Edition, Rubric
from datathon.jury.adopt import Effect, adopt, adopted, effect
from datathon.jury.close import close
from datathon.jury.counting import counting
from datathon.jury.declare import declare
from datathon.jury.freeze import digest_of, drift, freeze, with_frozen_rubric
from datathon.jury.queries import sheet
from datathon.jury.versions import versions_of
from datathon.kernel.errors import Conflict, Invalid
from datathon.publication.preview import preview
from datathon.publication.verify.compare import verify
from datathon.store.tables import AuditEntry


def rubric_of(edition: Edition) -> Rubric:
    assert edition.rubric is not None
    return edition.rubric


def without(rubric: Rubric, name: str) -> Rubric:
    return replace(rubric, criteria=tuple(c for c in rubric.criteria if c.id != name), threshold=40)


def changed(rubric: Rubric, name: str, **more: object) -> Rubric:
    return replace(rubric, criteria=tuple(replace(c, **more) if c.id == name else c for c in rubric.criteria))  # type: ignore[arg-type]  # a criterion's own properties


def take(db: Session, judged: Judged, corrected: Rubric, *, reason: str = "Coquille", seen: str = "") -> Effect:
    return adopt(
        db,
        edition=with_frozen_rubric(db, judged.edition),
        corrected=corrected,
        seen=seen or digest_of(corrected),
        reason=reason,
        organiser_id=judged.organiser.id,
        now=JURY_TIME,
    )


def graded(db: Session) -> Judged:
    judged = make_judged(db)
    declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
    freeze(db, judged.edition, now=JURY_TIME)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GRADES["A"])
    return judged


def state_of(db: Session, judged: Judged) -> tuple[str, dict[str, float]]:
    edition = with_frozen_rubric(db, judged.edition)
    view = sheet(db, edition=edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id)
    return view.state, dict(view.marks)


def test_words_weights_and_thresholds_change_without_touching_a_sheet(db: Session) -> None:
    judged = graded(db)
    corrected = changed(rubric_of(judged.edition), "needs", title={"fr": "Besoins"}, weight=40.0, threshold=5.0)
    assert effect(db, judged.edition, corrected=corrected) == Effect(1, 0, 0)
    assert take(db, judged, corrected) == Effect(1, 0, 0)
    assert state_of(db, judged) == ("submitted", marks(*GRADES["A"]))
    assert rubric_of(with_frozen_rubric(db, judged.edition)) == corrected
    assert [(v.version, v.reason, v.by) for v in adopted(db, "2025")] == [
        (1, "", None),
        (2, "Coquille", judged.organiser.name),
    ]
    entry = db.exec(select(AuditEntry).where(AuditEntry.act == "adopt_rubric")).one()
    assert (entry.details["version"], entry.details["reason"], entry.details["again"]) == (2, "Coquille", 0)
    found = drift(db, replace(judged.edition, rubric=corrected))
    assert found is not None
    assert (found.version, found.any) == (2, False)


def test_removed_criterion_leaves_the_sheet_and_stays_in_its_versions(db: Session) -> None:
    judged = graded(db)
    assert take(db, judged, without(rubric_of(judged.edition), "clarity"), reason="Retiré") == Effect(1, 0, 0)
    state, kept = state_of(db, judged)
    assert (state, "clarity" in kept, len(kept)) == ("submitted", False, 5)
    past = versions_of(db, judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id)
    assert [("clarity" in v.marks, v.author, v.reason) for v in past] == [
        (True, judged.jurors[0].name, ""),
        (False, judged.organiser.name, "Retiré"),
    ]


@pytest.mark.parametrize(
    "more", [{"maximum": 40.0}, {"step": 5.0}, {"comment_below": 17.0}], ids=["maximum", "step", "comment"]
)
def test_sheet_that_no_longer_fits_is_submitted_again(db: Session, more: dict[str, float]) -> None:
    judged = graded(db)
    assert take(db, judged, changed(rubric_of(judged.edition), "needs", **more)) == Effect(0, 1, 0)
    state, kept = state_of(db, judged)
    assert (state, "needs" in kept, kept["quality"]) == ("draft", "comment_below" in more, 24)
    assert counting(db, with_frozen_rubric(db, judged.edition)) == ()


def test_added_criterion_is_marked_before_the_sheet_counts_again(db: Session) -> None:
    judged = graded(db)
    rubric = rubric_of(judged.edition)
    corrected = replace(rubric, criteria=(*rubric.criteria, Criterion("fun", {"fr": "fun"}, {"fr": ""}, 10)))
    assert take(db, judged, corrected) == Effect(0, 1, 0)
    with pytest.raises(Conflict, match="corrected"):
        submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GRADES["A"], version=2)


def test_adoption_is_refused_in_words(db: Session) -> None:
    judged = make_judged(db)
    rubric = rubric_of(judged.edition)
    other = changed(rubric, "needs", weight=30.0)
    with pytest.raises(Conflict, match="not frozen"):
        take(db, judged, other)
    freeze(db, judged.edition, now=JURY_TIME)
    with pytest.raises(Conflict, match="nothing to adopt"):
        take(db, judged, rubric)
    with pytest.raises(Conflict, match="since you looked"):
        take(db, judged, other, seen=digest_of(rubric))
    for reason in (" ", "x" * 301):
        with pytest.raises(Invalid):
            take(db, judged, other, reason=reason)
    with pytest.raises(Invalid, match="another challenge"):
        take(db, judged, replace(other, challenge="autre"))
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict, match="closed"):
        take(db, judged, other)


def test_results_tell_the_versions_and_verify(db: Session) -> None:
    judged = make_worked_edition(db)
    freeze(db, judged.edition, now=JURY_TIME)
    assert "rubric" not in preview(db, judged.edition, now=JURY_TIME).results
    take(db, judged, changed(rubric_of(judged.edition), "quality", weight=45.0), reason="Poids oublié")
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    found = preview(db, judged.edition, now=AFTERWARDS).results
    assert [(v["version"], v["reason"]) for v in found["rubric"]] == [(1, ""), (2, "Poids oublié")]
    assert next(c for c in found["criteria"] if c["id"] == "quality")["weight"] == 45
    assert verify(json.dumps(found).encode()).difference is None
