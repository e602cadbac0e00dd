"""The page of the assignment: calculator, plan to look at, the act, and why a plan cannot be."""

from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.freeze import freeze
from datathon.jury.tables import Assignment, JuryPlan
from datathon.store.db import reading, transaction

URL = "/organise/2025/jury/assignment"


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def test_calculator_needs_no_script(browser: FlaskClient) -> None:
    page = text(browser.get(f"{URL}?p=6&n=5&t=15&T=120"))
    assert "5 membres" in page
    assert "30 grilles de 15 minutes" in page
    page = text(browser.get(f"{URL}?p=40&n=3&t=10&T=120"))
    assert "10 membres" in page
    refused = browser.get(f"{URL}?p=x")
    assert refused.status_code == 200
    assert "nombre entier" in text(refused)


def test_plan_is_looked_at_then_applied_then_dropped(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    page = text(browser.get(URL))
    assert "4 grilles si tout le jury note toutes les équipes" in page
    page = text(browser.get(f"{URL}?per_team=2&seed=1&do=look"))
    assert "Appliquer" in page
    assert "jury complet" in page
    with reading(engine) as db:
        assert db.exec(select(JuryPlan)).all() == []
    assert browser.post(URL, data={"per_team": "2", "seed": "1"}).status_code == 303
    with reading(engine) as db:
        assert len(db.exec(select(Assignment)).all()) == 4
    assert "2 membres par prototype" in text(browser.get(URL))
    assert browser.post(URL, data={"do": "drop"}).status_code == 303
    with reading(engine) as db:
        assert db.exec(select(JuryPlan)).all() == []
    del judged


def test_plan_that_cannot_be_is_explained_and_keeps_what_was_typed(browser: FlaskClient, judged: Judged) -> None:
    load = f"load-{judged.jurors[0].id}"
    page = text(browser.get(URL, query_string={"per_team": "1", "seed": "1", load: "1", "do": "look"}))
    assert "ne sont pas comparables" in page
    answer = browser.post(URL, data={"per_team": "2", "seed": "1", load: "1"})
    assert answer.status_code == 422
    assert "Membre 1" in text(answer)
    assert browser.post(URL, data={"per_team": "0", "seed": "1"}).status_code == 422
    assert browser.post(URL, data={"per_team": "9", "seed": "1"}).status_code == 422


def test_rubric_changed_after_the_opening_is_told(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        freeze(db, judged.edition, now=JURY_TIME)
    page = text(browser.get("/organise/2025/jury"))
    assert "figée" in page
    # The folder's rubric has written levels, that of the edition in memory has none.
    assert "Modifié dans le fichier" in page
