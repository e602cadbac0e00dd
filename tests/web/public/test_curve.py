"""Each team of a board has a page with its way: a chart in steps and the table of its files."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import NOW, make_score, make_submission, make_team
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.public.conftest import BOARD, Fair
from web.public.test_combined import elements

from datathon.store.db import transaction
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

CURVE = BOARD + "/team/cap-cotentin"


@pytest.fixture
def history(engine: Engine, fair: Fair) -> None:
    """Further files of the second team: better, worse, better by an hour of a clock that went back."""
    del fair
    with transaction(engine) as db:
        team = db.exec(select(Team).where(Team.slug == "cap-cotentin")).one()
        for number, value, minutes in ((2, 0.2, 60), (3, 0.18, 120), (4, 0.3, 30)):
            row = make_submission(db, team, number=number, state="scored", received_at=NOW + timedelta(minutes=minutes))
            make_score(db, row, public=value, private=0.7318294)


@pytest.mark.usefixtures("history")
def test_curve_shows_each_file_and_never_goes_back(client: FlaskClient) -> None:
    page = client.get(CURVE).get_data(as_text=True)
    assert "De 0,149000 à 0,300000" in page or "De 0,1490 à 0,3000" in page
    assert 'd="M0 100.0H50.0V66.23H100.0V66.23H100.0V0.0H100"' in page
    assert page.count("<tr>") == 5
    assert "−0,02" in page
    assert "7318" not in page


def test_table_of_many_files_goes_by_pages(client: FlaskClient, engine: Engine, fair: Fair) -> None:
    del fair
    with transaction(engine) as db:
        team = db.exec(select(Team).where(Team.slug == "cap-cotentin")).one()
        for number in range(2, 91):
            row = make_submission(db, team, number=number, state="scored", received_at=NOW + timedelta(minutes=number))
            make_score(db, row, public=number / 200, private=0.1)
    first, last = client.get(CURVE).get_data(as_text=True), client.get(CURVE + "?page=3").get_data(as_text=True)
    assert elements(first) <= 380
    assert 'class="num">90</td>' in first
    assert 'class="num">1</td>' in last
    assert 'class="num">90</td>' not in last


def test_curve_of_one_file_is_a_table(client: FlaskClient) -> None:
    page = client.get(CURVE).get_data(as_text=True)
    assert "Un dépôt évalué" in page
    assert "<figure" not in page


@pytest.mark.usefixtures("history")
def test_curve_ends_where_submissions_closed(
    client: FlaskClient, at: Callable[[datetime], None], now: datetime, engine: Engine
) -> None:
    with transaction(engine) as db:
        row = db.exec(select(Submission).where(Submission.number == 4)).one()
        row.received_at = now + timedelta(days=20)
        db.add(row)
    at(now + timedelta(days=21))
    assert "0,3000" not in client.get(CURVE).get_data(as_text=True)


def test_curve_of_a_team_that_is_not_on_the_board(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        make_team(db, "Sans score")
        gone = make_team(db, "Partie", status="withdrawn")
        make_score(db, make_submission(db, gone, state="scored"), public=0.5, private=0.5)
    for slug in ("sans-score", "partie", "nulle-part"):
        assert client.get(f"{BOARD}/team/{slug}").status_code == 404
    assert client.get("/e/2025/c/competences/leaderboard/team/cap-cotentin").status_code == 404


def test_board_leads_to_the_curves(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    assert f'<a href="{CURVE}">Cap Cotentin</a>' in client.get(BOARD).get_data(as_text=True)
