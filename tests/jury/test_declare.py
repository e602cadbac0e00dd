from datetime import timedelta

import pytest
from factories import make_person
from judged import AFTERWARDS, JURY_TIME, make_judged, submit_sheet
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.queries import juror_view, kept_sheets, matrix
from datathon.jury.tables import ConflictOfInterest
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.kernel.ids import new_id
from datathon.people.tables import Acceptance
from datathon.store.tables import AuditEntry


def test_declare_with_no_conflict_opens_every_sheet(db: Session) -> None:
    judged = make_judged(db)
    juror = judged.jurors[0]
    assert juror_view(db, judged.edition, juror.id).declared_at is None
    declared = declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    view = juror_view(db, judged.edition, juror.id)
    assert (declared.teams, view.declared_at, [line.state for line in view.lines]) == (
        frozenset(),
        JURY_TIME,
        ["todo", "todo"],
    )


def test_declare_with_a_conflict_takes_the_team_out_of_what_is_owed(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    declare(
        db,
        edition=judged.edition,
        juror_id=juror.id,
        conflicts={team.id: " A encadré un stage. "},
        secrecy=True,
        now=JURY_TIME,
    )
    view = juror_view(db, judged.edition, juror.id)
    assert ([line.state for line in view.lines], view.owed) == (["todo", "conflict"], 1)
    assert db.exec(select(ConflictOfInterest.reason)).one() == "A encadré un stage."


def test_declare_again_replaces_what_the_juror_said(db: Session) -> None:
    judged = make_judged(db)
    juror = judged.jurors[0]
    declare(
        db, edition=judged.edition, juror_id=juror.id, conflicts={judged.teams["A"].id: ""}, secrecy=True, now=JURY_TIME
    )
    later = JURY_TIME + timedelta(hours=1)
    declare(
        db, edition=judged.edition, juror_id=juror.id, conflicts={judged.teams["B"].id: ""}, secrecy=True, now=later
    )
    view = juror_view(db, judged.edition, juror.id)
    assert (view.declared_at, [line.state for line in view.lines]) == (later, ["todo", "conflict"])
    assert [entry.act for entry in db.exec(select(AuditEntry))] == ["declare_conflicts", "declare_conflicts"]


def test_declare_keeps_a_conflict_that_an_organiser_declared(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    db.add(
        ConflictOfInterest(
            edition_id="2025",
            juror_id=juror.id,
            team_id=team.id,
            reason="même structure",
            source="organiser",
            declared_by=judged.organiser.id,
            declared_at=JURY_TIME,
        )
    )
    declared = declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    assert declared.teams == {team.id}


def test_declare_late_keeps_the_sheet_but_it_no_longer_counts(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    submit_sheet(db, judged, juror, team, 16, 24, 15, 8, 7, 6)
    declare(
        db,
        edition=judged.edition,
        juror_id=juror.id,
        conflicts={team.id: "découvert tard"},
        secrecy=True,
        now=JURY_TIME,
    )
    assert [(s.state, s.conflict) for s in kept_sheets(db, judged.edition)] == [("submitted", True)]
    assert matrix(db, judged.edition).submitted == 0


def test_declare_by_somebody_else_is_not_allowed(db: Session) -> None:
    judged = make_judged(db)
    stranger = make_person(db)
    with pytest.raises(NotAllowed):
        declare(db, edition=judged.edition, juror_id=stranger.id, conflicts={}, secrecy=True, now=JURY_TIME)


def test_declare_with_an_unknown_team_is_refused(db: Session) -> None:
    judged = make_judged(db)
    with pytest.raises(NotFound):
        declare(
            db,
            edition=judged.edition,
            juror_id=judged.jurors[0].id,
            conflicts={new_id(): ""},
            secrecy=True,
            now=JURY_TIME,
        )


def test_declare_with_a_long_reason_is_refused(db: Session) -> None:
    judged = make_judged(db)
    conflicts = {judged.teams["A"].id: "x" * 301}
    with pytest.raises(Invalid):
        declare(
            db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts=conflicts, secrecy=True, now=JURY_TIME
        )


def test_declare_after_the_jury_closed_is_refused(db: Session) -> None:
    judged = make_judged(db)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=AFTERWARDS)


def test_sheet_opens_for_nobody_who_did_not_undertake_secrecy(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    facts = {"edition": judged.edition, "juror_id": juror.id, "conflicts": {}, "now": JURY_TIME}
    with pytest.raises(Invalid) as refusal:
        declare(db, secrecy=False, **facts)  # type: ignore[arg-type]  # the four facts above
    assert refusal.value.field == "secrecy"
    declare(db, secrecy=True, **facts)  # type: ignore[arg-type]  # as above
    declare(db, secrecy=False, **facts)  # type: ignore[arg-type]  # undertaken before
    submit_sheet(db, judged, juror, team, 16, 24, 15, 8, 7, 6)
    db.exec(select(Acceptance).where(Acceptance.document == "secrecy")).one().version = "0"
    with pytest.raises(Conflict, match="secret"):
        submit_sheet(db, judged, juror, team, 1, 1, 1, 1, 1, 1, version=1)
