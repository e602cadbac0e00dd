from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.people.tables import Letter, Person, Role
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Prototype, PrototypeFile
from datathon.web.house import house

GIVEN = (16, 24, 15, 8, 7, 6)
FORM = {
    "mark-needs": "18",
    "mark-quality": "24",
    "mark-transfer": "15",
    "mark-sobriety": "8",
    "mark-security": "7",
    "mark-clarity": "6",
    "do": "submit",
}


@pytest.fixture
def browser(
    engine: Engine, at: Callable[[datetime], None], judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> FlaskClient:
    """The first juror's browser; both jurors submitted a sheet for A."""
    at(JURY_TIME)
    with transaction(engine) as db:
        for juror in judged.jurors:
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
            submit_sheet(db, judged, juror, judged.teams["A"], *GIVEN)
    return sign_in(judged.jurors[0])


def test_correction_asks_for_its_reason_and_shows_it(browser: FlaskClient) -> None:
    refused = browser.post("/jury/2025/a", data={**FORM, "version": "1"})
    assert refused.status_code == 422
    assert "Dites pourquoi" in refused.get_data(as_text=True)
    assert 'value="18"' in refused.get_data(as_text=True)
    done = browser.post("/jury/2025/a", data={**FORM, "version": "1", "reason": "Démonstration refaite"})
    assert done.status_code == 303
    page = browser.get("/jury/2025/a").get_data(as_text=True)
    assert "Démonstration refaite" in page
    assert "Version 2" in page


def test_page_of_the_president_is_for_the_president(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    assert browser.get("/jury/2025/president/sheets").status_code == 403
    with transaction(engine) as db:
        role = db.exec(select(Role).where(Role.person_id == judged.jurors[0].id)).one()
        role.president = True
        db.add(role)
    page = browser.get("/jury/2025/president/sheets").get_data(as_text=True)
    assert "Aucune fiche remise n’est à l’écart" in page
    assert "2 fiches sur" in page


def test_closed_jury_leads_its_president_to_the_deliberation(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    assert "/deliberation" not in browser.get("/jury/").get_data(as_text=True)
    with transaction(engine) as db:
        role = db.exec(select(Role).where(Role.person_id == judged.jurors[0].id)).one()
        role.president = True
        db.add(role)
    page = browser.get("/jury/").get_data(as_text=True)
    assert 'href="/organise/2025/deliberation"' in page
    assert 'href="/organise/2025/sensitivity"' in page
    assert browser.get("/organise/2025/deliberation").status_code == 200


def test_organiser_reminds_once_a_day(
    app: Flask, browser: FlaskClient, engine: Engine, judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> None:
    del app, browser
    organiser = sign_in(judged.organiser)
    for _ in range(2):
        assert organiser.post("/organise/2025/jury/remind").status_code == 303
    with reading(engine) as db:
        assert len(db.exec(select(Letter)).all()) == 2
    page = organiser.get("/organise/2025/jury").get_data(as_text=True)
    assert "Relancer les membres en retard" in page
    assert "déjà eu une lettre aujourd’hui" in page


def test_sheet_typed_from_paper_is_confirmed_by_its_juror(
    browser: FlaskClient, judged: Judged, sign_in: Callable[[Person], FlaskClient]
) -> None:
    del browser
    form = {**FORM, "juror": str(judged.jurors[0].id), "prototype": str(judged.teams["B"].id)}
    organiser = sign_in(judged.organiser)
    assert organiser.post("/organise/2025/jury/paper", data={**form, "mark-needs": "25"}).status_code == 422
    assert organiser.post("/organise/2025/jury/paper", data=form).status_code == 303
    page = organiser.get("/organise/2025/jury/paper").get_data(as_text=True)
    assert "pas encore" in page
    assert 'value="18"' not in page
    assert "Prototype B" in organiser.get("/organise/2025/jury/paper/print").get_data(as_text=True)
    own = sign_in(judged.jurors[0])
    assert "d’après votre fiche papier" in own.get("/jury/2025/b").get_data(as_text=True)
    assert own.post("/jury/2025/b/confirm").status_code == 303
    assert "Paul Anquetil" in own.get("/jury/2025/b").get_data(as_text=True)


def test_pdf_opens_in_the_sheet_and_may_do_nothing_there(
    browser: FlaskClient, app: Flask, engine: Engine, judged: Judged
) -> None:
    with app.app_context():
        stored = house().files.put(BytesIO(b"%PDF-1.4\n"), limit_bytes=100)
    with transaction(engine) as db:
        dossier = db.exec(select(Prototype).where(Prototype.team_id == judged.teams["A"].id)).one()
        db.add(
            PrototypeFile(
                prototype_id=dossier.id,
                field="report",
                file_name="note.pdf",
                digest=stored.digest,
                size_bytes=9,
                media_type="application/pdf",
                added_at=JURY_TIME,
            )
        )
    assert 'src="/jury/2025/a/files/report?view=1"' in browser.get("/jury/2025/a").get_data(as_text=True)
    framed = browser.get("/jury/2025/a/files/report?view=1").headers
    assert framed["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert (framed["X-Frame-Options"], framed["X-Content-Type-Options"]) == ("SAMEORIGIN", "nosniff")
    assert browser.get("/jury/2025/a/files/report").headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("address", "site"), [
    ("https://respire.example.org/carte?x=1", "https://respire.example.org"),
    ("https://Respire.example.org:8443/", "https://respire.example.org:8443"),
    ("http://respire.example.org/", ""),
    ("https://localhost/e/2025", ""),
    ("https://a.example.org;script-src/", ""),
    ("https://a.example.org'unsafe-inline'/", ""),
    ("https://a.example.org:port/", ""),
])  # fmt: skip
def test_web_application_may_be_tried_in_the_sheet_and_opens_no_other_site(
    browser: FlaskClient, engine: Engine, judged: Judged, address: str, site: str
) -> None:
    with transaction(engine) as db:
        dossier = db.exec(select(Prototype).where(Prototype.team_id == judged.teams["A"].id)).one()
        dossier.fields = {**dossier.fields, "demo": address, "repository": "https://code.example.org/a"}
        db.add(dossier)
    sheet = browser.get("/jury/2025/a")
    policy = sheet.headers["Content-Security-Policy"]
    # With scripts and an origin of its own, but never ours: the platform's own address is refused below.
    assert ("<iframe" in sheet.text) == bool(site)
    assert policy.endswith(f"; frame-src 'self' {site}") if site else "frame-src" not in policy
    assert "script-src" not in policy
    other = browser.get("/jury/2025/b")
    assert "frame-src" not in other.headers["Content-Security-Policy"]
    assert "<iframe" not in other.text


def test_platform_itself_is_not_framed_with_its_scripts(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        dossier = db.exec(select(Prototype).where(Prototype.team_id == judged.teams["A"].id)).one()
        dossier.fields = {**dossier.fields, "demo": "https://datathon.example.org/account"}
        db.add(dossier)
    ours = "https://datathon.example.org"
    with browser.session_transaction() as session:
        signed_in = dict(session)
    with browser.session_transaction(base_url=ours) as session:
        session.update(signed_in)
    sheet = browser.get("/jury/2025/a", base_url=ours)
    assert sheet.status_code == 200
    assert f"{ours}/account" in sheet.text
    assert "<iframe" not in sheet.text
