"""The minutes on the web: signed by both sides, as a file, for everybody without the names of the jury."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from factories import grant, make_person, make_score, make_submission
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, submit_sheet
from sqlalchemy import Engine

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.recuse import recuse
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.web.pdf import makes_pdf

PAGE, PUBLIC = "/organise/2025/deliberation", "/e/2025/minutes"
HEAD, JUROR = "Perpétue Quillebœuf", "Zéphyrin Vauquelin"
CONFIRMED = {"rank-a": "1", "rank-b": "2", "present": "2", "casting": "A avant B.", "version": "0"}


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Two teams graded by two jurors with names of their own; one presides, a third member has a conflict."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB", jurors=1)
        other = make_person(db, HEAD)
        grant(db, other, "juror", president=True)
        third = make_person(db, "Wandrille Ouin")
        grant(db, third, "juror")
        judged.jurors[0].name = JUROR
        db.add(judged.jurors[0])
        for juror in (judged.jurors[0], other):
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
            for name in judged.teams:
                submit_sheet(db, judged, juror, judged.teams[name], *GRADES[name])
        recuse(
            db, edition=judged.edition, juror_id=third.id, team_id=judged.teams["A"].id,
            reason="Ancien associé 31fe.", source="organiser", actor=judged.organiser.id, now=JURY_TIME,
        )  # fmt: skip
        for name, score in (("A", 0.5), ("B", 0.4)):
            submission = make_submission(db, judged.teams[name], state="scored")
            make_score(db, submission, public=score, private=score)
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        return Judged(judged.edition, judged.organiser, (judged.jurors[0], other, third), judged.teams)


def validated(browser: FlaskClient, at: Callable[[datetime], None]) -> str:
    """Deliberate and validate; return the digest of the frozen minutes."""
    at(AFTERWARDS)
    assert browser.post(PAGE, data=CONFIRMED).status_code == 303
    assert browser.post(f"{PAGE}/validate", data={"version": "1", "sure": "1"}).status_code == 303
    found = re.search(r'name="sha256" value="(\w+)"', browser.get(f"{PAGE}/minutes").get_data(as_text=True))
    assert found is not None
    return found[1]


def announce(browser: FlaskClient, reason: str = "") -> None:
    seen = re.search(r'name="seen" value="(\w+)"', browser.get("/organise/2025/ranking").get_data(as_text=True))
    assert seen is not None
    named = {"sure": "1", "seen": seen[1], "reason": reason}
    assert browser.post("/organise/2025/ranking", data=named).status_code == 303


def words(html: str) -> str:
    """Return the text of a page without its spaces."""
    return "".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_minutes_say_every_parameter_and_both_sides_sign(
    judged: Judged,
    browser: FlaskClient,
    sign_in: Callable[[Person], FlaskClient],
    at: Callable[[datetime], None],
) -> None:
    digest = validated(browser, at)
    page = browser.get(f"{PAGE}/minutes").get_data(as_text=True).replace("\N{NARROW NO-BREAK SPACE}", " ")
    for said in (
        HEAD, JUROR, "Paul Anquetil", "Ancien associé 31fe", "A avant B.", "0,15 vaut 0 point", "40,0 %", "60,0 %",
        "Graine", "metiers-secteurs/reference", "Membres présents : 2", "Lieu et date",
    ):  # fmt: skip
        assert said in page, said
    sign = f"{PAGE}/minutes/sign"
    stale = browser.post(sign, data={"role": "organiser", "sha256": "0" * 64})
    assert stale.status_code == 409
    assert browser.post(sign, data={"role": "president", "sha256": digest}).status_code == 422
    assert browser.post(sign, data={"role": "organiser", "sha256": digest}).status_code == 303
    assert browser.post(sign, data={"role": "organiser", "sha256": digest}).status_code == 409
    bare = {"role": "president", "sha256": digest, "medium": "paper", "name": " "}
    assert browser.post(sign, data=bare).status_code == 422
    head = sign_in(judged.jurors[1])
    assert head.post(sign, data={"role": "president", "sha256": digest}).status_code == 303
    page = head.get(f"{PAGE}/minutes").get_data(as_text=True)
    assert f"{HEAD}, 9 décembre 2025" in page
    assert "avec son compte" in page
    assert 'name="role"' not in page
    assert sign_in(judged.jurors[0]).post(sign, data={"role": "president", "sha256": digest}).status_code == 403


def test_pdf_has_the_words_of_the_page_where_it_can_be_made(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None]
) -> None:
    del judged
    validated(browser, at)
    answer = browser.get(f"{PAGE}/minutes.pdf")
    page = browser.get(f"{PAGE}/minutes").get_data(as_text=True)
    if not makes_pdf():
        assert answer.status_code == 503
        assert "Enregistrer au format PDF" in page
        return
    from pypdf import PdfReader

    assert answer.mimetype == "application/pdf"
    leaves = [leaf.extract_text() for leaf in PdfReader(BytesIO(answer.data)).pages]
    count = len(leaves)
    text = "".join("".join(leaf.split()).removesuffix(f"{n}/{count}") for n, leaf in enumerate(leaves, start=1))
    shown = re.search(r'<div class="minutes">(.*?)</div>\s*</div>', page, re.DOTALL)
    assert shown is not None
    assert text == words(shown[1])
    assert "Perpétue" in text


def test_public_minutes_name_no_member_of_the_jury(
    judged: Judged, client: FlaskClient, browser: FlaskClient, at: Callable[[datetime], None]
) -> None:
    validated(browser, at)
    assert client.get(PUBLIC).status_code == 404
    announce(browser)
    page = client.get(PUBLIC).get_data(as_text=True)
    assert "Un membre, A" in page
    assert "j1" in page
    assert "A avant B." in page
    for secret in (*(name for juror in judged.jurors for name in juror.name.split()), "31fe", "Anquetil"):
        assert secret not in page.split('<div class="minutes">')[1], secret
    assert PUBLIC in client.get("/e/2025/results").get_data(as_text=True)


def test_minutes_that_were_announced_stay_while_a_correction_is_under_way(
    judged: Judged, browser: FlaskClient, at: Callable[[datetime], None]
) -> None:
    del judged
    first = validated(browser, at)
    announce(browser)
    before = browser.get(PUBLIC).get_data(as_text=True)
    at(AFTERWARDS + timedelta(days=1))
    assert browser.post(f"{PAGE}/reopen", data={"version": "2", "reason": "Réclamation de B"}).status_code == 303
    assert "Procès-verbaux antérieurs" in browser.get(f"{PAGE}/minutes").get_data(as_text=True)
    assert browser.get(f"{PAGE}/minutes.html").status_code == 404
    assert browser.get(f"{PAGE}/minutes.html?sha256={first}").status_code == 200
    assert browser.get(PUBLIC).get_data(as_text=True).split('<div class="minutes">')[1] == before.split('<div class="minutes">')[1]  # fmt: skip
