import logging
import re
from collections.abc import Callable

import pytest
from factories import make_edition, make_person
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooLarge, Unavailable
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.teams.rules import RESERVED, name_key
from datathon.web import guards
from datathon.web.errors import status_of
from datathon.web.guards import SignInNeeded, anyone, guarded


def _refusing(app: Flask, error: Exception) -> None:
    @guarded(anyone)
    def view() -> str:
        raise error

    app.view_functions["public.home"] = view


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (SignInNeeded, 401),
        (NotAllowed, 403),
        (NotFound, 404),
        (Conflict, 409),
        (TooLarge, 413),
        (Invalid, 422),
        (Unavailable, 503),
    ],
)
def test_each_refusal_has_its_status(kind: type[Refusal], status: int) -> None:
    assert status_of(kind("No.")) == status


def test_refusal_is_said_in_the_language_of_the_page(app: Flask, client: FlaskClient) -> None:
    _refusing(app, TooLarge("The file is larger than %(limit)s.", limit=20_000_000))
    french = client.get("/")
    assert french.status_code == 413
    assert "Le fichier dépasse 20\u00a0Mo." in french.get_data(as_text=True)
    assert "The file is larger than 20\u00a0MB." in client.get("/?lang=en").get_data(as_text=True)


def test_program_is_answered_in_json(app: Flask, client: FlaskClient) -> None:
    _refusing(app, Conflict("The edition is over."))
    answer = client.get("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.is_json) == (409, True)
    assert answer.json == {"type": "about:blank", "status": 409, "title": "L’édition est terminée."}


def test_unknown_address_is_a_page_with_a_way_on(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert 'href="/"' in answer.get_data(as_text=True)


def test_wrong_method_is_said(client: FlaskClient) -> None:
    answer = client.delete("/account/sign-in")
    assert answer.status_code == 405
    assert "n’accepte pas ce type de demande" in answer.get_data(as_text=True)


def test_bug_shows_a_page_and_nothing_of_itself(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    _refusing(app, ValueError("a secret of the code"))
    with caplog.at_level(logging.ERROR):
        answer = client.get("/")
    assert answer.status_code == 500
    assert "a secret of the code" not in answer.get_data(as_text=True)
    assert "a secret of the code" in caplog.text


def test_stranger_is_sent_to_the_door_and_back(client: FlaskClient) -> None:
    answer = client.get("/account?tab=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account/sign-in?next=/account?tab%3D1"


def test_lost_database_is_said(app: Flask, client: FlaskClient, engine: Engine) -> None:
    from sqlalchemy.exc import OperationalError

    del engine
    _refusing(app, OperationalError("SELECT 1", {}, Exception("no route")))
    answer = client.get("/")
    assert answer.status_code == 503
    assert "base de données" in answer.get_data(as_text=True)


def test_view_without_a_guard_keeps_the_application_from_starting() -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/open", view_func=lambda: "")
    with pytest.raises(RuntimeError, match="views without a guard"):
        guards.check_every_view(bare)


def test_session_ends_when_the_epoch_rises(
    engine: Engine, client: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        person = make_person(db, "Camille Test")
    sign_in(person)
    assert client.get("/account").status_code == 200
    with transaction(engine) as db:
        kept = db.get(Person, person.id)
        assert kept is not None
        kept.session_epoch += 1
    assert client.get("/account").status_code == 303


def test_address_of_nothing_knows_who_is_signed_in(
    client: FlaskClient, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        person = make_person(db, "Camille Quelconque")
    stranger = client.get("/nowhere").get_data(as_text=True)
    assert "Se connecter" in stranger
    sign_in(person)
    for path in ("/nowhere", "/e/1999", "/e/2025/c/nothing", "/e/2025/nowhere"):
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        assert (path, answer.status_code, "Camille Quelconque" in page) == (path, 404, True)
        assert "Se connecter" not in page


def test_error_within_an_edition_leads_back_into_it(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)
    for path in ("/e/2025/nowhere", "/e/2025/c/nothing", "/e/2025/gallery/none"):
        page = client.get(path).get_data(as_text=True)
        assert page.count('href="/e/2025"') >= 2, path
        assert "<span>Erreur 404</span>" in page
        assert "EcoIndex" not in page


def test_refused_visitor_of_the_organisers_keeps_the_visitors_way_on(
    engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        person = make_person(db)
    page = sign_in(person).get("/organise/2025").get_data(as_text=True)
    assert "/organise/2025/" not in page.partition("<main")[0]
    assert 'href="/e/2025/gallery"' in page
    assert "en rejoindre une" not in page


@pytest.mark.parametrize(
    ("came", "led"),
    [("http://localhost/legal/help?lang=en", '"/legal/help?lang=en"'), ("http://elsewhere/legal", "")],
)
def test_error_leads_back_to_pages_of_this_site_only(client: FlaskClient, came: str, led: str) -> None:
    page = client.get("/nowhere", headers={"Referer": came}).get_data(as_text=True)
    assert ("page précédente" in page) is bool(led)
    assert led in page
    assert "elsewhere" not in page


def test_what_may_pass_can_be_tried_again_at_once(app: Flask, client: FlaskClient) -> None:
    _refusing(app, Unavailable("The edition is over."))
    assert 'class="btn main" href="/?page=2"' in client.get("/?page=2").get_data(as_text=True)


def test_too_many_attempts_say_how_long_to_wait(app: Flask, client: FlaskClient) -> None:
    del app
    answers = [client.post("/account/sign-in", data={"email": "a@example.org", "password": "x"}) for _ in range(21)]
    assert answers[-1].status_code == 429
    assert re.search(r"Réessayez dans (\d+\u00a0s|1\u00a0min)\.", answers[-1].get_data(as_text=True))


def test_no_address_hides_the_page_of_a_team_by_its_name(app: Flask) -> None:
    rules = [(rule.rule.split("/"), (rule.methods or set()) & {"GET", "POST"}) for rule in app.url_map.iter_rules()]
    hidden = set()
    for one, methods in rules:
        for other, others in rules:
            if len(one) != len(other) or not methods & others:
                continue
            apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
            hidden |= {word for part, word in apart if len(apart) == 1 and part == "<team>" and word[:1] != "<"}
    assert hidden <= RESERVED
    assert name_key("Declare") == "declare-team"
    assert name_key("Verify") == "verify"
