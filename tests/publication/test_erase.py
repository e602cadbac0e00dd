"""An erased account: the name goes everywhere, what was given stays."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from factories import grant, make_person, make_team
from judged import AFTERWARDS, JURY_TIME, Judged, make_judged, submit_sheet
from sqlmodel import Session, select

from datathon.editions.catalogue import Catalogue
from datathon.jury.close import close
from datathon.jury.counting import counting
from datathon.jury.declare import declare
from datathon.jury.notice_conflicts import notice_conflicts
from datathon.jury.queries import matrix
from datathon.jury.remind import remind
from datathon.jury.tables import ConflictOfInterest
from datathon.kernel.errors import Conflict, NotAllowed
from datathon.people.erase_account import is_erased
from datathon.people.outbox import write
from datathon.people.passwords import matches
from datathon.people.queries import letters_of, roles_of
from datathon.people.tables import Letter, Person
from datathon.publication.erase import erase
from datathon.publication.minutes import freeze_minutes, sign_minutes, signatures
from datathon.publication.tables import Deliberation
from datathon.store.tables import AuditEntry
from datathon.teams.queries import memberships

SHEET = (16, 24, 15, 8, 7, 6)


def catalogue(judged: Judged) -> Catalogue:
    return Catalogue(Path("nowhere"), {judged.edition.id: judged.edition})


def ready(db: Session) -> Judged:
    judged = make_judged(db, teams="AB", jurors=2)
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    submit_sheet(db, judged, judged.jurors[0], judged.teams["A"], *SHEET)
    return judged


def test_marks_stay_and_the_name_goes_from_account_minutes_and_journal(db: Session) -> None:
    judged = ready(db)
    juror = judged.jurors[0]
    name, email, epoch = juror.name, juror.email, juror.session_epoch
    before = counting(db, judged.edition)
    write(db, to=email, subject="Bonjour", body=name, now=JURY_TIME, person_id=juror.id)
    minutes = f"<p>{name} préside, {name} bis aussi; Membre 11 signe</p>"
    row = Deliberation(edition_id="2025", digest="d" * 64, decided_at=JURY_TIME, decided_by=juror.id, minutes=minutes)
    row.minutes_sha256 = hashlib.sha256(minutes.encode()).hexdigest()
    db.add(row)
    done = erase(db, catalogue(judged), person_id=juror.id, actor=juror.id, now=JURY_TIME)
    assert counting(db, judged.edition) == before
    assert (done.editions, done.sheets, done.minutes) == (("2025",), 1, ("2025",))
    assert row.minutes == f"<p>{done.pseudonym} préside, {done.pseudonym} bis aussi; Membre 11 signe</p>"
    assert row.minutes_sha256 == hashlib.sha256(row.minutes.encode()).hexdigest()
    assert (juror.name, juror.session_epoch, juror.confirmed_at) == (done.pseudonym, epoch + 1, None)
    assert is_erased(juror)
    assert not matches(juror.password_hash, "")
    assert letters_of(db, juror.id) == []
    lines = [e for e in db.exec(select(AuditEntry)) if e.act.startswith("erase_")]
    assert sorted(e.act for e in lines) == ["erase_account", "erase_from_minutes"]
    assert not [e for e in db.exec(select(AuditEntry)) if name in str(e.details) or email in str(e.details)]
    with pytest.raises(Conflict):
        erase(db, catalogue(judged), person_id=juror.id, actor=juror.id, now=JURY_TIME)


def test_erased_juror_owes_nothing_gets_no_letter_and_the_jury_closes(db: Session) -> None:
    judged = ready(db)
    one, two = judged.jurors
    gone = erase(db, catalogue(judged), person_id=one.id, actor=one.id, now=JURY_TIME)
    line = next(row for row in matrix(db, judged.edition).jurors if row.juror_id == one.id)
    assert (line.name, line.cells, line.owed) == (gone.pseudonym, ("submitted", "none"), 1)
    remind(db, edition=judged.edition, closes=None, organiser_id=judged.organiser.id, base_url="", now=JURY_TIME)
    assert {letter.to for letter in db.exec(select(Letter))} == {two.email}
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    assert len(counting(db, judged.edition)) == 1


def test_juror_without_a_submitted_sheet_leaves_the_jury(db: Session) -> None:
    judged = ready(db)
    two = judged.jurors[1]
    erase(db, catalogue(judged), person_id=two.id, actor=judged.organiser.id, now=JURY_TIME)
    assert [row.juror_id for row in matrix(db, judged.edition).jurors] == [judged.jurors[0].id]


def test_open_team_is_handed_over_and_a_settled_one_keeps_its_pseudonym(db: Session) -> None:
    judged = make_judged(db)
    mate = make_person(db, "Deuxième")
    team = make_team(db, "Marée", members=(mate,))
    captain = db.get_one(Person, team.captain_id)
    erase(db, catalogue(judged), person_id=captain.id, actor=captain.id, now=JURY_TIME - timedelta(days=10))
    assert (team.captain_id, [m.person_id for m in memberships(db, team.id)]) == (mate.id, [mate.id])
    erase(db, catalogue(judged), person_id=mate.id, actor=mate.id, now=AFTERWARDS)
    assert [m.person_id for m in memberships(db, team.id)] == [mate.id]
    assert team.status == "active"


def test_only_the_owner_or_an_organiser_of_everything_erases(db: Session) -> None:
    judged = ready(db)
    juror, organiser = judged.jurors[0], judged.organiser
    with pytest.raises(NotAllowed):
        erase(db, catalogue(judged), person_id=juror.id, actor=judged.jurors[1].id, now=JURY_TIME)
    grant(db, juror, "juror", edition="atelier")
    with pytest.raises(NotAllowed, match="editions"):
        erase(db, catalogue(judged), person_id=juror.id, actor=organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict, match="only organiser"):
        erase(db, catalogue(judged), person_id=organiser.id, actor=organiser.id, now=JURY_TIME)
    second = make_person(db, "Seconde")
    grant(db, second, "organiser")
    with pytest.raises(NotAllowed, match="owner"):
        erase(db, catalogue(judged), person_id=second.id, actor=organiser.id, now=JURY_TIME)
    erase(db, catalogue(judged), person_id=organiser.id, actor=organiser.id, now=JURY_TIME)
    assert roles_of(db, organiser.id) == []


def test_name_goes_from_kept_minutes_and_signatures_too(db: Session) -> None:
    judged = make_judged(db, teams="A", jurors=1)
    juror = judged.jurors[0]
    name = juror.name
    kept = freeze_minutes(
        db, edition_id="2025", content=f"<p>{name}</p>", public="<p>j1</p>", organiser_id=judged.organiser.id, now=JURY_TIME
    )  # fmt: skip
    sign_minutes(
        db, edition_id="2025", role="president", person_id=judged.organiser.id, sha256=kept.sha256, now=JURY_TIME, on_paper=name
    )  # fmt: skip
    done = erase(db, catalogue(judged), person_id=juror.id, actor=juror.id, now=JURY_TIME)
    assert kept.content == f"<p>{done.pseudonym}</p>"
    assert kept.sha256 == hashlib.sha256(kept.content.encode()).hexdigest()
    assert [s.name for s in signatures(db, kept.id)] == [done.pseudonym]
    assert done.minutes == ("2025",)


def test_mentor_and_structure_go_from_teams_and_conflicts_which_stay(db: Session) -> None:
    judged = make_judged(db, teams="ABC", jurors=2)
    one, two = judged.jurors
    one.name, one.organisation = "Zoé-Anne Ygouf", "Cabinet Ygouf"
    judged.teams["A"].mentors = f"zoe anne YGOUF\n{two.name}\n{one.email.upper()}"
    db.get_one(Person, judged.teams["B"].captain_id).organisation = "cabinet ygouf"
    notice_conflicts(db, edition_id="2025", now=JURY_TIME)
    done = erase(db, catalogue(judged), person_id=one.id, actor=one.id, now=JURY_TIME)
    assert judged.teams["A"].mentors == f"{done.pseudonym}\n{two.name}\n{done.pseudonym}"
    kept = db.exec(select(ConflictOfInterest).where(ConflictOfInterest.juror_id == one.id)).all()
    assert {(c.source, c.reason) for c in kept} == {("mentor", done.pseudonym), ("structure", "")}
    other = db.exec(select(ConflictOfInterest).where(ConflictOfInterest.juror_id == two.id)).one()
    assert other.reason == two.name
