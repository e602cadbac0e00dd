"""The deliberation on the web: recorded, refused with what was typed, validated, printed, announced."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from factories import make_score, make_submission
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, submit_sheet
from sqlalchemy import Engine

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.people.tables import Person
from datathon.publication.queries import latest
from datathon.publication.tables import Deliberation
from datathon.store.db import reading, transaction

PAGE = "/organise/2025/deliberation"
SWAPPED = {"rank-a": "2", "rank-b": "1", "reason-a": "Après B.", "reason-b": "Déjà <b>utile</b>.", "present": "1"}


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Two teams graded and scored by the metric of the edition on the disk, the jury closed; A leads."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB")
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, score in (("A", 0.5), ("B", 0.4)):
            submit_sheet(db, judged, judged.jurors[0], judged.teams[name], *GRADES[name])
            submission = make_submission(db, judged.teams[name], state="scored")
            make_score(db, submission, public=score, private=score)
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        return judged


def test_jury_moves_a_place_and_both_orders_stay_visible(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None], engine: Engine
) -> None:
    at(AFTERWARDS)
    assert "L’ordre calculé est une proposition" in browser.get(PAGE).get_data(as_text=True)
    refused = browser.post(PAGE, data=SWAPPED | {"version": "0", "reason-b": ""})
    assert refused.status_code == 422
    assert "Dites pourquoi cette place diffère" in refused.get_data(as_text=True)
    assert 'value="Après B."' in refused.get_data(as_text=True)
    assert browser.post(PAGE, data=SWAPPED | {"version": "0"}).status_code == 303
    late = browser.post(PAGE, data=SWAPPED | {"version": "0"})
    assert (late.status_code, "entre-temps" in late.get_data(as_text=True)) == (409, True)
    draft = browser.get(f"{PAGE}/minutes").get_data(as_text=True)
    assert "Déjà &lt;b&gt;utile" in draft
    assert "Projet" in draft
    assert browser.get(f"{PAGE}/minutes.html").status_code == 404
    assert browser.post(f"{PAGE}/validate", data={"version": "1", "sure": "1"}).status_code == 303
    frozen = browser.get(f"{PAGE}/minutes.html").data
    with reading(engine) as db:
        assert hashlib.sha256(frozen).hexdigest() == db.get_one(Deliberation, "2025").minutes_sha256
    ranking = browser.get("/organise/2025/ranking").get_data(as_text=True)
    seen = re.search(r'name="seen" value="(\w+)"', ranking)
    assert seen is not None
    assert browser.post("/organise/2025/ranking", data={"sure": "1", "seen": seen[1]}).status_code == 303
    public = browser.get("/e/2025/results").get_data(as_text=True)
    assert "<h1>B</h1>" in public
    assert "Rang calculé 2, déplacé par le jury" in public
    assert "Le jury a décidé la place 1" in browser.get("/e/2025/results/b").get_data(as_text=True)
    del judged


def test_embargo_holds_the_announcement_back(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None], engine: Engine
) -> None:
    del judged
    at(AFTERWARDS)
    confirmed = {"rank-a": "1", "rank-b": "2", "present": "1", "version": "0"}
    assert browser.post(PAGE, data=confirmed).status_code == 303
    wrong = browser.post(f"{PAGE}/validate", data={"version": "1", "sure": "1", "embargo": "demain"})
    assert wrong.status_code == 422
    named = {"version": "1", "sure": "1", "embargo": "2025-12-10T09:30"}
    assert browser.post(f"{PAGE}/validate", data=named).status_code == 303
    page = browser.get("/organise/2025/ranking").get_data(as_text=True)
    assert "Sous embargo" in page
    assert browser.post("/organise/2025/ranking", data={"sure": "1"}).status_code == 409
    with reading(engine) as db:
        assert latest(db, "2025") is None


def test_members_who_do_not_preside_decide_nothing(
    judged: Judged, sign_in: Callable[[Person], FlaskClient], at: Callable[[datetime], None]
) -> None:
    at(AFTERWARDS)
    client = sign_in(judged.jurors[0])
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, data=SWAPPED).status_code == 403
    assert client.get(f"{PAGE}/minutes").status_code == 403


def test_announced_ranking_is_read_and_corrected_not_edited(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None]
) -> None:
    del judged
    at(AFTERWARDS)

    def publish(**more: str) -> int:
        page = browser.get("/organise/2025/ranking").get_data(as_text=True)
        seen = re.search(r'name="seen" value="(\w+)"', page)
        assert seen is not None
        return browser.post("/organise/2025/ranking", data={"sure": "1", "seen": seen[1]} | more).status_code

    assert publish() == 303
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Annoncé" in page
    assert 'name="rank-a"' not in page
    assert browser.post(PAGE, data=SWAPPED | {"version": "0"}).status_code == 409
    assert browser.post(f"{PAGE}/reopen", data={"version": "0", "reason": " "}).status_code == 422
    named = {"version": "0", "reason": "Réclamation de B"}
    assert browser.post(f"{PAGE}/reopen", data=named).status_code == 303
    page = browser.get(PAGE).get_data(as_text=True)
    assert "publiée en version 2" in page.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert 'name="rank-a"' in page
    assert browser.post(PAGE, data=SWAPPED | {"version": "1"}).status_code == 303
    assert browser.post(f"{PAGE}/validate", data={"version": "2", "sure": "1"}).status_code == 303
    assert publish(reason="Réclamation de B retenue") == 303
    assert 'name="rank-a"' not in browser.get(PAGE).get_data(as_text=True)
    public = browser.get("/e/2025/results").get_data(as_text=True)
    assert "Ce qui a changé" in public
    assert "Réclamation de B retenue" in public
    first = browser.get("/e/2025/results?version=1").get_data(as_text=True)
    assert "corrigée depuis" in first
    assert "<h1>A</h1>" in first
    assert browser.get("/e/2025/results.json?version=1").get_json()["version"] == 1
    assert browser.get("/e/2025/results?version=7").status_code == 404


def test_of_two_who_record_at_once_the_second_reads_both(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None]
) -> None:
    del judged
    at(AFTERWARDS)
    assert browser.post(PAGE, data=SWAPPED | {"version": "0", "casting": "B d’abord"}).status_code == 303
    other = SWAPPED | {"version": "0", "rank-a": "1", "rank-b": "2", "reason-a": "", "reason-b": "", "present": "2"}
    answer = browser.post(PAGE, data=other)
    page = answer.get_data(as_text=True).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert answer.status_code == 409
    assert "Enregistré entre-temps : 2 Après B." in page
    assert "tels qu’enregistrés entre-temps : 1" in page
    assert "B d’abord" in page
    assert 'name="version" value="1"' in page
