import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from factories import PASSWORD, accept_rules, grant, make_edition, make_person, make_team
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from datathon.config import Settings
from datathon.people.queries import person_by_email
from datathon.people.tables import Letter, Person
from datathon.store.db import reading, transaction
from datathon.web import app as application
from datathon.web.account.onward import safe_path
from datathon.web.house import house

EMAIL = "camille@example.org"
NEW = "quatre mots bien longs"


@pytest.fixture
def person(engine: Engine) -> Person:
    with transaction(engine) as db:
        return make_person(db, "Camille Test", email=EMAIL)


@pytest.fixture
def demo(settings: Settings, at: Callable[[datetime], None]) -> Iterator[FlaskClient]:
    """A browser on the demonstration."""
    del at
    made = application.create_app(replace(settings, demo=True))
    made.config["WTF_CSRF_ENABLED"] = False
    yield made.test_client()
    with made.app_context():
        house().engine.dispose()


def letters(engine: Engine) -> list[Letter]:
    with reading(engine) as db:
        return list(db.exec(select(Letter)))


def link_in(letter: Letter) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", letter.body)
    assert found
    return found[1]


def register(client: FlaskClient, **more: str) -> object:
    typed = {"email": EMAIL, "name": "Camille", "password": NEW}
    return client.post("/account/register", data={**typed, **more})


def enter(client: FlaskClient, password: str = PASSWORD, email: str = EMAIL, **more: str) -> tuple[int, str, str]:
    answer = client.post("/account/sign-in", data={"email": email, "password": password, **more})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_somebody_registers_confirms_and_goes_on_where_they_came_from(client: FlaskClient, engine: Engine) -> None:
    register(client, next="/e/2025/team")
    (letter,) = letters(engine)
    link = link_in(letter)

    page = client.get(link)
    assert page.status_code == 200
    assert not is_in(client), "opening the link alone does nothing"

    answer = client.post(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/e/2025/team")
    assert is_in(client)


def test_a_link_that_has_served_signs_nobody_in(client: FlaskClient, engine: Engine) -> None:
    register(client)
    link = link_in(letters(engine)[0])
    client.post(link)
    client.post("/account/sign-out")
    assert "confirmée" in client.get(link).text
    answer = client.post(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in")
    assert not is_in(client)


def test_registering_answers_the_same_for_a_known_address(client: FlaskClient, engine: Engine, person: Person) -> None:
    unknown = client.post("/account/register", data={"email": "x@example.org", "name": "X", "password": NEW})
    known = client.post("/account/register", data={"email": EMAIL, "name": "X", "password": NEW})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert {letter.to for letter in letters(engine)} == {"x@example.org", EMAIL}
    with reading(engine) as db:
        kept = person_by_email(db, EMAIL)
    assert kept is not None
    assert kept.password_hash == person.password_hash


@pytest.mark.parametrize(
    ("more", "field"),
    [({"email": "camille"}, "email"), ({"name": " "}, "name"), ({"password": "court"}, "password")],
)
def test_a_mistake_stands_beside_its_field_and_keeps_the_rest(
    client: FlaskClient, engine: Engine, more: dict[str, str], field: str
) -> None:
    answer = client.post("/account/register", data={"email": EMAIL, "name": "Camille", "password": NEW, **more})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert NEW not in answer.text, "a password is never sent back"
    assert letters(engine) == []


@pytest.mark.usefixtures("person")
def test_somebody_signs_in_and_out(client: FlaskClient) -> None:
    assert enter(client)[:2] == (303, "/account")
    assert is_in(client)
    client.post("/account/sign-out")
    assert not is_in(client)


@pytest.mark.usefixtures("person")
def test_the_address_may_be_typed_in_capitals(client: FlaskClient) -> None:
    assert enter(client, email=" Camille@Example.org")[0] == 303


@pytest.mark.usefixtures("person")
def test_a_wrong_password_and_an_unknown_address_read_the_same(client: FlaskClient) -> None:
    def told(email: str) -> str:
        status, _, page = enter(client, "not the password", email)
        assert status == 422
        assert f'value="{email}"' in page, "what was typed stays"
        return re.sub(r'name="csrf_token"\s+value="[^"]*"', "", page.replace(email, ""))

    client.get("/account/sign-in")
    assert told(EMAIL) == told("unknown@example.org") == told("not an address")


def test_an_unconfirmed_account_is_told_so_and_may_ask_again(client: FlaskClient, engine: Engine) -> None:
    register(client)
    status, _, page = enter(client, NEW)
    assert status == 422
    assert "/account/confirm-again" in page
    answers = {
        client.post("/account/confirm-again", data={"email": email}).headers["Location"]
        for email in (EMAIL, "unknown@example.org")
    }
    assert len(answers) == 1
    assert len(letters(engine)) == 2


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/e/2025/team?a=b", "/e/2025/team?a=b"),
        ("https://evil.example/", "/account"),
        ("//evil.example/", "/account"),
        ("/\\evil.example/", "/account"),
        ("/\t/evil.example/", "/account"),
        ("javascript:alert(1)", "/account"),
        ("e/2025", "/account"),
        ("", "/account"),
    ],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, wanted: str, target: str) -> None:
    assert enter(client, next=wanted)[:2] == (303, target)
    again = client.get("/account/sign-in", query_string={"next": wanted})
    assert (again.status_code, again.headers["Location"]) == (303, target)


