"""From the public board to the final values: after the publication, and nowhere before."""

from collections.abc import Callable

import pytest
from factories import NOW, make_person
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import BOARD
from web.public.test_results import PAGE, results

from datathon.publication.tables import PublishedRanking
from datathon.store.db import transaction
from datathon.web.public.movement import moves_of, slopes_of

MOVED = "/e/2025/results/movement/metric"


@pytest.fixture
def published(engine: Engine, draw: Callable[..., None]) -> None:
    """The two teams in the other order on the hidden rows."""
    draw()
    given = results()
    given["components"][0]["metric_decimals"] = 4
    given["teams"] = [
        {"id": "maree-haute", "name": "Marée haute", "status": "ranked"},
        {"id": "cap-cotentin", "name": "Cap Cotentin", "status": "ranked"},
    ]
    given["metric"] = {"maree-haute": 0.3011, "cap-cotentin": 0.3512}
    row = given["ranking"][0]
    given["ranking"] = [{**row, "team": "cap-cotentin", "rank": 1}, {**row, "team": "maree-haute", "rank": 2}]
    with transaction(engine) as db:
        organiser = make_person(db, "Organisatrice").id
        db.add(PublishedRanking(edition_id="2025", version=1, results=given, published_at=NOW, published_by=organiser))


@pytest.mark.usefixtures("published")
def test_movement_is_drawn_told_and_tabled(client: FlaskClient) -> None:
    page = client.get(MOVED).get_data(as_text=True)
    assert "2 équipes sur 2 ont changé de place" in page
    assert page.index("0,3512") < page.index("0,3011")
    assert page.count('class="si w3"') == 2
    assert '<title id="mt">' in page
    assert '<desc id="md">' in page
    assert f'href="{MOVED}"' in client.get(PAGE).get_data(as_text=True)
    curve = client.get(f"{BOARD}/team/cap-cotentin").get_data(as_text=True)
    assert "Valeur finale, sur les autres lignes cachées" in curve
    assert "0,3512" in curve


def test_nothing_of_it_before_the_publication(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    assert client.get(MOVED).status_code == 404
    assert "Valeur finale" not in client.get(f"{BOARD}/team/cap-cotentin").get_data(as_text=True)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("component", ["jury", "nothing"])
def test_what_is_no_metric_has_no_movement(client: FlaskClient, component: str) -> None:
    assert client.get(f"/e/2025/results/movement/{component}").status_code == 404


def _row(slug: str, rank: int | None, score: float) -> dict[str, object]:
    return {"slug": slug, "team": slug.title(), "rank": rank, "score": score}


def test_places_are_among_teams_with_both_and_shared_ones_do_not_overlap() -> None:
    seen = [_row("a", 1, 0.9), _row("x", 2, 0.8), _row("b", 3, 0.7), _row("c", 3, 0.7), _row("out", None, 0.5)]
    final = [_row("c", 1, 0.6), _row("new", 2, 0.5), _row("a", 3, 0.4), _row("b", 3, 0.4), _row("out", 4, 0.1)]
    moves = moves_of(seen, final)  # type: ignore[arg-type]  # rows as boards have them
    assert [(m.slug, m.before, m.after, m.gained) for m in moves] == [("c", 2, 1, 1), ("a", 1, 2, -1), ("b", 2, 2, 0)]
    slopes, height = slopes_of(moves)
    assert len({slope.y1 for slope in slopes}) == len({slope.y2 for slope in slopes}) == 3
    assert height > max(slope.y2 for slope in slopes)
    assert moves_of([], final) == ()  # type: ignore[arg-type]  # as above
