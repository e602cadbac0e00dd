"""An organiser who erases an account sees where texts name the person, and decides."""

from factories import grant, make_person
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.tables import Sheet
from datathon.people.tables import Person
from datathon.store.db import transaction


def noted(db: Session, judged: Judged) -> Person:
    named = make_person(db, "Odile Ferrand")
    grant(db, named, "juror")
    for name, text in (("A", "<i>Odile</i> présente."), ("B", "Vu avec Mme Ferrand.")):
        db.add(
            Sheet(
                edition_id="2025",
                challenge_id="competences",
                team_id=judged.teams[name].id,
                juror_id=judged.jurors[0].id,
                comment_team=text,
                updated_at=JURY_TIME,
            )
        )
    return named


def test_places_are_shown_and_only_the_ticked_one_changes(judged: Judged, browser: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        named = noted(db, judged)
    address = f"/organise/2025/people/{named.id}/erase"
    page = browser.get(address).get_data(as_text=True)
    assert "&lt;i&gt;<b>Odile</b>&lt;/i&gt; présente." in page
    assert "appréciation pour une équipe, B" in page
    with transaction(engine) as db:
        key = db.exec(select(Sheet.id).where(Sheet.team_id == judged.teams["B"].id)).one()
    refused = browser.post(address, data={"text": f"sheet|{key}|comment_team"})
    assert (refused.status_code, 'comment_team" checked' in refused.get_data(as_text=True)) == (422, True)
    sent = browser.post(address, data={"text": f"sheet|{key}|comment_team", "sure": "1"}, follow_redirects=True)
    assert "Le nom a été remplacé dans un texte." in sent.get_data(as_text=True)
    with transaction(engine) as db:
        texts = sorted(db.exec(select(Sheet.comment_team)))
    assert texts[0] == "<i>Odile</i> présente."
    assert "Ferrand" not in texts[1]
