"""The page that explains a team's rank, from the results that were published."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from factories import grant, make_person
from flask import Flask
from flask.testing import FlaskClient
from leaderboard.test_merge import worked
from publication.test_why import results
from sqlalchemy import Engine

from datathon.leaderboard.merge import merge
from datathon.people.tables import Person
from datathon.publication.tables import PublishedRanking
from datathon.store.db import transaction

ADDRESS = "/e/2025/results/maree-haute"
LONGEST = 380
"""Elements of a page above which its EcoIndex is no longer A."""


def published() -> dict[str, Any]:
    """Return the worked results, with Marée haute in the place of team A."""
    found = results(worked())
    text = {"A": ("maree-haute", "Marée haute"), "E": ("cap-cotentin", "Cap Cotentin")}

    def name(team: str) -> str:
        return text.get(team, (team.lower(), team))[0]

    for team in found["teams"]:
        team["name"] = text.get(team["id"], ("", f"Équipe {team['id']}"))[1]
        team["id"] = name(team["id"])
    for row in [*found["ranking"], *found["sheets"]]:
        row["team"] = name(row["team"])
    found["metric"] = {name(t): v for t, v in found["metric"].items()}
    return found


@pytest.fixture
def announce(app: Flask, engine: Engine, now: datetime) -> Callable[[], None]:
    del app

    def announce() -> None:
        with transaction(engine) as db:
            by = make_person(db, "Organisatrice")
            row = PublishedRanking(
                edition_id="2025", version=1, results=published(), published_at=now, published_by=by.id
            )
            db.add(row)

    return announce


def test_page_says_what_the_rank_is_made_of(client: FlaskClient, announce: Callable[[], None]) -> None:
    announce()
    page = client.get(ADDRESS).get_data(as_text=True)
    for said in (
        "<h1>Marée haute, 2e</h1>",
        "45,6 viennent du jury",
        "4,60 points devant",
        "7,7 points de jury de plus",
        "une métrique de 5,8799",
        "Derrière Équipe D si la métrique pesait 44,4",
        "16,0 sur 20",
    ):
        assert said in page.replace("\N{NARROW NO-BREAK SPACE}", " "), said
    assert page.count("<") / 2 < LONGEST * 1.2
    assert "Why this rank" in client.get(ADDRESS + "?lang=en").get_data(as_text=True)


def test_team_under_the_threshold_reads_why_and_its_marks(client: FlaskClient, announce: Callable[[], None]) -> None:
    announce()
    page = client.get("/e/2025/results/cap-cotentin").get_data(as_text=True)
    assert "Cap Cotentin, sans rang" in page
    assert "sous le seuil du jury" in page
    assert "10,0 sur 20" in page


def test_nothing_before_the_announcement_nor_for_a_team_that_is_not_there(
    client: FlaskClient, announce: Callable[[], None], sign_in: Callable[[Person], FlaskClient], engine: Engine
) -> None:
    assert client.get(ADDRESS).status_code == 404
    with transaction(engine) as db:
        organiser = make_person(db, "Paul")
        grant(db, organiser, "organiser")
    # The edition is still graded: its organisers read nothing either.
    assert sign_in(organiser).get(ADDRESS).status_code == 404
    announce()
    assert client.get("/e/2025/results/personne").status_code == 404


def test_worked_results_have_the_ranking_of_the_specification() -> None:
    assert [row["total"] for row in published()["ranking"]] == [s.total for s in merge(worked()) if s.rank]
