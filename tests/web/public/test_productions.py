from collections.abc import Callable
from io import BytesIO

import pytest
from factories import NOW, make_prototype
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlmodel import select
from web.public.conftest import Fair

from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.submissions.tables import PrototypeFile
from datathon.teams.tables import Team

ATLAS = "/e/2025/p/atlas"
FIELDS = {
    "summary": "Un atlas des passerelles.",
    "method": "On compte. <script>alert(1)</script>",
    "repository": "javascript:alert(1)",
    "demo": "https://example.org/demo",
    "licence": "EUPL 1.2",
    "screenshot_text": "Une carte de la Normandie",
}


@pytest.fixture
def hand_in(app: Flask, engine: Engine) -> Callable[..., None]:
    """Hand in the dossier of a team with a picture and a report."""

    def hand_in(title: str = "Atlas", team: str = "maree-haute", *, public: bool, state: str = "submitted") -> None:
        store = app.extensions["datathon"].files
        with transaction(engine) as db:
            owner = db.exec(select(Team).where(Team.slug == team)).one()
            row = make_prototype(db, owner, title=title, fields=FIELDS, public=public, state=state)
            for field, name, kind in (("screenshot", "a.png", "image/png"), ("report", "r.pdf", "application/pdf")):
                kept = store.put(BytesIO(kind.encode()), limit_bytes=1000)
                db.add(
                    PrototypeFile(
                        prototype_id=row.id,
                        field=field,
                        file_name=name,
                        digest=kept.digest,
                        size_bytes=kept.size,
                        media_type=kind,
                        added_at=NOW,
                    )
                )

    return hand_in


def test_production_public(client: FlaskClient, hand_in: Callable[..., None], fair: Fair) -> None:
    hand_in(public=True)
    page = client.get(ATLAS).get_data(as_text=True)
    for said in ("Un atlas des passerelles.", "EUPL 1.2", fair.captain.name, "Une carte de la Normandie", "INSEE"):
        assert said in page, said
    assert "http://127.0.0.1:8000/e/2025/p/atlas" in page


def test_words_of_a_team_keep_their_language(client: FlaskClient, hand_in: Callable[..., None]) -> None:
    hand_in(public=True)
    french, english = (client.get(f"{ATLAS}?lang={lang}", follow_redirects=True).text for lang in ("fr", "en"))
    assert 'alt="Une carte de la Normandie" lang="fr"' in " ".join(english.split())
    assert 'lang="fr"' not in french.partition("<main")[2].partition("</main>")[0]


def test_production_runs_no_script_of_a_team(client: FlaskClient, hand_in: Callable[..., None]) -> None:
    hand_in(public=True)
    page = client.get(ATLAS).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "javascript:" not in page


def test_gallery_shows_the_picture_of_the_first_production(client: FlaskClient, hand_in: Callable[..., None]) -> None:
    hand_in(public=True)
    hand_in("Balise", "cap-cotentin", public=True)
    page = client.get("/e/2025/gallery").get_data(as_text=True)
    assert page.count("<img") == 1
    assert f'src="{ATLAS}/files/screenshot"' in page
    assert 'alt="Une carte de la Normandie"' in page


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_production_not_public(client: FlaskClient, hand_in: Callable[..., None], state: str) -> None:
    hand_in(public=False, state=state)
    for path in (ATLAS, ATLAS + "/files/screenshot", ATLAS + "/files/report"):
        assert (path, client.get(path).status_code) == (path, 404)
    assert "Atlas" not in client.get("/e/2025/gallery").get_data(as_text=True)


def test_production_not_public_for_another_team(
    hand_in: Callable[..., None], sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    hand_in(public=False)
    assert sign_in(fair.other).get(ATLAS).status_code == 404


def test_production_files(client: FlaskClient, hand_in: Callable[..., None]) -> None:
    hand_in(public=True)
    picture, report = (client.get(f"{ATLAS}/files/{field}") for field in ("screenshot", "report"))
    assert (picture.mimetype, picture.data) == ("image/png", b"image/png")
    assert "Content-Disposition" not in picture.headers
    assert report.headers["Content-Disposition"].startswith("attachment")
    assert report.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert client.get(f"{ATLAS}/files/summary").status_code == 404


def test_gallery_empty(client: FlaskClient) -> None:
    assert "Rien n’est encore publié" in client.get("/e/2025/gallery").get_data(as_text=True)


def test_gallery_reads_as_often_for_one_as_for_two(
    client: FlaskClient, hand_in: Callable[..., None], app: Flask
) -> None:
    def queries() -> int:
        seen: list[str] = []
        bound = app.extensions["datathon"].engine

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(bound, "before_cursor_execute", note)
        page = client.get("/e/2025/gallery").get_data(as_text=True)
        event.remove(bound, "before_cursor_execute", note)
        assert "Atlas" in page
        return len(seen)

    hand_in(public=True)
    one = queries()
    hand_in("Greffe", "cap-cotentin", public=True)
    assert queries() == one
