from dataclasses import replace
from datetime import timedelta

import pytest
from judged import JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.grade import Saved, submit
from datathon.jury.queries import matrix
from datathon.jury.remind import remind
from datathon.jury.rules import Content
from datathon.jury.second_look import apart, coverage, spread
from datathon.jury.versions import Signed, confirm, versions_of
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Letter
from datathon.store.db import transaction

GIVEN = (16.0, 24.0, 15.0, 8.0, 7.0, 6.0)


def ready(db: Session, *, teams: str = "AB", jurors: int = 1) -> Judged:
    judged = make_judged(db, teams=teams, jurors=jurors)
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    return judged


def again(db: Session, judged: Judged, *points: float, version: int, reason: str) -> Saved:
    return submit(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=judged.jurors[0].id,
        team_id=judged.teams["A"].id,
        version=version,
        content=Content(marks(*points)),
        now=JURY_TIME + timedelta(hours=1),
        signed=Signed(judged.jurors[0].id, reason=reason),
    )


def test_correction_is_a_version_with_author_and_reason(db: Session) -> None:
    judged = ready(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    submit_sheet(db, judged, juror, team, *GIVEN)
    again(db, judged, 18, *GIVEN[1:], version=1, reason="La démonstration a été refaite.")
    first, second = versions_of(db, judged.edition, juror_id=juror.id, team_id=team.id)
    assert (first.number, first.marks["needs"], first.reason) == (1, 16, "")
    assert (second.number, second.marks["needs"], second.author) == (2, 18, juror.name)
    assert second.reason == "La démonstration a été refaite."


def test_correction_without_a_reason_is_refused(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GIVEN)
    with pytest.raises(Invalid) as refusal:
        again(db, judged, 18, *GIVEN[1:], version=1, reason=" ")
    assert refusal.value.field == "reason"


def test_same_marks_submitted_once_more_are_no_version(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GIVEN)
    again(db, judged, *GIVEN, version=1, reason="")
    assert len(versions_of(db, judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id)) == 1


def test_correction_after_closing_is_refused(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GIVEN)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        again(db, judged, 18, *GIVEN[1:], version=1, reason="Trop tard")


def test_confirmation_is_for_what_was_typed_from_paper(db: Session) -> None:
    judged = ready(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    with pytest.raises(NotFound):
        confirm(db, edition=judged.edition, juror_id=juror.id, team_id=team.id, now=JURY_TIME)
    submit_sheet(db, judged, juror, team, *GIVEN)
    with pytest.raises(Conflict):
        confirm(db, edition=judged.edition, juror_id=juror.id, team_id=team.id, now=JURY_TIME)


def test_reminder_names_what_is_left_and_comes_once_a_day(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = ready(db, jurors=2)
        submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *GIVEN)
        for name in "AB":
            submit_sheet(db, judged, judged.jurors[1], judged.teams[name], *GIVEN)

    def send(hours: float) -> tuple[int, int]:
        with transaction(engine) as db:
            done = remind(
                db,
                edition=judged.edition,
                closes=JURY_TIME + timedelta(days=5),
                organiser_id=judged.organiser.id,
                base_url="https://datathon.example",
                now=JURY_TIME + timedelta(hours=hours),
            )
        return done.written, done.resting

    assert send(0) == (1, 0)
    assert send(11.9) == (0, 1)  # six minutes to midnight in Paris
    assert send(12) == (1, 0)
    with transaction(engine) as db:
        letters = db.exec(select(Letter)).all()
    assert {letter.to for letter in letters} == {judged.jurors[0].email}
    assert "Prototype B" in letters[0].body
    assert "Prototype A" not in letters[0].body
    assert "08/12/2025 à 12 h 00" in letters[0].body


def test_spread_is_shown_to_whoever_submitted_and_only_where_the_edition_allows(db: Session) -> None:
    judged = ready(db, jurors=4)
    open_edition = replace(judged.edition, rubric=replace(judged.edition.rubric, spread=True))  # type: ignore[type-var]
    team = judged.teams["A"]
    for juror, needs in zip(judged.jurors[:3], (10, 12, 19), strict=True):
        submit_sheet(db, judged, juror, team, needs, *GIVEN[1:])
    found = spread(db, open_edition, juror_id=judged.jurors[0].id, team_id=team.id)
    assert (found[0].criterion, found[0].low, found[0].middle, found[0].high) == ("needs", 10, 12, 19)
    assert (found[-1].criterion, found[-1].low, found[-1].high) == ("", 70, 79)
    assert spread(db, open_edition, juror_id=judged.jurors[3].id, team_id=team.id) == ()
    assert spread(db, judged.edition, juror_id=judged.jurors[0].id, team_id=team.id) == ()


def test_spread_of_two_sheets_would_be_the_other_one_s_marks(db: Session) -> None:
    judged = ready(db, jurors=2)
    open_edition = replace(judged.edition, rubric=replace(judged.edition.rubric, spread=True))  # type: ignore[type-var]
    for juror in judged.jurors:
        submit_sheet(db, judged, juror, judged.teams["A"], *GIVEN)
    assert spread(db, open_edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id) == ()


def test_sheet_that_stands_apart_and_coverage(db: Session) -> None:
    judged = ready(db, teams="ABCDEF", jurors=4)
    for n, juror in enumerate(judged.jurors):
        for m, name in enumerate("ABCDEF"):
            odd = -15 if (n, name) == (2, "D") else 0
            submit_sheet(db, judged, juror, judged.teams[name], 16 + odd, 20 + m + (n * m) % 3 / 2, 15, 8, 7, 6)
    look = apart(db, judged.edition, viewer_id=judged.jurors[0].id)
    (found,) = look.lines
    assert (found.juror, found.team) == (judged.jurors[2].name, "D")
    assert found.standardised < -2.5
    assert {(c.sheets, c.owed) for c in coverage(matrix(db, judged.edition))} == {(4, 4)}


def test_sheet_that_stands_apart_waits_for_the_president_s_own(db: Session) -> None:
    judged = ready(db, teams="ABCDEF", jurors=5)
    for n, juror in enumerate(judged.jurors[:4]):
        for m, name in enumerate("ABCDEF"):
            odd = -15 if (n, name) == (2, "D") else 0
            submit_sheet(db, judged, juror, judged.teams[name], 16 + odd, 20 + m + (n * m) % 3 / 2, 15, 8, 7, 6)
    president = judged.jurors[4]
    before = apart(db, judged.edition, viewer_id=president.id)
    assert (before.lines, before.withheld) == ((), 1)
    submit_sheet(db, judged, president, judged.teams["D"], 16, 22, 15, 8, 7, 6)
    after = apart(db, judged.edition, viewer_id=president.id)
    assert (len(after.lines), after.withheld) == (1, 0)
