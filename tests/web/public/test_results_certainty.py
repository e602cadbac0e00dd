"""How sure the order of the metric is: beside the published ranking, on a page of its own, nowhere before."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from factories import NOW, make_person
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.test_results import FILE, PAGE, results

from datathon.leaderboard.tables import BoardInterval
from datathon.publication.tables import PublishedRanking
from datathon.store.db import transaction

OWN = "/e/2025/results/certainty/metric"


def many(count: int) -> dict[str, Any]:
    """Results with ``count`` ranked teams."""
    found = results()
    names = [f"t{n:02}" for n in range(1, count + 1)]
    found["components"][0]["metric_decimals"] = 6
    found["teams"] = [{"id": name, "name": f"Équipe {name[1:]}", "status": "ranked"} for name in names]
    found["metric"] = {name: 0.9 - n / 100 for n, name in enumerate(names)}
    row = found["ranking"][0]
    found["ranking"] = [{**row, "team": name, "rank": n, "total": 90.0 - n} for n, name in enumerate(names, start=1)]
    return found


def figures(count: int, *, together: int) -> dict[str, Any]:
    """What a worker finds for them: the first ``together`` cannot be told apart."""
    names = [f"t{n:02}" for n in range(1, count + 1)]
    lines = [
        {
            "team": name, "ranks": [1, together] if n <= together else [n, n], "drawn": [1, count], "median": n,
            "p_first": [0.6, 0.395, 0.005][n - 1] if n <= 3 else 0.0, "p_podium": 0.9951 if n <= 3 else 0.0,
            "p_ahead": 0.5, "tied": [other for other in names[:together] if other != name] if n <= together else [],
        }
        for n, name in enumerate(names, start=1)
    ]  # fmt: skip
    return {"state": "ready", "rows": 252, "draws": 2000, "level": 0.95, "seed": "1", "indicative": False,
            "critical": 2.7, "groups": [names[:together]] if together > 1 else [], "teams": lines}  # fmt: skip


@pytest.fixture
def publish(engine: Engine, now: datetime, client: FlaskClient) -> Callable[..., None]:
    """Publish ``count`` teams with the row of their intervals as a worker left it."""
    del client

    def publish(count: int, found: dict[str, Any] | None, *, announced: bool = True) -> None:
        given = many(count)
        with transaction(engine) as db:
            row = BoardInterval(edition_id="2025", challenge_id="metiers-secteurs", part="private", wanted="w",
                                wanted_since=now, request={"version": given["digest"]})  # fmt: skip
            if found is not None:
                row.found_for, row.found = "w", found
            db.add(row)
            if announced:
                db.add(PublishedRanking(edition_id="2025", version=1, results=given, published_at=NOW,
                                        published_by=make_person(db, "Organisatrice").id))  # fmt: skip

    return publish


def test_results_show_bars_shares_and_the_teams_that_cannot_be_told_apart(client: FlaskClient, publish) -> None:
    publish(4, figures(4, together=2))
    page = client.get(PAGE).get_data(as_text=True)
    assert "Deux équipes sont impossibles à départager en tête de la métrique" in page
    assert page.count('class="lane tie"') == 1
    for said in ("1 à 2", "60\u202f%", "moins de 1\u202f%", "plus de 99\u202f%", "252 lignes", "Premier rang, podium"):
        assert said in page, said
    assert "Toutes les équipes" not in page
    assert client.get(FILE).get_json()["intervals"]["metric"]["teams"][0]["p_first"] == 0.6
    english = client.get(PAGE, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "cannot be told apart at the top of the metric" in english


def test_many_teams_have_a_page_of_their_own(client: FlaskClient, publish) -> None:
    publish(30, figures(30, together=1))
    page = client.get(PAGE).get_data(as_text=True)
    assert "l’avance de l’équipe Équipe 01 dépasse le bruit" in page
    assert OWN in page
    assert page.count('<td class="span">') == 8
    whole = client.get(OWN).get_data(as_text=True)
    assert whole.count('<td class="span">') == 25
    assert "Équipe 30" in client.get(f"{OWN}?page=2").get_data(as_text=True)
    assert client.get("/e/2025/results/certainty/jury").status_code == 404


def test_nothing_is_said_before_the_publication_nor_while_it_is_computed(client: FlaskClient, publish, engine) -> None:
    publish(4, figures(4, together=2), announced=False)
    assert client.get(OWN).status_code == 404
    assert "0.395" not in client.get(FILE).get_data(as_text=True)
    assert "impossibles à départager" not in client.get(PAGE).get_data(as_text=True)
    with transaction(engine) as db:
        db.delete(db.get_one(BoardInterval, ("2025", "metiers-secteurs", "private")))
    publish(4, None)
    assert "En cours de calcul" in client.get(PAGE).get_data(as_text=True)
    assert client.get(FILE).get_json()["intervals"] == {"metric": {"state": "computing"}}
    assert "une seule fois" in client.get("/e/2025/verify").get_data(as_text=True)
    tag = client.get(FILE).headers["ETag"]
    with transaction(engine) as db:
        row = db.get_one(BoardInterval, ("2025", "metiers-secteurs", "private"))
        row.found_for, row.found = "w", figures(4, together=2)
    assert client.get(FILE, headers={"If-None-Match": tag}).status_code == 200
