"""Conflicts that follow from structures, mentors and memberships; declared by others, lifted, late."""

from uuid import UUID

import pytest
from factories import make_person, make_team
from judged import JURY_TIME, make_judged, submit_sheet
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.conflicts import Finding, Known, Party, findings
from datathon.jury.counting import counting
from datathon.jury.declare import declare
from datathon.jury.members import Trouble, conflict_lines, troubles
from datathon.jury.notice_conflicts import notice_conflicts, unnoticed
from datathon.jury.queries import conflicts_of, kept_sheets, matrix
from datathon.jury.recuse import lift, recuse
from datathon.jury.tables import ConflictOfInterest
from datathon.jury.team_ties import jury_for_team, name_mentors
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.kernel.ids import new_id
from datathon.people.tables import Role
from datathon.store.tables import AuditEntry

JUROR, OTHER, TEAM = UUID(int=1), UUID(int=2), UUID(int=9)


def known(key: UUID, structure: str = "", name: str = "Anne Le Goff", email: str = "anne@example.org") -> Known:
    return Known(key, name, email, structure)


@pytest.mark.parametrize(
    ("juror", "member", "mentors", "found"),
    [
        ("Université de Caen", "UNIVERSITE  DE CAEN", (), "structure"),
        ("", "", (), None),
        ("Insee", "Dares", (), None),
        ("", "", ("anne LE-GOFF",), "mentor"),
        ("", "", ("ANNE@example.org",), "mentor"),
        ("Insee", "insee", ("Anne Le Goff",), "mentor"),
        ("", "", ("Anne",), None),
    ],
)
def test_findings_say_the_strongest_tie(juror: str, member: str, mentors: tuple[str, ...], found: str | None) -> None:
    team = Party(TEAM, (known(OTHER, member, "Paul", "paul@example.org"),), mentors)
    assert [one.source for one in findings([known(JUROR, juror)], [team])] == ([found] if found else [])


def test_juror_in_the_team_never_grades_it() -> None:
    team = Party(TEAM, (known(JUROR),), ())
    assert findings([known(JUROR)], [team]) == (Finding(JUROR, TEAM, "member", ""),)


def test_declaring_records_what_the_platform_finds(db: Session) -> None:
    judged = make_judged(db)
    juror, member = judged.jurors[0], db.get_one(type(judged.jurors[0]), judged.teams["A"].captain_id)
    juror.organisation, member.organisation = "Région Normandie", "region normandie"
    declared = declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    row = db.exec(select(ConflictOfInterest)).one()
    assert declared.teams == {judged.teams["A"].id}
    assert (row.source, row.reason, row.declared_by) == ("structure", "region normandie", None)
    assert unnoticed(db, "2025") == ()


def test_lifted_conflict_is_not_found_again_and_the_sheet_opens(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    name_mentors(
        db, edition_id="2025", team_id=team.id, text=f" {juror.name}\n\n", person_id=team.captain_id, now=JURY_TIME
    )
    line = conflict_lines(db, "2025")[0]
    assert (line.source, line.reason, line.by) == ("mentor", juror.name, None)
    who = judged.organiser.id
    with pytest.raises(Invalid):
        lift(db, edition=judged.edition, conflict_id=line.id, reason=" ", organiser_id=who, now=JURY_TIME)
    lift(db, edition=judged.edition, conflict_id=line.id, reason="homonyme", organiser_id=who, now=JURY_TIME)
    assert notice_conflicts(db, edition_id="2025", now=JURY_TIME) == ()
    assert conflicts_of(db, edition_id="2025", juror_id=juror.id) == {}
    assert conflict_lines(db, "2025")[0].lifted_why == "homonyme"
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={team.id: "ami"}, secrecy=True, now=JURY_TIME)
    again = conflict_lines(db, "2025")[0]
    assert (again.source, again.lifted_at) == ("juror", None)
    with pytest.raises(Conflict):
        lift(db, edition=judged.edition, conflict_id=line.id, reason="non", organiser_id=who, now=JURY_TIME)


def test_late_conflict_takes_the_sheet_out_and_stays_in_the_journal(db: Session) -> None:
    judged = make_judged(db)
    juror, team = judged.jurors[0], judged.teams["A"]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    for one in judged.teams.values():
        submit_sheet(db, judged, juror, one, 16, 24, 15, 8, 7, 6)
    recuse(
        db,
        edition=judged.edition,
        juror_id=juror.id,
        team_id=team.id,
        reason="beau-frère",
        source="team",
        actor=team.captain_id,
        now=JURY_TIME,
    )
    assert [mark.team for mark in counting(db, judged.edition)] == [str(judged.teams["B"].id)]
    assert {(s.team, s.conflict) for s in kept_sheets(db, judged.edition)} == {("A", True), ("B", False)}
    entry = db.exec(select(AuditEntry).where(AuditEntry.act == "declare_conflict")).one()
    assert (entry.subject, entry.details["reason"], entry.details["sheet"]) == (
        str(team.id),
        "beau-frère",
        "submitted",
    )
    assert [j.declared for j in jury_for_team(db, edition_id="2025", team_id=team.id)] == [True]
    assert [j.declared for j in jury_for_team(db, edition_id="2025", team_id=judged.teams["B"].id)] == [False]


def test_recuse_refuses_what_does_not_fit(db: Session) -> None:
    judged = make_judged(db)
    facts = {"edition": judged.edition, "source": "organiser", "actor": judged.organiser.id, "now": JURY_TIME}
    team, juror = judged.teams["A"].id, judged.jurors[0].id
    for error, more in (
        (Invalid, {"juror_id": juror, "team_id": team, "reason": "  "}),
        (Invalid, {"juror_id": juror, "team_id": team, "reason": "x" * 301}),
        (NotFound, {"juror_id": juror, "team_id": new_id(), "reason": "x"}),
        (NotAllowed, {"juror_id": make_person(db).id, "team_id": team, "reason": "x"}),
    ):
        with pytest.raises(error):
            recuse(db, **facts, **more)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        recuse(db, **facts, juror_id=juror, team_id=team, reason="x")


def test_mentors_are_few_and_short(db: Session) -> None:
    judged = make_judged(db)
    team = make_team(db, "Z")
    for text in ("\n".join(str(n) for n in range(11)), "x" * 91):
        with pytest.raises(Invalid):
            name_mentors(
                db, edition_id="2025", team_id=team.id, text=text, person_id=judged.organiser.id, now=JURY_TIME
            )


def test_troubles_name_a_lonely_juror_one_without_teams_and_a_team_without_jurors(db: Session) -> None:
    judged = make_judged(db, jurors=2)
    one, two = judged.jurors
    both = dict.fromkeys((team.id for team in judged.teams.values()), "")
    declare(db, edition=judged.edition, juror_id=one.id, conflicts=both, secrecy=True, now=JURY_TIME)
    assert troubles(matrix(db, judged.edition)) == (Trouble("all_conflicts", one.name),)
    declare(
        db, edition=judged.edition, juror_id=two.id, conflicts={judged.teams["A"].id: ""}, secrecy=True, now=JURY_TIME
    )
    assert Trouble("nobody_left", "A") in troubles(matrix(db, judged.edition))
    for role in db.exec(select(Role).where(Role.person_id == two.id)):
        db.delete(role)
    db.flush()
    assert Trouble("alone", one.name) in troubles(matrix(db, judged.edition))
    for role in db.exec(select(Role).where(Role.role == "juror")):
        db.delete(role)
    db.flush()
    assert troubles(matrix(db, judged.edition)) == (Trouble("nobody"),)