@pytest.mark.parametrize("path", ["/[", "/a b", "/a\nb", "\x00/", "///x", "/%5C%5Cx"])
def test_only_plain_paths_are_safe(path: str) -> None:
    assert safe_path(path) in {"", "/[", "/%5C%5Cx"}


@pytest.mark.usefixtures("person")
def test_nothing_of_a_session_survives_signing_in_but_the_language(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["lang"] = "en"
        session["csrf_token"] = "chosen by somebody else"
        session["planted"] = "x"
    enter(client)
    with client.session_transaction() as session:
        assert session["lang"] == "en"
        assert "planted" not in session
        assert session.get("csrf_token") != "chosen by somebody else"


def test_a_changed_password_ends_every_other_session(app: Flask, client: FlaskClient, person: Person) -> None:
    other = app.test_client()
    enter(client)
    enter(other)
    answer = client.post("/account/password", data={"current_password": PASSWORD, "new_password": NEW})
    assert answer.status_code == 303
    assert is_in(client)
    assert not is_in(other)
    assert enter(other)[0] == 422
    assert enter(other, NEW)[0] == 303
    del person


@pytest.mark.usefixtures("person")
def test_a_password_is_not_changed_without_the_present_one(client: FlaskClient) -> None:
    enter(client)
    answer = client.post("/account/password", data={"current_password": "a wrong one", "new_password": NEW})
    assert answer.status_code == 422
    assert "current_password-error" in answer.text
    assert enter(client.application.test_client(), NEW)[0] == 422


def test_a_forgotten_password_is_replaced_by_its_link_once(client: FlaskClient, engine: Engine, person: Person) -> None:
    known = client.post("/account/forgotten", data={"email": EMAIL})
    unknown = client.post("/account/forgotten", data={"email": "unknown@example.org"})
    assert known.headers["Location"] == unknown.headers["Location"]
    (letter,) = letters(engine)
    assert letter.person_id == person.id
    link = link_in(letter)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"new_password": "court"}).status_code == 422
    assert client.post(link, data={"new_password": NEW}).status_code == 303
    assert is_in(client)
    assert client.get(link).status_code == 410
    assert client.post(link, data={"new_password": "encore un autre mot"}).status_code == 410


@pytest.mark.parametrize("purpose", ["confirm", "reset"])
def test_a_link_that_nobody_signed_leads_nowhere(client: FlaskClient, purpose: str) -> None:
    assert client.get(f"/account/{purpose}/abc.def").status_code == 410
    assert client.post(f"/account/{purpose}/abc.def", data={"new_password": NEW}).status_code in {404, 410}


def test_an_expired_confirmation_offers_another_letter(
    client: FlaskClient, engine: Engine, at: Callable[[datetime], None], now: datetime
) -> None:
    register(client)
    at(now + timedelta(days=4))
    answer = client.get(link_in(letters(engine)[0]))
    assert answer.status_code == 410
    assert "/account/confirm-again" in answer.text
    assert client.post(link_in(letters(engine)[0])).status_code == 404


