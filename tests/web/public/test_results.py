from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from factories import make_person
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import Fair

from datathon.people.tables import Person
from datathon.publication.tables import PublishedRanking
from datathon.store.db import transaction

PAGE, FILE = "/e/2025/results", "/e/2025/results.json"


def results(total: float = 71.6) -> dict[str, Any]:
    """Return a results object with one ranked team and one below the threshold."""
    return {
        "format": "datathon-results/1",
        "edition": "2025",
        "scheme": "fixed",
        "decimals": 4,
        "components": [
            {"id": "metric", "kind": "metric", "weight": 40, "direction": "higher", "baseline": 0.15, "target": 0.6}
            | {"challenge": "metiers-secteurs", "metric": "lrap"},
            {"id": "jury", "kind": "jury", "weight": 60, "challenge": "competences", "threshold": 50},
        ],
        "criteria": [],
        "tie_break": ["jury"],
        "teams": [
            {"id": "maree-haute", "name": "Marée haute", "status": "ranked"},
            {"id": "cap-cotentin", "name": "Cap Cotentin", "status": "ineligible", "reason": "below_threshold"}
            | {"jury_raw": 48.0, "jury": 48.0, "scores": {}, "total": 40.0},
        ],
        "metric": {"maree-haute": 0.44},
        "sheets": [{"juror": "j1", "team": "maree-haute", "marks": {"needs": 16}}],
        "ranking": [
            {"team": "maree-haute", "rank": 1, "metric": 65.0, "jury_raw": 76.0, "jury": 76.0, "total": total}
            | {"contributions": {"metric": 26.0, "jury": 45.6}, "criteria": {}, "shared": False}
        ],
        "decided": [],
        "inputs": {
            "edition.toml": "sha256:" + "e" * 64,
            "metiers-secteurs/submissions/maree-haute": "sha256:" + "a" * 64,
        },
        "code": "",
        "digest": "sha256:" + "d" * 64,
    }


@pytest.fixture
def publish(engine: Engine, now: datetime) -> Callable[..., None]:
    """Publish a version of the results."""

    def publish(version: int = 1, *, total: float = 71.6, reason: str = "") -> None:
        with transaction(engine) as db:
            organiser = make_person(db, "Organisatrice")
            db.add(
                PublishedRanking(
                    edition_id="2025",
                    version=version,
                    results=results(total),
                    reason=reason,
                    published_at=now + timedelta(hours=version),
                    published_by=organiser.id,
                )
            )

    return publish


def test_results_before_the_announcement(
    client: FlaskClient, sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    for browser in (client, sign_in(fair.captain)):
        page = browser.get(PAGE).get_data(as_text=True)
        assert "9 décembre 2025, 17\u00a0h\u00a030, heure de Paris" in page
        assert "0,34" not in page
        assert browser.get(FILE).status_code == 404


def test_results_after_the_announcement(client: FlaskClient, publish: Callable[..., None]) -> None:
    publish()
    page = client.get(PAGE).get_data(as_text=True)
    for said in (
        "<h1>Marée haute</h1>",
        "71,6",
        "26,00",
        "45,60",
        "sous le seuil du jury",
        "0,15 vaut 0",
        "eeeeeeeeeeeeeeee",
    ):
        assert said in page, said


def test_results_as_json(client: FlaskClient, publish: Callable[..., None]) -> None:
    publish()
    answer = client.get(FILE)
    assert answer.mimetype == "application/json"
    assert answer.get_json() == results()
    again = client.get(FILE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_results_corrected(client: FlaskClient, publish: Callable[..., None]) -> None:
    publish()
    etag = client.get(FILE).headers["ETag"]
    publish(2, total=70.0, reason="Une fiche avait été mal relevée.")
    answer = client.get(FILE, headers={"If-None-Match": etag})
    assert answer.get_json()["ranking"][0]["total"] == 70.0
    assert "Une fiche avait été mal relevée." in client.get(PAGE).get_data(as_text=True)


def test_home_names_the_laureate(client: FlaskClient, publish: Callable[..., None]) -> None:
    # Its name stands on the map of the teams' towns all along: once more, then, when it has won.
    before = client.get("/").get_data(as_text=True).count("Marée haute")
    publish()
    assert client.get("/").get_data(as_text=True).count("Marée haute") == before + 1
