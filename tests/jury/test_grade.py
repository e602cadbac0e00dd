from datetime import datetime, timedelta

import pytest
from factories import make_person, make_prototype, make_team
from judged import JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.grade import Saved, save_draft, submit
from datathon.jury.queries import juror_view, sheet
from datathon.jury.rules import Content
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.store.tables import AuditEntry
from datathon.teams.tables import Team

FULL = marks(16, 24, 15, 8, 7, 6)


def ready(db: Session, *, conflicts: str = "") -> Judged:
    judged = make_judged(db)
    teams = {judged.teams[name].id: "" for name in conflicts}
    declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts=teams, secrecy=True, now=JURY_TIME)
    return judged


def draft(
    db: Session,
    judged: Judged,
    given: dict[str, float],
    *,
    version: int = 0,
    team: Team | None = None,
    comment: str = "",
    now: datetime = JURY_TIME,
) -> Saved:
    return save_draft(
        db,
        edition=judged.edition,
        windows=judged.windows(db, now),
        juror_id=judged.jurors[0].id,
        team_id=(team or judged.teams["A"]).id,
        version=version,
        content=Content(given, comment_team=comment),
        now=now,
    )


def kept(db: Session, judged: Judged) -> tuple[dict[str, float], str, int]:
    view = sheet(db, edition=judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id)
    return dict(view.marks), view.state, view.version


def test_draft_keeps_what_is_there_and_names_the_blanks(db: Session) -> None:
    judged = ready(db)
    saved = draft(db, judged, {"needs": 17.0, "quality": 21.5})
    assert (saved.version, saved.state, saved.total) == (1, "draft", 38.5)
    assert saved.missing == ("transfer", "sobriety", "security", "clarity")
    assert kept(db, judged) == ({"needs": 17.0, "quality": 21.5}, "draft", 1)


def test_submit_with_every_mark_counts(db: Session) -> None:
    judged = ready(db)
    saved = submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], 16, 24, 15, 8, 7, 6)
    assert (saved.state, saved.total, saved.missing) == ("submitted", 76, ())
    assert juror_view(db, judged.edition, judged.jurors[0].id).submitted == 1


def test_submit_with_a_blank_criterion_stays_a_draft_and_keeps_the_marks(db: Session) -> None:
    judged = ready(db)
    given = {k: v for k, v in FULL.items() if k != "clarity"}
    saved = submit(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=judged.jurors[0].id,
        team_id=judged.teams["A"].id,
        version=0,
        content=Content(given),
        now=JURY_TIME,
    )
    assert (saved.state, saved.missing) == ("draft", ("clarity",))
    assert kept(db, judged) == (given, "draft", 1)


def test_zero_is_a_mark_and_not_a_blank(db: Session) -> None:
    judged = ready(db)
    saved = submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], 0, 0, 0, 0, 0, 0)
    assert (saved.state, saved.total) == ("submitted", 0)


def test_save_from_a_stale_page_is_a_conflict_and_loses_nothing(db: Session) -> None:
    judged = ready(db)
    draft(db, judged, {"needs": 17.0})
    draft(db, judged, {"needs": 17.0, "quality": 20.0}, version=1)
    with pytest.raises(Conflict):
        draft(db, judged, {"needs": 12.0}, version=1)
    assert kept(db, judged) == ({"needs": 17.0, "quality": 20.0}, "draft", 2)


def test_save_twice_by_a_double_click_is_one_version(db: Session) -> None:
    judged = ready(db)
    first = draft(db, judged, {"needs": 17.0})
    assert draft(db, judged, {"needs": 17.0}) == first


def test_submitted_sheet_saved_as_a_draft_no_longer_counts(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], 16, 24, 15, 8, 7, 6)
    saved = draft(db, judged, FULL, version=1)
    assert (saved.state, saved.version) == ("draft", 2)
    acts = [e.act for e in db.exec(select(AuditEntry)) if e.act != "declare_conflicts"]
    assert sorted(acts) == ["reopen_sheet", "submit_sheet"]


@pytest.mark.parametrize(
    "given", [{"needs": 20.5}, {"needs": -1.0}, {"needs": 17.3}, {"charm": 3.0}, {"needs": float("nan")}]
)
def test_mark_that_does_not_fit_is_refused(db: Session, given: dict[str, float]) -> None:
    judged = ready(db)
    with pytest.raises(Invalid):
        draft(db, judged, given)


def test_comment_that_is_too_long_is_refused_with_its_field(db: Session) -> None:
    judged = ready(db)
    with pytest.raises(Invalid) as refusal:
        draft(db, judged, FULL, comment="x" * 4001)
    assert refusal.value.field == "comment_team"


def test_grade_before_the_declaration_is_refused(db: Session) -> None:
    judged = make_judged(db)
    with pytest.raises(Conflict):
        draft(db, judged, FULL)


def test_grade_with_a_conflict_of_interest_is_not_allowed(db: Session) -> None:
    judged = ready(db, conflicts="A")
    with pytest.raises(NotAllowed):
        draft(db, judged, FULL)


def test_grade_by_somebody_who_is_no_juror_is_not_allowed(db: Session) -> None:
    judged = ready(db)
    stranger = make_person(db)
    with pytest.raises(NotAllowed):
        submit_sheet(db, judged, stranger, judged.teams["A"], 16, 24, 15, 8, 7, 6)


def test_grade_of_a_team_without_dossier_finds_nothing(db: Session) -> None:
    judged = ready(db)
    team = make_team(db, "Sans dossier")
    make_prototype(db, team, state="draft")
    with pytest.raises(NotFound):
        draft(db, judged, FULL, team=team)


@pytest.mark.parametrize(("second", "accepted"), [(-1, False), (0, True)])
def test_grade_opens_with_its_phase_to_the_second(db: Session, second: int, accepted: bool) -> None:  # noqa: FBT001
    judged = ready(db)
    opens = next(w.opens for w in judged.windows(db) if w.phase.id == "jury") + timedelta(seconds=second)
    if accepted:
        assert draft(db, judged, FULL, now=opens).version == 1
    else:
        with pytest.raises(Conflict):
            draft(db, judged, FULL, now=opens)


def test_grade_after_the_phase_is_refused(db: Session) -> None:
    judged = ready(db)
    closes = next(w.closes for w in judged.windows(db) if w.phase.id == "jury")
    assert closes is not None
    with pytest.raises(Conflict):
        draft(db, judged, FULL, now=closes)


def test_grade_after_closing_is_refused_and_changes_nothing(db: Session) -> None:
    judged = ready(db)
    draft(db, judged, FULL)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        draft(db, judged, marks(1, 1, 1, 1, 1, 1), version=1)
    assert kept(db, judged) == (FULL, "draft", 1)
