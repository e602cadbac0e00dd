"""What jurors wrote for the teams: read and let go by an organiser, read by its team after the announcement, by nobody before."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from factories import make_score, make_submission
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.grade import submit
from datathon.jury.rules import Content
from datathon.jury.tables import Sheet
from datathon.leaderboard.snapshot import refresh
from datathon.people.tables import Person
from datathon.publication.feedback import comments, decide
from datathon.publication.publish import publish
from datathon.publication.tables import Appeal
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry

PAGE, RESULT = "/organise/2025/feedback", "/e/2025/team/result"
NAMES = ("Aliénor Zibeline", "Basile Quarantain", "Clothilde Ygouf")
WORDS = ("Une carte limpide 4c1f.", "Montrez les marges 9e2b.\nEt la source.", "Ne nomme pas Zoé Delorme 77d0.")
PRIVATE = "Entre nous, fragile 53aa."


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Two teams, three named jurors who wrote to team A, a scored submission each; the jury is still open."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB", jurors=3)
        for person, name in zip(judged.jurors, NAMES, strict=True):
            person.name = name
            db.add(person)
            declare(db, edition=judged.edition, juror_id=person.id, conflicts={}, secrecy=True, now=JURY_TIME)
        for team, points in GRADES.items():
            for n, person in enumerate(judged.jurors if team in judged.teams else ()):
                _grade(db, judged, person, team, (points[0] + n, *points[1:]), WORDS[n] if team == "A" else "")
        for name, score in (("A", 0.5), ("B", 0.4)):
            submission = make_submission(db, judged.teams[name], state="scored")
            make_score(db, submission, public=score, private=score + 0.0625)
        return judged


def _grade(db: Session, judged: Judged, person: Person, team: str, points: tuple[float, ...], words: str) -> None:
    assert judged.edition.rubric is not None
    named = {c.id: float(p) for c, p in zip(judged.edition.rubric.criteria, points, strict=True)}
    submit(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=person.id,
        team_id=judged.teams[team].id,
        version=0,
        content=Content(named, words, PRIVATE if words else ""),
        now=JURY_TIME,
    )


def shut(engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)


def announce(engine: Engine, judged: Judged, client: FlaskClient) -> None:
    edition = client.application.extensions["datathon"].catalogue.editions["2025"]
    with transaction(engine) as db:
        publish(db, edition=edition, organiser_id=judged.organiser.id, now=AFTERWARDS)


def sheet(engine: Engine, judged: Judged, juror: int) -> Sheet:
    with reading(engine) as db:
        query = select(Sheet).where(Sheet.juror_id == judged.jurors[juror].id, Sheet.team_id == judged.teams["A"].id)
        return db.exec(query).one()


def let_go(engine: Engine, judged: Judged, juror: int, **more: Any) -> None:
    named = {"version": 0, "approve": True} | more
    with transaction(engine) as db:
        decide(
            db,
            edition=judged.edition,
            organiser_id=judged.organiser.id,
            sheet_id=sheet(engine, judged, juror).id,
            now=AFTERWARDS,
            **named,
        )


def captain(engine: Engine, judged: Judged, team: str = "A") -> Person:
    with reading(engine) as db:
        return db.get_one(Person, judged.teams[team].captain_id)


def test_organiser_lets_comments_go_one_by_one(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None], engine: Engine
) -> None:
    waiting = browser.get(PAGE).get_data(as_text=True)
    assert "Le jury n’est pas encore clos" in waiting
    assert not any(word in waiting for word in WORDS)
    shut(engine, judged)
    at(AFTERWARDS)
    page = browser.get(PAGE).get_data(as_text=True)
    assert "3 appréciations à lire" in page
    assert PRIVATE not in page
    first = f"{PAGE}/{sheet(engine, judged, 0).id}"
    assert browser.post(first, data={"version": "0", "decision": "approve"}).status_code == 303
    late = browser.post(first, data={"version": "0", "decision": "withhold", "reason": "Trop court"})
    assert (late.status_code, "entre-temps" in late.get_data(as_text=True)) == (409, True)
    third = f"{PAGE}/{sheet(engine, judged, 2).id}"
    bare = browser.post(third, data={"version": "0", "decision": "withhold", "reason": " "})
    assert (bare.status_code, 'aria-invalid="true"' in bare.get_data(as_text=True)) == (422, True)
    assert browser.post(third, data={"version": "0", "decision": "both"}).status_code == 422
    named = {"version": "0", "decision": "withhold", "reason": "Nomme une personne"}
    assert browser.post(third, data=named).status_code == 303
    assert "Une appréciation à lire" in browser.get(PAGE).get_data(as_text=True)
    journal = browser.get("/organise/2025/journal").get_data(as_text=True)
    assert "Appréciation non transmise à A" in journal
    assert "Nomme une personne" in journal
    with reading(engine) as db:
        entries = db.exec(select(AuditEntry).where(AuditEntry.edition_id == "2025")).all()
        assert not any(word in str(entry.details) for entry in entries for word in WORDS)


def test_team_reads_what_was_let_go_from_the_announcement_on(
    judged: Judged, sign_in: Callable[[Person], FlaskClient], at: Callable[[datetime], None], engine: Engine
) -> None:
    shut(engine, judged)
    let_go(engine, judged, 0)
    let_go(engine, judged, 2, approve=False, reason="Nomme une personne")
    at(AFTERWARDS)
    client = sign_in(captain(engine, judged))
    before = client.get(RESULT).get_data(as_text=True)
    assert "viennent avec l’annonce" in before
    assert not any(word in before for word in (*WORDS, "16,", "sur 20", "0,5625"))
    announce(engine, judged, client)
    let_go(engine, judged, 1)
    after = client.get(RESULT).get_data(as_text=True).replace("\N{NARROW NO-BREAK SPACE}", " ")
    for said in ("A, 1er", "0,5625", WORDS[0], "Montrez les marges 9e2b.", "17,0 sur 20", "16,0 à 18,0", "Écarts"):
        assert said in after, said
    assert "77d0" not in after
    assert "Nomme une personne" not in after
    assert "53aa" not in after
    other = sign_in(captain(engine, judged, "B")).get(RESULT).get_data(as_text=True)
    assert "B, 2e" in other
    assert not any(word in other for word in WORDS)


def test_no_page_names_an_author_to_a_team(
    judged: Judged, sign_in: Callable[[Person], FlaskClient], at: Callable[[datetime], None], engine: Engine
) -> None:
    shut(engine, judged)
    for juror in range(3):
        let_go(engine, judged, juror)
    client = sign_in(captain(engine, judged))
    announce(engine, judged, client)
    at(AFTERWARDS)
    for address in (RESULT, "/e/2025/results", "/e/2025/results.json", "/e/2025/results/a", "/e/2025/verify"):
        text = client.get(address).get_data(as_text=True)
        assert not any(name.split()[1] in text for name in NAMES), address
        assert "53aa" not in text, address
        assert (WORDS[0] in text) == (address == RESULT), address


def test_comment_that_was_changed_after_it_was_read_is_read_again(judged: Judged, engine: Engine) -> None:
    shut(engine, judged)
    let_go(engine, judged, 0)
    with transaction(engine) as db:
        row = db.get_one(Sheet, sheet(engine, judged, 0).id)
        row.comment_team = "Autre chose."
        db.add(row)
    with reading(engine) as db:
        found = {c.text: (c.state, c.version) for c in comments(db, judged.edition)}
    assert found["Autre chose."] == ("", 1)


def test_place_on_the_board_stands_before_the_announcement(
    judged: Judged, sign_in: Callable[[Person], FlaskClient], engine: Engine
) -> None:
    client = sign_in(captain(engine, judged, "B"))
    assert "Aucun score de votre équipe" in client.get(RESULT).get_data(as_text=True)
    known = client.application.extensions["datathon"].catalogue
    with transaction(engine) as db:
        refresh(db, known.editions["2025"], known.challenge("2025", "metiers-secteurs"), now=JURY_TIME)
    page = client.get(RESULT).get_data(as_text=True)
    assert "rang 2" in page
    assert "0,1000 derrière A" in page


def test_team_contests_and_reads_the_answer(
    judged: Judged, sign_in: Callable[[Person], FlaskClient], at: Callable[[datetime], None], engine: Engine
) -> None:
    shut(engine, judged)
    team = sign_in(captain(engine, judged))
    assert 'name="text"' not in team.get(RESULT).get_data(as_text=True)
    announce(engine, judged, team)
    at(AFTERWARDS)
    long = "y" * 4001
    refused = team.post(f"{RESULT}/appeal", data={"text": long})
    assert (refused.status_code, long in refused.get_data(as_text=True)) == (422, True)
    assert team.post(f"{RESULT}/appeal", data={"text": "Notre score <b>caché</b>."}).status_code == 303
    page = team.get(RESULT).get_data(as_text=True)
    assert "Notre score &lt;b&gt;caché" in page
    assert 'name="text"' not in page
    twice = team.post(f"{RESULT}/appeal", data={"text": "Encore, sans rien perdre."})
    assert (twice.status_code, "sans rien perdre" in twice.get_data(as_text=True)) == (409, True)
    organiser = sign_in(judged.organiser)
    with reading(engine) as db:
        key = db.exec(select(Appeal.id)).one()
    address = f"/organise/2025/appeals/{key}"
    bare = organiser.post(address, data={"decision": "refused", "answer": ""})
    assert (bare.status_code, "Donnez un motif" in bare.get_data(as_text=True)) == (422, True)
    assert organiser.post(address, data={"decision": "refused", "answer": "Score relu, exact."}).status_code == 303
    assert "Aucune réclamation n’attend" in organiser.get("/organise/2025/appeals").get_data(as_text=True)
    assert organiser.post(address, data={"decision": "upheld", "answer": "Non."}).status_code == 409
    assert "Score relu, exact." in sign_in(captain(engine, judged)).get(RESULT).get_data(as_text=True)
    other = sign_in(captain(engine, judged, "B")).get(RESULT).get_data(as_text=True)
    assert "Score relu" not in other


def test_comments_of_a_page_go_together_once_read(engine: Engine, judged: Judged, browser: FlaskClient) -> None:
    shut(engine, judged)
    with reading(engine) as db:
        keys = [str(c.sheet_id) for c in comments(db, judged.edition)]
    assert len(keys) == 3
    unread = browser.post(PAGE, data={"seen": keys})
    assert (unread.status_code, "Confirmez avoir lu" in unread.get_data(as_text=True)) == (422, True)
    decision = {"version": "0", "decision": "withhold", "reason": "Nomme quelqu’un."}
    assert browser.post(f"{PAGE}/{keys[0]}", data=decision).status_code == 303
    assert browser.post(PAGE, data={"seen": keys, "read": "1"}).status_code == 409, "all of them, or none"
    with reading(engine) as db:
        assert sorted(c.state for c in comments(db, judged.edition)) == ["", "", "withheld"]
    assert browser.post(PAGE, data={"seen": keys[1:], "read": "1"}).status_code == 303
    with reading(engine) as db:
        assert sorted(c.state for c in comments(db, judged.edition)) == ["approved", "approved", "withheld"]
