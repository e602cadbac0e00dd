from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from judged import CRITERIA, JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import select
from werkzeug.test import TestResponse

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.tables import Sheet
from datathon.people.tables import Person
from datathon.store.db import reading, transaction


@pytest.fixture
def browser(
    engine: Engine, at: Callable[[datetime], None], judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> FlaskClient:
    """The first juror's browser during the jury, conflicts declared."""
    at(JURY_TIME)
    with transaction(engine) as db:
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
    return sign_in(judged.jurors[0])


def keep(browser: FlaskClient, field: str, before: str, after: str) -> TestResponse:
    return browser.post("/jury/2025/a/field", data={"field": field, "before": before, "after": after})


def test_field_is_kept_and_the_page_told_what_stands(browser: FlaskClient) -> None:
    told = keep(browser, "needs", "", "17,5")
    assert told.status_code == 200
    assert told.json is not None
    assert (told.json["version"], told.json["fields"]["needs"], told.json["total"]) == (1, "17,5", "17,5")
    assert told.json["saved"].replace("\u00a0", " ") == "enregistré à 12 h 00"
    assert 'data-kept="17,5"' in browser.get("/jury/2025/a").get_data(as_text=True)


def test_older_page_is_told_both_values(browser: FlaskClient) -> None:
    keep(browser, "needs", "", "12")
    told = keep(browser, "needs", "", "14")
    assert (told.status_code, told.json and told.json["theirs"]) == (409, "12")
    keep(browser, "comment_team", "", "Un\r\ntexte")
    told = keep(browser, "comment_team", "", "Un autre")
    assert (told.status_code, told.json and told.json["theirs"]) == (409, "Un\ntexte")


@pytest.mark.parametrize(("after", "said"), [("25", "entre 0 et 20"), ("douze", "n’est pas un nombre")])
def test_value_that_does_not_fit_is_said(browser: FlaskClient, after: str, said: str) -> None:
    told = keep(browser, "needs", "", after)
    assert told.status_code == 422
    assert told.json is not None
    assert said in told.json["title"].replace("\u00a0", " ")


def test_field_after_closing_is_refused_in_words(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    told = keep(browser, "needs", "", "12")
    assert told.status_code == 409
    assert told.json is not None
    assert "theirs" not in told.json
    assert "clos" in told.json["title"]


def test_forged_mark_is_refused_by_form_and_by_field_and_nothing_is_kept(browser: FlaskClient, engine: Engine) -> None:
    fits = {f"mark-{name}": "5" for name in CRITERIA}
    for given in ("20,5", "21", "-0,5", "17,3", "1e3", "nan", "inf", "-inf", "17;5", "0x10", "dix"):
        form = browser.post("/jury/2025/a", data={**fits, "mark-needs": given, "do": "submit", "version": "0"})
        assert form.status_code == 422, given
        assert 'aria-invalid="true" aria-describedby="e-needs"' in form.get_data(as_text=True)
        assert keep(browser, "needs", "", given).status_code == 422, given
    assert keep(browser, "charm", "", "5").status_code == 422
    assert keep(browser, "state", "draft", "submitted").status_code == 422
    with reading(engine) as db:
        assert db.exec(select(Sheet)).all() == []


def test_submitted_sheet_after_closing_is_refused_and_stays(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    fits = {f"mark-{name}": "5" for name in CRITERIA}
    assert browser.post("/jury/2025/a", data={**fits, "do": "submit", "version": "0"}).status_code == 303
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    again = {**fits, "mark-needs": "20", "do": "submit", "version": "1", "reason": "Relecture"}
    answer = browser.post("/jury/2025/a", data=again)
    assert (answer.status_code, "clos" in answer.get_data(as_text=True)) == (409, True)
    assert keep(browser, "needs", "5", "20").status_code == 409
    with reading(engine) as db:
        row = db.exec(select(Sheet)).one()
    assert (row.marks["needs"], row.version) == (5, 1)