def test_details_are_kept_and_speak_the_chosen_language(client: FlaskClient, engine: Engine, person: Person) -> None:
    enter(client)
    typed = {"name": "Camille B.", "language": "en", "profile": "data", "organisation": "Lycée <b>"}
    assert client.post("/account", data=typed).status_code == 303
    with reading(engine) as db:
        kept = db.get_one(Person, person.id)
    assert (kept.name, kept.language, kept.profile, kept.organisation) == ("Camille B.", "en", "data", "Lycée <b>")
    page = client.get("/account").text
    assert "My account" in page
    assert "Lycée &lt;b&gt;" in page


@pytest.mark.usefixtures("person")
def test_refused_details_stay_in_the_form(client: FlaskClient) -> None:
    enter(client)
    answer = client.post("/account", data={"name": "", "language": "xx", "profile": "king", "organisation": "Ici"})
    assert answer.status_code == 422
    assert "name-error" in answer.text
    assert 'value="Ici"' in answer.text


def test_the_account_leads_to_teams_and_offices(client: FlaskClient, engine: Engine, person: Person) -> None:
    with transaction(engine) as db:
        make_edition(db)
        make_team(db, "Marée haute", captain=person)
        grant(db, person, "juror", edition="atelier", president=True)
        grant(db, person, "observer", edition="vanished")
    enter(client)
    page = client.get("/account").text
    assert 'href="/e/2025/team"' in page
    assert "Présidence du jury" in page
    assert "vanished" in page


def test_the_copy_holds_ones_own_data_and_nobody_elses(client: FlaskClient, engine: Engine, person: Person) -> None:
    with transaction(engine) as db:
        make_edition(db)
        accept_rules(db, person)
        make_team(db, "Marée haute", captain=person, members=(make_person(db, "Dominique"),))
    client.post("/account/forgotten", data={"email": EMAIL})
    enter(client)
    answer = client.get("/account/my-data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    copied = json.loads(answer.text)
    assert copied["account"]["email"] == EMAIL
    assert [a["document"] for a in copied["acceptances"]] == ["rules"]
    assert [m["team"] for m in copied["memberships"]] == ["Marée haute"]
    assert len(copied["letters"]) == 1
    assert "ominique" not in answer.text
    assert person.password_hash not in answer.text
    assert "/account/reset/" not in answer.text, "a copy that lies around must not open the account"


def test_letters_are_shown_in_the_demonstration_alone(client: FlaskClient, demo: FlaskClient) -> None:
    register(demo)
    page = demo.get("/outbox").text
    found = re.search(r'href="(/account/confirm/[^"]+)"', page)
    assert found
    assert demo.get(found[1]).status_code == 200
    assert "/outbox" in demo.get("/account/letter-sent?about=confirm").text
    assert client.get("/outbox").status_code == 404
    assert "/outbox" not in client.get("/account/letter-sent?about=confirm").text


@pytest.mark.usefixtures("person")
def test_only_failures_count_against_the_limit_of_signing_in(client: FlaskClient) -> None:
    for _ in range(3):
        assert enter(client)[0] == 303
    statuses = [enter(client, "x" * 201)[0] for _ in range(21)]
    assert statuses == [422] * 20 + [429]


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("path", ["/account/sign-in", "/account/sign-out", "/account/register", "/account/forgotten"])
def test_a_form_of_another_site_is_refused(app: Flask, client: FlaskClient, path: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(path, data={"email": EMAIL, "password": PASSWORD, "name": "X"}).status_code == 400


def test_a_stranger_is_led_to_the_door_and_back(client: FlaskClient) -> None:
    answer = client.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in?next=/account")
    assert client.get("/account/my-data.json").status_code == 401


def test_account_is_erased_with_its_password_and_never_opens_again(
    client: FlaskClient, engine: Engine, person: Person
) -> None:
    enter(client)
    page = client.get("/account/erase").get_data(as_text=True)
    assert "pseudonyme" in page
    assert client.post("/account/erase", data={"current_password": PASSWORD}).status_code == 422
    assert client.post("/account/erase", data={"current_password": "autre chose ici", "sure": "1"}).status_code == 422
    other = client.application.test_client()
    enter(other)
    answer = client.post("/account/erase", data={"current_password": PASSWORD, "sure": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in")
    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 303
    assert enter(client)[0] == 422
    with reading(engine) as db:
        assert db.get_one(Person, person.id).name.startswith("anonyme-")
        assert letters(engine) == []
