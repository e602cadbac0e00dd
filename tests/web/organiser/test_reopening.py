"""Opening one sheet again after the closing, on the web: the form, the juror's page, the way back."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from judged import AFTERWARDS, CRITERIA, GRADES, JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.people.tables import Person
from datathon.store.db import transaction

PAGE, SHEET = "/organise/2025/jury/reopen", "/jury/2025/a"


def entered(app: Flask, person: Person) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{person.id}:{person.session_epoch}", True
    return client


def test_organiser_opens_a_sheet_and_its_juror_corrects_it(
    judged: Judged, browser: FlaskClient, app: Flask, engine: Engine, at: Callable[[datetime], None]
) -> None:
    juror = entered(app, judged.jurors[0])
    assert "n’est pas encore clos" in browser.get(PAGE).get_data(as_text=True)
    with transaction(engine) as db:
        for person in judged.jurors:
            declare(db, edition=judged.edition, juror_id=person.id, conflicts={}, secrecy=True, now=JURY_TIME)
        for team in judged.teams.values():
            submit_sheet(db, judged, judged.jurors[0], team, *GRADES["B"])
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    at(AFTERWARDS)
    assert juror.get(PAGE).status_code == 403
    asked = {"juror": str(judged.jurors[0].id), "team": "a", "reason": ""}
    bare = browser.post(PAGE, data=asked)
    assert (bare.status_code, "Dites pourquoi" in bare.get_data(as_text=True)) == (422, True)
    assert browser.post(PAGE, data=asked | {"juror": "nobody"}).status_code == 404
    assert browser.post(PAGE, data=asked | {"reason": "14 pour 16, vu avec elle."}).status_code == 303
    assert "rouverte, à corriger" in juror.get("/jury/").get_data(as_text=True)
    page = juror.get(SHEET).get_data(as_text=True)
    assert "14 pour 16, vu avec elle." in page
    assert ("Remettre la correction" in page, 'value="draft"' in page) == (True, False)
    marks = {f"mark-{name}": str(int(points)) for name, points in zip(CRITERIA, GRADES["B"], strict=True)}
    sent = {"do": "submit", "version": "1", "reason": "Faute de frappe."} | marks | {"mark-needs": "16"}
    assert juror.post("/jury/2025/b", data=sent).status_code == 409
    assert juror.post(SHEET, data=sent).status_code == 303
    assert "La fiche est refermée" in juror.get("/jury/").get_data(as_text=True)
    assert juror.post(SHEET, data=sent | {"version": "2", "mark-needs": "17"}).status_code == 409
    said = browser.get(PAGE).get_data(as_text=True)
    assert ("corrigée le" in said, "Ce qui a été figé" in said) == (True, True)
    assert "a été rouverte et corrigée" in browser.get("/organise/2025/ranking").get_data(as_text=True)
