"""From the invitation to the jury's first page, and the conflicts on the organisers' page."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.declare import declare
from datathon.jury.freeze import freeze
from datathon.jury.tables import ConflictOfInterest, JurorAvailability
from datathon.people.tables import Acceptance, Letter, Person
from datathon.store.db import reading, transaction

URL = "/organise/2025/jury/members"
GUEST = {"name": "Zoé Martin", "email": "Zoe@example.org", "language": "en", "president": "1"}
ANSWER = {"name": "Zoé Martin", "password": "quatre mots de passe"}


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def link_on(page: str) -> str:
    found = re.search(r'value="[^"]*(/account/jury/[^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_invitation_leads_a_newcomer_to_their_sheets(browser: FlaskClient, app: Flask, engine: Engine) -> None:
    page = text(browser.post(URL, data=GUEST, follow_redirects=True))
    link = link_on(page)
    with reading(engine) as db:
        letter = db.exec(select(Letter)).one()
    assert link in letter.body
    assert "preside" in letter.body
    guest = app.test_client()
    assert "Zoé Martin" in text(guest.get(link))
    short = guest.post(link, data={**ANSWER, "password": "court"})
    assert short.status_code == 422
    answer = guest.post(link, data=ANSWER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jury/")
    assert guest.get("/jury/").status_code == 200
    assert app.test_client().get(link).status_code == 410
    assert app.test_client().post(link, data=ANSWER).status_code == 410
    assert link not in text(browser.get(URL))


def test_invitation_of_a_known_address_asks_to_sign_in(
    browser: FlaskClient, app: Flask, engine: Engine, judged: Judged
) -> None:
    with transaction(engine) as db:
        db.get_one(Person, judged.teams["A"].captain_id).email = "zoe@example.org"
    link = link_on(text(browser.post(URL, data=GUEST, follow_redirects=True)))
    stranger = app.test_client()
    assert "/account/sign-in?next=" in text(stranger.get(link))
    assert stranger.post(link, data=ANSWER).status_code == 409
    assert stranger.get("/jury/").status_code == 303


def test_mistaken_invitation_keeps_what_was_typed(browser: FlaskClient) -> None:
    answer = browser.post(URL, data={**GUEST, "email": "zoe"})
    assert answer.status_code == 422
    assert 'value="Zoé Martin"' in text(answer)
    assert "Adresse" in text(answer)


def test_conflicts_are_declared_found_and_lifted(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    one, two = judged.jurors
    with transaction(engine) as db:
        for key in (two.id, judged.teams["B"].captain_id):
            db.get_one(Person, key).organisation = "Insee Normandie"
    data = {"juror": str(one.id), "team": str(judged.teams["A"].id), "reason": "ancien collègue"}
    assert browser.post("/organise/2025/jury/conflicts", data={**data, "reason": ""}).status_code == 422
    page = text(browser.post("/organise/2025/jury/conflicts", data=data, follow_redirects=True))
    assert "ancien collègue" in page
    assert "Un autre conflit découle" in page
    page = text(browser.post("/organise/2025/jury/conflicts", data={"do": "found"}, follow_redirects=True))
    assert "Insee Normandie" in page
    with reading(engine) as db:
        found = db.exec(select(ConflictOfInterest).where(ConflictOfInterest.source == "structure")).one()
    page = text(
        browser.post(f"/organise/2025/jury/conflicts/{found.id}", data={"reason": "sites"}, follow_redirects=True)
    )
    assert "sites" in page
    assert "Conflit d’intérêts avec B levé" in text(browser.get("/organise/2025/journal"))


@pytest.mark.usefixtures("browser")
def test_juror_undertakes_secrecy_and_says_what_they_can_take(
    engine: Engine, judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> None:
    juror = sign_in(judged.jurors[0])
    assert juror.post("/jury/2025/declare", data={"sincere": "1"}).status_code == 422
    assert juror.post("/jury/2025/declare", data={"sincere": "1", "secrecy": "1"}).status_code == 303
    assert "version 1" in text(juror.get("/jury/2025/declare"))
    assert juror.post("/jury/2025/declare", data={"sincere": "1"}).status_code == 303
    assert juror.post("/jury/2025/declare/availability", data={"sheets": "x"}).status_code == 422
    assert juror.post("/jury/2025/declare/availability", data={"sheets": "4", "times": "le 3"}).status_code == 303
    with reading(engine) as db:
        kept = db.exec(select(Acceptance).where(Acceptance.document == "secrecy")).one()
        wish = db.exec(select(JurorAvailability)).one()
    assert (kept.version, kept.accepted_at, len(kept.digest)) == ("1", JURY_TIME, 64)
    assert (wish.sheets, wish.times) == (4, "le 3")
    page = text(sign_in(judged.organiser).get(URL))
    assert "4 grilles au plus" in page


@pytest.mark.usefixtures("browser")
def test_team_names_mentors_and_declares_a_conflict(
    engine: Engine, judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> None:
    one, two = judged.jurors
    with reading(engine) as db:
        captain = db.get_one(Person, judged.teams["A"].captain_id)
    member = sign_in(captain)
    page = text(member.get("/e/2025/team/jury"))
    assert one.name in page
    assert one.email not in page
    assert member.post("/e/2025/team/jury/mentors", data={"mentors": one.name}).status_code == 303
    refused = member.post("/e/2025/team/jury/conflict", data={"juror": str(two.id), "reason": ""})
    assert refused.status_code == 422
    data = {"juror": str(two.id), "reason": "ma sœur"}
    assert "comme vous l’avez demandé" in text(
        member.post("/e/2025/team/jury/conflict", data=data, follow_redirects=True)
    )
    page = text(sign_in(judged.organiser).get(URL))
    assert "ma sœur" in page
    assert "Personne dans le jury ne peut noter A" in page


def test_organiser_erases_a_juror_who_asked_for_it(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    juror = judged.jurors[0]
    url = f"/organise/2025/people/{juror.id}/erase"
    assert url in text(browser.get(URL))
    assert juror.email in text(browser.get(url))
    assert browser.post(url).status_code == 422
    page = text(browser.post(url, data={"sure": "1"}, follow_redirects=True))
    assert "Compte effacé" in page
    assert juror.name not in text(browser.get(URL))
    assert browser.post(f"/organise/2025/people/{judged.organiser.id}/erase", data={"sure": "1"}).status_code == 409
    assert browser.get(f"/organise/2025/people/{judged.organiser.id}/erase").status_code == 200
    with reading(engine) as db:
        assert db.get_one(Person, juror.id).confirmed_at is None


def test_corrected_rubric_is_adopted_with_a_reason_and_the_jury_reads_it(
    browser: FlaskClient, app: Flask, engine: Engine, judged: Judged
) -> None:
    url = "/organise/2025/jury/rubric"
    rubric = app.extensions["datathon"].catalogue.editions["2025"].rubric
    assert "datathon rubric" in text(browser.get(url))
    juror = judged.jurors[0]
    with transaction(engine) as db:
        heavier = replace(rubric, criteria=(replace(rubric.criteria[0], maximum=40.0), *rubric.criteria[1:]))
        edition = replace(judged.edition, rubric=heavier)
        freeze(db, edition, now=JURY_TIME)
        declare(db, edition=edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
        submit_sheet(db, replace(judged, edition=edition), juror, judged.teams["A"], 39, 24, 15, 8, 7, 6)
    page = text(browser.get(url)).replace("\u202f", " ")
    assert "1 redevient un brouillon, à remettre." in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    form = {"seen": seen[1], "reason": "Maximum faux", "sure": "1"}
    assert browser.post(url, data={**form, "reason": " "}).status_code == 422
    assert browser.post(url, data={**form, "sure": ""}).status_code == 422
    assert browser.post(url, data={**form, "seen": "0" * 64}).status_code == 409
    assert browser.post(url, data=form).status_code == 303
    assert "Maximum faux" in text(browser.get(url))
    assert "Maximum faux" in text(browser.get("/organise/2025/journal"))
    other = app.test_client()
    with other.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{juror.id}:{juror.session_epoch}", True
    sheet = text(other.get("/jury/2025/a"))
    assert "elle est à remettre" in sheet
    assert 'value="Maximum faux"' in sheet
