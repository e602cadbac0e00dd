"""What a juror and the organisers read when sheets fall away: conflicts everywhere, a team that left, a sheet forgotten."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from judged import CRITERIA, GRADES, JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.teams.tables import Team

SURE = {"secrecy": "1", "sincere": "1"}


def entered(app: Flask, person: Person) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{person.id}:{person.session_epoch}", True
    return client


def read(client: FlaskClient, address: str) -> str:
    return client.get(address).get_data(as_text=True)


def test_conflict_with_every_team_is_said_to_both_sides(
    judged: Judged, app: Flask, at: Callable[[datetime], None]
) -> None:
    at(JURY_TIME)
    juror = entered(app, judged.jurors[0])
    said = juror.post("/jury/2025/declare", data=SURE | {"team": ["a", "b", "c"]}, follow_redirects=True)
    assert "aucune fiche ne s’ouvre" in said.get_data(as_text=True)
    home = read(juror, "/jury/")
    assert ("Vous ne notez aucun prototype" in home, "Il ne reste rien à faire" in home) == (True, False)
    assert "a un conflit avec toutes les équipes" in read(entered(app, judged.organiser), "/organise/2025/jury")


def test_team_that_left_and_sheets_not_sent_are_told(
    judged: Judged, app: Flask, engine: Engine, at: Callable[[datetime], None]
) -> None:
    at(JURY_TIME)
    with transaction(engine) as db:
        for person in judged.jurors:
            declare(db, edition=judged.edition, juror_id=person.id, conflicts={}, secrecy=True, now=JURY_TIME)
        submit_sheet(db, judged, judged.jurors[0], judged.teams["C"], *GRADES["C"])
        db.get_one(Team, judged.teams["C"].id).status = "withdrawn"
    juror = entered(app, judged.jurors[0])
    assert "C ne participe plus" in read(juror, "/jury/")
    marks = {f"mark-{name}": "5" for name in CRITERIA}
    for answer in (
        juror.get("/jury/2025/c"),
        juror.post("/jury/2025/c", data=marks | {"do": "submit", "version": "1"}),
    ):
        assert (answer.status_code, "n’est plus noté" in answer.get_data(as_text=True)) == (404, True)
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    assert "2 de vos fiches n’ont pas été remises" in read(juror, "/jury/")
