import pytest
from judged import JURY_TIME, Judged, make_judged, submit_sheet
from sqlmodel import Session

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.keep_field import Change, Kept, Value, keep_field
from datathon.kernel.errors import Conflict, Invalid, NotAllowed


def ready(db: Session, *, conflicts: str = "") -> Judged:
    judged = make_judged(db)
    teams = {judged.teams[name].id: "" for name in conflicts}
    declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts=teams, secrecy=True, now=JURY_TIME)
    return judged


def keep(db: Session, judged: Judged, field: str, before: Value, after: Value) -> Kept:
    return keep_field(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=judged.jurors[0].id,
        team_id=judged.teams["A"].id,
        change=Change(field, before, after),
        now=JURY_TIME,
    )


def test_fields_of_two_pages_are_both_kept(db: Session) -> None:
    judged = ready(db)
    assert keep(db, judged, "quality", None, 21.5).sheet.version == 1
    kept = keep(db, judged, "needs", None, 17.0)
    assert kept.done
    assert (list(kept.sheet.marks.items()), kept.sheet.version) == ([("needs", 17.0), ("quality", 21.5)], 2)
    kept = keep(db, judged, "comment_private", "", "À rapprocher de l’Atlas.")
    assert (kept.sheet.comment_private, kept.sheet.comment_team, kept.sheet.state) == (
        "À rapprocher de l’Atlas.",
        "",
        "draft",
    )


@pytest.mark.parametrize(
    ("field", "first", "second", "other"), [("needs", 14.0, 12.0, 13.0), ("comment_team", "a", "b", "c")]
)
def test_older_page_is_told_the_other_value_and_overwrites_nothing(
    db: Session, field: str, first: Value, second: Value, other: Value
) -> None:
    judged = ready(db)
    empty: Value = "" if field == "comment_team" else None
    keep(db, judged, field, empty, first)
    keep(db, judged, field, first, second)
    kept = keep(db, judged, field, first, other)
    assert not kept.done
    assert second in {kept.sheet.marks.get(field), kept.sheet.comment_team}
    assert kept.sheet.version == 2
    assert keep(db, judged, field, second, other).done


def test_same_value_twice_is_one_version(db: Session) -> None:
    judged = ready(db)
    keep(db, judged, "needs", None, 17.0)
    assert keep(db, judged, "needs", None, 17.0).sheet.version == 1


def test_mark_can_be_taken_back(db: Session) -> None:
    judged = ready(db)
    keep(db, judged, "needs", None, 0.0)
    assert keep(db, judged, "needs", 0.0, None).sheet.marks == {}


@pytest.mark.parametrize(
    ("field", "value"), [("needs", 20.5), ("needs", 17.3), ("charm", 3.0), ("comment_team", "x" * 4001)]
)
def test_value_that_does_not_fit_is_refused(db: Session, field: str, value: Value) -> None:
    judged = ready(db)
    with pytest.raises(Invalid):
        keep(db, judged, field, None, value)


def test_submitted_sheet_is_not_changed_by_the_way(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], 16, 24, 15, 8, 7, 6)
    with pytest.raises(Conflict):
        keep(db, judged, "needs", 16.0, 17.0)


def test_field_after_closing_or_with_a_conflict_is_refused(db: Session) -> None:
    judged = ready(db, conflicts="A")
    with pytest.raises(NotAllowed):
        keep(db, judged, "needs", None, 17.0)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        keep(db, judged, "needs", None, 17.0)
