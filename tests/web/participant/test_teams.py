from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.participant.crew import Crew

from datathon.people.tables import Acceptance, Person
from datathon.store.db import reading
from datathon.teams.queries import team_of
from datathon.teams.tables import Team

SignIn = Callable[[Person], FlaskClient]


def test_create_team_with_the_rules_accepted_in_the_same_form(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    member = sign_in(crew.stranger)
    form = member.get("/e/2025/team").text
    assert "Créer une équipe" in form
    assert 'name="rules"' in form
    answer = member.post("/e/2025/team", data={"name": "Falaises", "town": "Étretat", "rules": "1"})
    assert (answer.status_code, answer.location) == (303, "/e/2025/team")
    with reading(engine) as db:
        own = team_of(db, "2025", crew.stranger.id)
        kept = db.exec(select(Acceptance).where(Acceptance.person_id == crew.stranger.id)).one()
    assert own is not None
    assert (own.name, own.town, kept.version) == ("Falaises", "Étretat", "1")
    assert own.invitation in member.get("/e/2025/team").text


def test_create_team_that_is_refused_keeps_what_was_typed_and_accepts_nothing(
    crew: Crew, sign_in: SignIn, engine: Engine
) -> None:
    member = sign_in(crew.stranger)
    answer = member.post("/e/2025/team", data={"name": "marée HAUTE", "town": "Caen", "rules": "1"})
    assert answer.status_code == 409
    assert 'value="marée HAUTE"' in answer.text
    assert "Une équipe s’appelle déjà" in answer.text
    with reading(engine) as db:
        assert db.exec(select(Acceptance).where(Acceptance.person_id == crew.stranger.id)).all() == []


def test_create_team_without_the_rules(crew: Crew, sign_in: SignIn) -> None:
    answer = sign_in(crew.stranger).post("/e/2025/team", data={"name": "Falaises"})
    assert answer.status_code == 403
    assert "Acceptez d’abord le règlement" in answer.text


def test_join_team_by_its_link(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    member = sign_in(crew.stranger)
    page = member.get(f"/e/2025/join/{crew.invitation}").text
    assert "Rejoindre Marée haute" in page
    assert member.post(f"/e/2025/join/{crew.invitation}", data={"rules": "1"}).status_code == 303
    with reading(engine) as db:
        own = team_of(db, "2025", crew.stranger.id)
    assert own is not None
    assert own.id == crew.team_id
    assert member.get(f"/e/2025/join/{crew.invitation}").status_code == 303


def test_join_team_by_a_stale_link(crew: Crew, sign_in: SignIn) -> None:
    sign_in(crew.captain).post("/e/2025/team/invitation")
    assert sign_in(crew.stranger).get(f"/e/2025/join/{crew.invitation}").status_code == 404


def test_join_team_as_a_stranger_asks_to_sign_in_and_comes_back(crew: Crew, client: FlaskClient) -> None:
    answer = client.get(f"/e/2025/join/{crew.invitation}")
    assert answer.status_code == 303
    assert crew.invitation in answer.location


def test_team_page_hides_what_only_the_captain_does(crew: Crew, sign_in: SignIn) -> None:
    captain = sign_in(crew.captain).get("/e/2025/team").text
    mate = sign_in(crew.mate).get("/e/2025/team").text
    assert ("Passer le relais" in captain, "Renommer" in captain) == (True, True)
    assert ("Passer le relais" in mate, "Renommer" in mate, crew.invitation in mate) == (False, False, True)
    assert sign_in(crew.mate).post("/e/2025/team/rename", data={"name": "Autre"}).status_code == 403


def test_hand_over_and_rename(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    member = sign_in(crew.captain)
    assert member.post("/e/2025/team/rename", data={"name": "Grande marée", "town": "Granville"}).status_code == 303
    assert member.post("/e/2025/team/captain", data={"to": str(crew.mate.id)}).status_code == 303
    assert member.post("/e/2025/team/captain", data={"to": "nobody"}).status_code == 422
    with reading(engine) as db:
        row = db.get_one(Team, crew.team_id)
    assert (row.name, row.slug, row.captain_id) == ("Grande marée", "grande-maree", crew.mate.id)


def test_leave_needs_the_box_then_leaves(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    member = sign_in(crew.captain)
    assert member.post("/e/2025/team/leave").status_code == 422
    assert member.post("/e/2025/team/leave", data={"sure": "yes"}).status_code == 303
    with reading(engine) as db:
        assert team_of(db, "2025", crew.captain.id) is None
        assert db.get_one(Team, crew.team_id).captain_id == crew.mate.id


def test_team_after_registration_says_when_it_closed(
    crew: Crew, sign_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(datetime(2025, 12, 1, 9, 0, tzinfo=UTC))
    page = sign_in(crew.stranger).get("/e/2025/team").text.replace("\u202f", " ").replace("\xa0", " ")
    assert "25 novembre 2025, 18 h 00, heure de Paris" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]


def test_accept_rules_goes_back_to_the_page_and_nowhere_else(crew: Crew, sign_in: SignIn) -> None:
    member = sign_in(crew.stranger)
    inside = member.post("/e/2025/rules", data={"rules": "1", "next": "/e/2025/c/metiers-secteurs/submit"})
    outside = member.post("/e/2025/rules", data={"rules": "1", "next": "//elsewhere.example/"})
    assert (inside.location, outside.location) == ("/e/2025/c/metiers-secteurs/submit", "/e/2025/team")
