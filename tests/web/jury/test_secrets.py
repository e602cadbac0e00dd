"""What one juror writes stays away from everybody until it may be seen: every page, file and answer is read."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from factories import grant, make_person, make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.tables import Sheet
from datathon.people.tables import Person, Role
from datathon.store.db import transaction

MARK = 7.318294
"""On no step of any criterion: only the planted sheet holds it."""
TRACES = ("7,318", "7.318", "7,32", "7.32", "43,90", "43.90", "43,91", "43.91", "fuite-3c81", "note-9d27")
NAMES = {"edition": "2025", "team": "a", "document": "rules", "page": "legal", "prototype": "prototype-a", "token": "x"}
CHALLENGES = ("metiers-secteurs", "competences")


@pytest.fixture
def planted(engine: Engine, judged: Judged, at: Callable[[datetime], None]) -> Judged:
    """The second juror's sheet for A holds marks and comments that nobody else writes; both jurors may grade."""
    at(JURY_TIME)
    with transaction(engine) as db:
        for juror in judged.jurors:
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
        submit_sheet(db, judged, judged.jurors[1], judged.teams["A"], 7, 7, 7, 7, 7, 7)
        row = db.exec(select(Sheet)).one()
        row.marks = dict.fromkeys(row.marks, MARK)
        row.comment_team, row.comment_private = "fuite-3c81", "note-9d27"
        make_score(db, make_submission(db, judged.teams["A"], state="scored"), public=0.5, private=0.5)
    return judged


def pages(app: Flask) -> Iterator[str]:
    """Every address that answers GET, for each challenge."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static_file" or "uuid:" in rule.rule:
            continue
        for challenge in CHALLENGES if "challenge" in rule.arguments else ("",):
            values = {name: NAMES.get(name, "x") for name in rule.arguments} | {"challenge": challenge}
            with app.test_request_context():
                yield app.url_map.bind("localhost").build(rule.endpoint, {n: values[n] for n in rule.arguments})


def leaks(app: Flask, browser: FlaskClient) -> list[str]:
    """Return the addresses that show anything of the planted sheet."""
    found = []
    for url in pages(app):
        text = browser.get(url).get_data(as_text=True)
        found.extend(f"{url}: {trace}" for trace in TRACES if trace in text)
    return found


def browser_of(app: Flask, person: Person) -> FlaskClient:
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{person.id}:{person.session_epoch}", True
    return browser


def test_marks_of_others_are_nowhere_before_one_s_own_sheet_is_submitted(
    planted: Judged, engine: Engine, app: Flask, client: FlaskClient
) -> None:
    with transaction(engine) as db:
        observer = make_person(db, "Observatrice")
        grant(db, observer, "observer")
        captains = [db.get_one(Person, planted.teams[name].captain_id) for name in "AB"]
        people = [make_person(db, "Nouvelle"), observer, *captains, planted.jurors[0]]
    seen = {"stranger": leaks(app, client), **{p.name: leaks(app, browser_of(app, p)) for p in people}}
    with transaction(engine) as db:
        db.exec(select(Role).where(Role.person_id == planted.jurors[0].id)).one().president = True
    seen["president"] = leaks(app, browser_of(app, planted.jurors[0]))
    assert {name: found for name, found in seen.items() if found} == {}


def test_comments_stay_apart_from_teams_and_jurors_after_submission_and_closing(
    planted: Judged, engine: Engine, app: Flask
) -> None:
    with transaction(engine) as db:
        submit_sheet(db, planted, planted.jurors[0], planted.teams["A"], 8, 8, 8, 8, 8, 8)
        close(db, edition=planted.edition, organiser_id=planted.organiser.id, now=JURY_TIME)
        captain = db.get_one(Person, planted.teams["A"].captain_id)
    assert leaks(app, browser_of(app, captain)) == []
    seen = leaks(app, browser_of(app, planted.jurors[0]))
    assert not [line for line in seen if "fuite" in line or "note-" in line]


def test_walk_meets_the_planted_sheet_where_it_may_be_read(planted: Judged, app: Flask) -> None:
    found = leaks(app, browser_of(app, planted.jurors[1]))
    assert any("/jury/2025/a:" in line and "note-9d27" in line for line in found)
