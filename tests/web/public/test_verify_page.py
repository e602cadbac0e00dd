"""The page that says how to compute a published ranking again, and the corrected scores beside the raw ones."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from factories import make_person
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import Fair

from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.grid import Marks
from datathon.jury.shrinkage import RAW, Correction
from datathon.leaderboard.merge import Contestant, Inputs, merge
from datathon.publication.results import results_object
from datathon.publication.tables import PublishedRanking
from datathon.publication.verify.compare import verify
from datathon.store.db import transaction

PAGE, RESULTS, FILE = "/e/2025/verify", "/e/2025/results", "/e/2025/results.json"


def results(correction: Correction, scheme: str = "fixed") -> dict[str, Any]:
    """Return the results of three teams of which one was not graded by the severe second juror."""
    plan = RankingPlan(
        scheme,
        4,
        (
            Component("metric", "metric", 40, "metiers-secteurs", "lower", 12, 4),
            Component("jury", "jury", 60, "competences"),
        ),
        ("jury",),
    )
    rubric = Rubric("competences", (Criterion("needs", {"fr": "Besoins"}, {"fr": ""}, 100),), 50)
    marks = {
        ("j1", "maree"): 80.0,
        ("j1", "cap"): 82.0,
        ("j2", "cap"): 70.0,
        ("j1", "bois"): 60.0,
        ("j2", "bois"): 50.0,
    }
    names = {"maree": "Marée haute", "cap": "Cap Cotentin", "bois": "Bocage"}
    inputs = Inputs(
        plan,
        rubric,
        tuple(Contestant(t, name) for t, name in names.items()),
        {"metric": {"maree": 6.8, "cap": 6.0, "bois": 7.4}},
        tuple(Marks(j, t, {"needs": points}) for (j, t), points in marks.items()),
        correction,
    )
    return results_object(
        edition="2025",
        inputs=inputs,
        standings=merge(inputs),
        metric_names={},
        counted={},
        digests={},
        code="datathon 0",
    )


@pytest.fixture
def publish(engine: Engine, now: datetime, fair: Fair) -> Callable[[dict[str, Any]], None]:
    """Publish a results object."""
    del fair

    def publish(found: dict[str, Any]) -> None:
        with transaction(engine) as db:
            organiser = make_person(db, "Organisatrice")
            db.add(
                PublishedRanking(
                    edition_id="2025", version=1, results=found, published_at=now, published_by=organiser.id
                )
            )

    return publish


def test_page_before_the_announcement_is_not_there(client: FlaskClient, fair: Fair) -> None:
    del fair
    assert client.get(PAGE).status_code == 404


def test_page_names_the_digest_of_the_file_that_is_served(
    client: FlaskClient, publish: Callable[[dict[str, Any]], None]
) -> None:
    publish(results(RAW))
    served = client.get(FILE).get_data()
    page = client.get(PAGE).get_data(as_text=True)
    assert hashlib.sha256(served).hexdigest() in page
    assert "datathon verify results.json" in page
    assert verify(served).difference is None
    assert verify(served).sha256 in page


def test_page_works_the_first_total_out(client: FlaskClient, publish: Callable[[dict[str, Any]], None]) -> None:
    publish(results(RAW))
    english = client.get(PAGE + "?lang=en").get_data(as_text=True)
    assert "75.0000 × 40/100 + 76.0000 × 60/100 = 75.6000" in english
    assert "corrected for severity" not in english
    assert "Vérifier vous-même ces résultats" in client.get(PAGE + "?lang=fr").get_data(as_text=True)


def test_results_lead_to_the_page(client: FlaskClient, publish: Callable[[dict[str, Any]], None]) -> None:
    publish(results(RAW))
    page = client.get(RESULTS).get_data(as_text=True)
    assert f'href="{PAGE}"' in page
    assert "Sévérité du jury" not in page


@pytest.mark.parametrize(
    ("applied", "sentence"),
    [(True, "with lambda 2 frozen when the jury closed"), (False, "The raw means count, as announced")],
)
def test_raw_mean_stands_beside_the_corrected_one(
    client: FlaskClient,
    publish: Callable[[dict[str, Any]], None],
    applied: bool,  # noqa: FBT001 - a column of the table above
    sentence: str,
) -> None:
    publish(results(Correction("fixed", 2.0, applied=applied, why="announced" if applied else "shown")))
    page = client.get(RESULTS + "?lang=en").get_data(as_text=True)
    assert sentence in page
    assert sentence in client.get(PAGE).get_data(as_text=True) or not applied
    assert "Raw mean" in page
    assert ">80.00<" in page


def test_other_schemes_say_how_they_merge(client: FlaskClient, publish: Callable[[dict[str, Any]], None]) -> None:
    publish(results(RAW, "geometric"))
    page = client.get(PAGE + "?lang=en").get_data(as_text=True)
    assert "a zero is not compensated" in page
    assert "× 40/100" not in page
