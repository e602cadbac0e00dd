"""A name that was erased: on no page, in no file and in no row, whoever looks; the marks stay as they were."""

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from factories import grant, make_person, make_score, make_submission
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import SQLModel, select

from datathon.jury.close import close
from datathon.jury.counting import counting
from datathon.jury.declare import declare
from datathon.people.outbox import write
from datathon.people.tables import Person
from datathon.store.db import reading, transaction

DECISION = "/organise/2025/deliberation"
JUROR, CAPTAIN = "Xénophon Ygouf-Œuvrard", "Wilfride Zoroastre"
TRACES = ("nophon", "Ygouf", "Wilfride", "Zoroastre", "juror.q77", "captain.q77")
SKIPPED = re.compile(r"^/static|/legal/|/documents/|^/style|/data/|/data[.]zip|/sample|[?]|sign-|[.]pdf$")


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Two teams graded by two jurors, the jury closed: everything up to the deliberation."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB", jurors=1)
        head = make_person(db, "Perpétue Quillebœuf")
        grant(db, head, "juror", president=True)
        for juror in (judged.jurors[0], head):
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
            for name, team in judged.teams.items():
                submit_sheet(db, judged, juror, team, *GRADES[name])
        for name, score in (("A", 0.5), ("B", 0.4)):
            make_score(db, make_submission(db, judged.teams[name], state="scored"), public=score, private=score)
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        return Judged(judged.edition, judged.organiser, (judged.jurors[0], head), judged.teams)


def named(engine: Engine, judged: Judged) -> tuple[Person, ...]:
    """Give a juror and a captain the names that will be looked for, with a letter and a structure each."""
    people = {JUROR: (judged.jurors[0].id, "juror"), CAPTAIN: (judged.teams["A"].captain_id, "captain")}
    found = []
    with transaction(engine) as db:
        for name, (key, who) in people.items():
            person = db.get_one(Person, key)
            person.name, person.email, person.organisation = name, f"{who}.q77@example.org", f"Cabinet {name}"
            write(db, to=person.email, subject=name, body=f"Bonjour {name},", now=JURY_TIME, person_id=key)
            db.add(person)
            found.append(person)
    return tuple(found)


def announced(browser: FlaskClient) -> None:
    """Deliberate, validate, sign on paper for the juror, publish."""
    decided = {"rank-a": "1", "rank-b": "2", "present": "2", "casting": "A avant B.", "version": "0"}
    assert browser.post(DECISION, data=decided).status_code == 303
    assert browser.post(f"{DECISION}/validate", data={"version": "1", "sure": "1"}).status_code == 303
    minutes = browser.get(f"{DECISION}/minutes").get_data(as_text=True)
    digest = re.search(r'name="sha256" value="(\w+)"', minutes)
    assert digest is not None
    paper = {"role": "president", "sha256": digest[1], "medium": "paper", "name": JUROR}
    assert browser.post(f"{DECISION}/minutes/sign", data=paper).status_code == 303
    seen = re.search(r'name="seen" value="(\w+)"', browser.get("/organise/2025/ranking").get_data(as_text=True))
    assert seen is not None
    shown = {"sure": "1", "seen": seen[1], "reason": ""}
    assert browser.post("/organise/2025/ranking", data=shown).status_code == 303


def walk(browser: FlaskClient, start: str) -> dict[str, str]:
    """Follow every link from ``start`` but those to data of challenges; return what each address says."""
    said, waiting = dict[str, str](), deque([start])
    while waiting:
        address = waiting.popleft()
        if address in said or SKIPPED.search(address):
            continue
        with browser.get(address) as answer:
            said[address] = unescape(answer.get_data(as_text=True))
        if answer.mimetype == "text/html":
            waiting.extend(unescape(link) for link in re.findall(r'href="(/[^"#]*)', said[address]))
    return said


def test_erased_names_are_nowhere_and_the_marks_stay(
    judged: Judged,
    engine: Engine,
    browser: FlaskClient,
    sign_in: Callable[[Person], FlaskClient],
    at: Callable[[datetime], None],
) -> None:
    people = named(engine, judged)
    at(AFTERWARDS)
    announced(browser)
    with reading(engine) as db:
        marks = counting(db, judged.edition)
    for person, page in zip(people, ("jury/members", "teams"), strict=True):
        erase = f"/organise/2025/people/{person.id}/erase"
        assert f'href="{erase}"' in browser.get(f"/organise/2025/{page}").get_data(as_text=True)
        assert browser.post(erase, data={"sure": "1"}).status_code == 303
    said = walk(browser, "/organise/2025")
    assert said.keys() >= {
        "/organise/2025/journal",
        f"{DECISION}/minutes",
        f"{DECISION}/minutes.html",
        "/e/2025/results",
    }
    assert {address.rpartition(".")[2] for address in said} >= {"json", "csv"}
    assert "anonyme-" in said[f"{DECISION}/minutes"]
    said |= {f"juror {address}": text for address, text in walk(sign_in(judged.jurors[1]), "/jury/2025").items()}
    assert [address for address, text in said.items() if any(trace in text for trace in TRACES)] == []
    with reading(engine) as db:
        assert counting(db, judged.edition) == marks
        rows = [str(row) for table in SQLModel.metadata.sorted_tables for row in db.exec(select(table))]
    assert [row for row in rows if any(trace in row for trace in TRACES)] == []
