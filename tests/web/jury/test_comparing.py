"""The pages of comparisons: a phone without scripts, a double tap, two tabs; an organiser who opens, closes and reads."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.comparison_tables import Comparison, ComparisonVote
from datathon.jury.declare import declare
from datathon.people.tables import Person
from datathon.store.db import reading, transaction

LIST = "/organise/2025/jury/comparisons"


@pytest.fixture
def people(
    at: Callable[[datetime], None], engine: Engine, judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> Callable[[Person], FlaskClient]:
    """The hour of the jury, conflicts declared; signs anybody in."""
    at(JURY_TIME)
    with transaction(engine) as db:
        for juror in judged.jurors:
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    return sign_in


def opened(people: Callable[[Person], FlaskClient], judged: Judged, *, teams: str = "abc") -> str:
    """Open a session for the first juror and return its address on the organisers' side."""
    browser = people(judged.organiser)
    form = {"title": "Le salon", "minutes": "5", "team": list(teams), "juror": [str(judged.jurors[0].id)]}
    answer = browser.post(LIST, data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def turn(page: str) -> str:
    return re.findall(r'name="turn" value="(\d+)"', page)[0]


def choices(engine: Engine) -> list[str]:
    with reading(engine) as db:
        return [v.choice for v in db.exec(select(ComparisonVote).order_by("turn"))]


def test_juror_compares_by_buttons_alone(
    people: Callable[[Person], FlaskClient], judged: Judged, engine: Engine
) -> None:
    place = opened(people, judged).rsplit("/", 1)[1]
    browser = people(judged.jurors[0])
    assert f"/jury/2025/compare/{place}" in browser.get("/jury/").get_data(as_text=True)
    address = browser.get("/jury/2025/compare/sessions").headers["Location"]
    assert "Me montrer deux prototypes" in browser.get(address).get_data(as_text=True)
    browser.post(address, data={"choice": "pair"})
    page = browser.get(address).get_data(as_text=True)
    assert page.count("Celui-ci") == 2
    first = {"choice": "left", "turn": turn(page)}
    assert browser.post(address, data=first).status_code == 303
    assert browser.post(address, data=first).status_code == 303
    other_tab = browser.post(address, data={**first, "choice": "right"})
    assert other_tab.status_code == 409
    assert "Voici la paire présente" in other_tab.get_data(as_text=True)
    assert choices(engine) == ["left"]
    page = browser.get(address).get_data(as_text=True)
    browser.post(address, data={"choice": "undo", "turn": turn(page)})
    page = browser.get(address).get_data(as_text=True)
    for choice in ("equal", "unseen", "right"):
        browser.post(address, data={"choice": choice, "turn": turn(page)})
        page = browser.get(address).get_data(as_text=True)
    assert choices(engine) == ["left", "equal", "unseen", "right"]
    assert "toutes les paires" in page
    assert browser.post(address, data={"choice": "both", "turn": "9"}).status_code == 422


def test_nobody_reads_who_is_ahead_before_the_session_is_closed(
    people: Callable[[Person], FlaskClient], judged: Judged, engine: Engine
) -> None:
    place = opened(people, judged, teams="ab")
    juror = people(judged.jurors[0])
    address = place.replace("/organise/2025/jury/comparisons", "/jury/2025/compare")
    juror.post(address, data={"choice": "pair"})
    juror.post(address, data={"choice": "left", "turn": "1"})
    organiser = people(judged.organiser)
    before = organiser.get(place).get_data(as_text=True)
    assert "θ" not in before
    assert "1 paire décidée" in before
    assert organiser.post(place, data={"do": "close", "version": "9"}).status_code == 409
    assert organiser.post(place, data={"do": "close", "version": "1"}).status_code == 303
    after = organiser.get(place).get_data(as_text=True)
    # One win of one vote with the prior of 1: theta is 0.20…, the chance 0.6….
    assert "θ ±" in after
    assert "100\u202f%" in after
    assert organiser.post(place, data={"do": "reopen", "version": "2", "reason": ""}).status_code == 422
    assert "Le salon" in organiser.get(LIST).get_data(as_text=True)
    assert "Le salon" in organiser.get("/organise/2025/journal").get_data(as_text=True)
    assert people(judged.jurors[0]).post(address, data={"choice": "left", "turn": "2"}).status_code == 409
    with reading(engine) as db:
        assert db.exec(select(Comparison)).one().closed_at is not None


@pytest.mark.parametrize(
    ("change", "status"),
    [({"title": ""}, 422), ({"minutes": "dix"}, 422), ({"team": ["a"]}, 422), ({"juror": []}, 422), ({"team": ["a", "zz"]}, 404)],
)  # fmt: skip
def test_session_that_cannot_be_is_refused_in_words(
    people: Callable[[Person], FlaskClient], judged: Judged, change: dict[str, object], status: int
) -> None:
    form = {"title": "Le salon", "minutes": "5", "team": ["a", "b"], "juror": [str(judged.jurors[0].id)], **change}
    answer = people(judged.organiser).post(LIST, data=form)
    assert answer.status_code == status
    assert ('class="err"' in answer.get_data(as_text=True)) == (status == 422)


def test_juror_of_another_session_is_told_so(people: Callable[[Person], FlaskClient], judged: Judged) -> None:
    address = opened(people, judged).replace("/organise/2025/jury/comparisons", "/jury/2025/compare")
    other = people(judged.jurors[1])
    assert other.get(address).status_code == 403
    assert "Aucune comparaison" in other.get("/jury/2025/compare/sessions").get_data(as_text=True)
