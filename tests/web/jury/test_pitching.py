"""Pitches: an organiser leads the room, everybody sees who is next, a juror's tap is one step and is kept once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine

from datathon.jury.declare import declare
from datathon.jury.queries import sheet
from datathon.people.tables import Person
from datathon.store.db import reading, transaction
from datathon.web.pitch_clock import clock_words

LEAD, NOW, ROOM = "/organise/2025/jury/pitches", "/jury/2025/pitches/now", "/e/2025/pitches"
DRAW = {"do": "draw", "version": "0", "pitch": "5", "questions": "3", "grading": "2"}


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


def version(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def lead(browser: FlaskClient, do: str) -> int:
    page = browser.get(LEAD).get_data(as_text=True)
    return browser.post(LEAD, data={"do": do, "version": version(page)}).status_code


def needs(engine: Engine, judged: Judged, team: str) -> float | None:
    with reading(engine) as db:
        view = sheet(db, edition=judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams[team].id)
    return view.marks.get("needs")


def test_room_is_led_and_everybody_sees_who_is_next(
    people: Callable[[Person], FlaskClient], judged: Judged, at: Callable[[datetime], None]
) -> None:
    browser = people(judged.organiser)
    assert "n’est pas encore tiré" in browser.get(ROOM).get_data(as_text=True)
    assert browser.get(f"{ROOM}.json").get_json()["version"] == 0
    assert browser.post(LEAD, data={**DRAW, "questions": "x"}).status_code == 422
    assert browser.post(LEAD, data=DRAW).status_code == 303
    assert browser.post(LEAD, data=DRAW).status_code == 409
    assert "Présentations" in browser.get("/e/2025").get_data(as_text=True)
    assert lead(browser, "start") == 303
    at(JURY_TIME + timedelta(seconds=65))
    told = browser.get(f"{ROOM}.json").get_json()
    assert (told["left"], told["running"], told["phase"]) == (235, True, "pitch")
    screen = browser.get(f"{ROOM}/screen").get_data(as_text=True)
    assert "3:55" in screen
    assert f"Ensuite\u00a0: {told['next']}." in screen
    assert told["now"] in screen
    assert browser.post(LEAD, data={"do": "next", "version": "1"}).status_code == 409
    for _ in range(9):
        lead(browser, "next")
    assert "Toutes les équipes sont passées" in browser.get(ROOM).get_data(as_text=True)


def test_tap_is_one_step_and_sent_twice_is_kept_once(
    people: Callable[[Person], FlaskClient], judged: Judged, engine: Engine
) -> None:
    organiser = people(judged.organiser)
    organiser.post(LEAD, data=DRAW)
    lead(organiser, "start")
    browser = people(judged.jurors[0])
    page = browser.get(NOW).get_data(as_text=True)
    team = re.findall(r'name="team" value="(\w)"', page)[0]
    assert page.count("Un pas de plus") == 6
    first = {"team": team, "tap": "needs=10", "kept-needs": ""}
    assert browser.post(NOW, data=first).status_code == 303
    more = {"team": team, "tap": "needs=10,5", "kept-needs": "10"}
    assert [browser.post(NOW, data=more).status_code for _ in range(2)] == [303, 303]
    assert needs(engine, judged, team.upper()) == 10.5
    assert 'value="needs=11"' in browser.get(NOW).get_data(as_text=True)
    # The room moves on: the tap that was under way still belongs to its team.
    lead(people(judged.organiser), "skip")
    browser = people(judged.jurors[0])
    browser.post(NOW, data={"team": team, "tap": "needs=11", "kept-needs": "10,5"})
    assert needs(engine, judged, team.upper()) == 11
    other = re.findall(r'name="team" value="(\w)"', browser.get(NOW).get_data(as_text=True))[0]
    assert other != team
    assert browser.post(NOW, data={"team": team, "tap": "needs=21", "kept-needs": "11"}).status_code == 422
    assert browser.post(NOW, data={"team": team, "tap": "nothing=1"}).status_code == 422
    assert browser.post(NOW, data={"team": "zz", "tap": "needs=1"}).status_code == 404


def test_juror_with_a_conflict_sees_the_clock_only(
    people: Callable[[Person], FlaskClient], judged: Judged, engine: Engine
) -> None:
    organiser = people(judged.organiser)
    organiser.post(LEAD, data=DRAW)
    lead(organiser, "start")
    with transaction(engine) as db:
        conflicts = {team.id: "" for team in judged.teams.values()}
        juror = judged.jurors[1].id
        declare(db, edition=judged.edition, juror_id=juror, conflicts=conflicts, secrecy=False, now=JURY_TIME)
    page = people(judged.jurors[1]).get(NOW).get_data(as_text=True)
    assert "conflit d’intérêts" in page
    assert "5:00" in page
    assert "Un pas de plus" not in page


@pytest.mark.parametrize(
    ("left", "words"), [(300, "5:00"), (299.2, "5:00"), (60, "1:00"), (0.4, "0:01"), (0, "0:00"), (-0.5, "0:00"), (-61, "+1:01")]
)  # fmt: skip
def test_clock_counts_down_and_says_what_is_over_time(left: float, words: str) -> None:
    assert clock_words(left) == words
