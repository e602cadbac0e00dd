from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.participant.crew import Crew

from datathon.people.tables import Person
from datathon.store.db import reading
from datathon.submissions.queries import Dossier, dossier_of

PAGE = "/e/2025/c/competences/prototype"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
FILLED = {
    f"f-{name}": "Un texte."
    for name in ("title", "summary", "users", "method", "limits", "transfer", "privacy", "licence", "ai")
} | {"f-repository": "https://exemple.fr/depot"}


@pytest.fixture
def member(crew: Crew, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(crew.captain)


def _save(member: FlaskClient, fields: Mapping[str, object], *, version: int = 0, act: str = "save") -> Any:
    data = {"version": str(version), "act": act, **fields}
    return member.post(PAGE, data=data, content_type="multipart/form-data")


def _dossier(engine: Engine, crew: Crew) -> Dossier | None:
    with reading(engine) as db:
        return dossier_of(db, team_id=crew.team_id, challenge_id="competences")


def _required(engine: Engine, crew: Crew, member: FlaskClient) -> dict[str, str]:
    """Fill whatever the challenge's own configuration requires."""
    del engine, crew
    page = member.get(PAGE).text
    names = [piece.split('"')[0] for piece in page.split('name="f-')[1:]]
    return {f"f-{n}": FILLED.get(f"f-{n}", "Un texte.") for n in names if n not in {"screenshot", "report", "demo"}}


def test_save_keeps_the_draft_and_the_file(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    answer = _save(member, {"f-title": "Greffe", "f-summary": "Un", "f-screenshot": (BytesIO(PNG), "écran.png")})
    kept = _dossier(engine, crew)
    assert answer.status_code == 303
    assert kept is not None
    assert (kept.title, kept.fields["summary"], kept.files[0].media_type) == ("Greffe", "Un", "image/png")
    shown = member.get(f"{PAGE}/files/screenshot")
    assert (shown.data, shown.mimetype) == (PNG, "image/png")
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_save_from_a_second_tab_shows_both_texts(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    _save(member, {"f-title": "Greffe", "f-summary": "Le premier texte"})
    _save(member, {"f-title": "Greffe", "f-summary": "Le texte de l'autre onglet"}, version=1)
    answer = _save(member, {"f-title": "Greffe", "f-summary": "Mon texte à moi"}, version=1)
    assert answer.status_code == 409
    assert "Mon texte à moi" in answer.text
    assert "Le texte de l&#39;autre onglet" in answer.text
    assert 'name="version" value="2"' in answer.text
    kept = _dossier(engine, crew)
    assert kept is not None
    assert kept.fields["summary"] == "Le texte de l'autre onglet"


def test_save_what_does_not_fit_keeps_what_was_typed(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    answer = _save(member, {"f-title": "Greffe", "f-repository": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert 'value="javascript:alert(1)"' in answer.text
    assert 'id="repository-error"' in answer.text
    assert _dossier(engine, crew) is None


def test_save_a_page_called_png(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    answer = _save(member, {"f-title": "Greffe", "f-screenshot": (BytesIO(b"<script>alert(1)</script>"), "a.png")})
    assert answer.status_code == 422
    assert "format accepté" in answer.text
    assert 'value="Greffe"' in answer.text
    assert _dossier(engine, crew) is None


def test_hand_in_what_is_not_complete_saves_the_draft(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    answer = _save(member, {"f-title": "Greffe", "f-summary": "Un"}, act="submit")
    assert answer.status_code == 422
    assert 'href="#users"' in answer.text
    kept = _dossier(engine, crew)
    assert kept is not None
    assert (kept.state, kept.fields["summary"]) == ("draft", "Un")


def test_hand_in_then_reopen(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    answer = _save(member, {**_required(engine, crew, member), "public": "yes"}, act="submit")
    kept = _dossier(engine, crew)
    assert answer.status_code == 303
    assert kept is not None
    assert (kept.state, kept.public) == ("submitted", True)
    assert "Rouvrir le dossier" in member.get(PAGE).text
    assert member.get(f"{PAGE}/preview").status_code == 200
    assert member.post(f"{PAGE}/reopen").status_code == 303
    again = _dossier(engine, crew)
    assert again is not None
    assert (again.state, again.fields) == ("draft", kept.fields)


def test_save_after_the_deadline_says_when_it_was(
    member: FlaskClient, crew: Crew, engine: Engine, at: Callable[[datetime], None]
) -> None:
    at(datetime(2025, 12, 1, 17, 0, 0, tzinfo=UTC))
    answer = _save(member, {"f-title": "Greffe"})
    assert answer.status_code == 409
    assert "heure de Paris" in answer.text.replace("\xa0", " ")
    assert _dossier(engine, crew) is None


def test_prototype_files_of_nobody(member: FlaskClient) -> None:
    assert member.get(f"{PAGE}/files/screenshot").status_code == 404
    assert member.get(f"{PAGE}/files/summary").status_code == 404
    assert member.get("/e/2025/c/metiers-secteurs/prototype").status_code == 404
