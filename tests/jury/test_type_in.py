import pytest
from judged import JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlmodel import Session

from datathon.jury.declare import declare
from datathon.jury.grade import Saved
from datathon.jury.queries import sheet
from datathon.jury.type_in import Paper, type_in, typed_sheets
from datathon.jury.versions import confirm, versions_of
from datathon.kernel.errors import Conflict, Invalid

GIVEN = marks(16, 24, 15, 8, 7, 6)


def ready(db: Session, *, conflicts: str = "") -> Judged:
    judged = make_judged(db)
    teams = {judged.teams[name].id: "" for name in conflicts}
    declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts=teams, secrecy=True, now=JURY_TIME)
    return judged


def typed(db: Session, judged: Judged, given: dict[str, float], *, reason: str = "") -> Saved:
    return type_in(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        organiser_id=judged.organiser.id,
        paper=Paper(judged.jurors[0].id, judged.teams["A"].id, given, "Clair.", reason),
        now=JURY_TIME,
    )


def test_paper_counts_with_both_names_and_the_juror_confirms(db: Session) -> None:
    judged = ready(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    assert typed(db, judged, GIVEN).state == "submitted"
    (line,) = typed_sheets(db, judged.edition)
    assert (line.juror, line.author, line.at, line.confirmed_at) == (juror.name, "Paul Anquetil", JURY_TIME, None)
    confirm(db, edition=judged.edition, juror_id=juror.id, team_id=team.id, now=JURY_TIME)
    assert typed_sheets(db, judged.edition)[0].confirmed_at == JURY_TIME
    assert sheet(db, edition=judged.edition, juror_id=juror.id, team_id=team.id).comment_team == "Clair."


def test_typing_error_is_corrected_with_a_reason_until_it_is_confirmed(db: Session) -> None:
    judged = ready(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    typed(db, judged, GIVEN)
    with pytest.raises(Invalid):
        typed(db, judged, {**GIVEN, "needs": 6.0})
    typed(db, judged, {**GIVEN, "needs": 6.0}, reason="Mal lu")
    past = versions_of(db, judged.edition, juror_id=juror.id, team_id=team.id)
    assert [v.marks["needs"] for v in past] == [16, 6]
    confirm(db, edition=judged.edition, juror_id=juror.id, team_id=team.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        typed(db, judged, GIVEN, reason="Encore")


def test_paper_never_overwrites_what_the_juror_sent(db: Session) -> None:
    judged = ready(db)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], 1, 1, 1, 1, 1, 1)
    with pytest.raises(Conflict):
        typed(db, judged, GIVEN, reason="Papier")


def test_paper_with_a_blank_mark_or_above_the_maximum_is_refused(db: Session) -> None:
    judged = ready(db)
    with pytest.raises(Invalid) as refusal:
        typed(db, judged, {name: mark for name, mark in GIVEN.items() if name != "clarity"})
    assert refusal.value.field == "clarity"
    with pytest.raises(Invalid):
        typed(db, judged, {**GIVEN, "needs": 20.5})


def test_paper_of_a_juror_with_a_conflict_or_without_declaration_is_refused(db: Session) -> None:
    judged = ready(db, conflicts="A")
    with pytest.raises(Conflict):
        typed(db, judged, GIVEN)


def test_paper_before_the_declaration_is_refused(db: Session) -> None:
    judged = make_judged(db)
    with pytest.raises(Conflict):
        typed(db, judged, GIVEN)
