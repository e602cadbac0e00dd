import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from web.public.conftest import BOARD, Fair

from datathon.leaderboard.snapshot import refresh
from datathon.people.tables import Person
from datathon.store.db import transaction
from datathon.web.public.leaderboard import FIELDS, as_csv

KINDS = ("", ".json", ".csv")


def test_board_without_score(client: FlaskClient) -> None:
    page = client.get(BOARD).get_data(as_text=True)
    assert "Personne n’a encore de score" in page
    assert client.get(BOARD + ".json").get_json()["rows"] == []
    assert client.get(BOARD + ".csv").get_data(as_text=True).count("\r\n") == 1


def test_board_of_a_challenge_without_predictions(client: FlaskClient) -> None:
    for kind in KINDS:
        assert client.get("/e/2025/c/competences/leaderboard" + kind).status_code == 404


def test_board_as_page(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    page = client.get(BOARD).get_data(as_text=True)
    assert "Marée haute est en tête avec 0,3391" in page
    assert "Plus c’est haut, mieux c’est." in page
    assert "0,3391</td>" in page


def test_board_as_json(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    board = client.get(BOARD + ".json").get_json()
    assert {"as_of", "part", "metric", "direction", "frozen", "rows"} <= set(board)
    assert (board["part"], board["metric"], board["direction"], board["frozen"]) == ("public", "lrap", "higher", False)
    seen = [(row["rank"], row["team"], row["score"], row["kind"]) for row in board["rows"]]
    assert seen == [
        (1, "Marée haute", 0.3391, "team"),
        (None, "frequency", 0.1587, "baseline"),
        (2, "Cap Cotentin", 0.149, "team"),
    ]


def test_board_holds_no_private_value(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    for kind in KINDS:
        text = client.get(BOARD + kind).get_data(as_text=True)
        assert not any(value in text for value in ("0.3491", "0,3491", "0.16,", "0,1600"))


def test_board_as_csv(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    rows = list(csv.DictReader(io.StringIO(client.get(BOARD + ".csv").get_data(as_text=True))))
    assert [(row["rank"], row["team"], row["score"]) for row in rows] == [
        ("1", "Marée haute", "0.3391"),
        ("", "frequency", "0.1587"),
        ("2", "Cap Cotentin", "0.149"),
    ]


def test_board_as_csv_keeps_the_columns_apart_and_an_absent_value_empty() -> None:
    row = {"rank": 1, "team": "A", "score": 0.5, "submissions": 1, "interval": None, "tied": [], "kind": "team"}
    row["others"] = {"rank": 0.25, "=mae": None}
    written = as_csv({"rows": [row], "others": [{"name": "rank"}, {"name": "=mae"}]})
    assert written.splitlines() == [",".join((*FIELDS, "metric_rank", "'=mae")), "1,A,0.5,1,,,,team,0.25,"]


def test_board_as_csv_with_a_formula_for_a_name() -> None:
    row = {"rank": 1, "team": "=1+1", "score": 0.5, "submissions": 1, "interval": None, "tied": [], "kind": "team"}
    assert "'=1+1" in as_csv({"rows": [row]})


@pytest.mark.parametrize("kind", KINDS)
def test_board_known_already(client: FlaskClient, draw: Callable[..., None], kind: str) -> None:
    draw()
    etag = client.get(BOARD + kind).headers["ETag"]
    again = client.get(BOARD + kind, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("kind", KINDS)
def test_board_that_changed(client: FlaskClient, draw: Callable[..., None], engine: Engine, kind: str) -> None:
    draw()
    etag = client.get(BOARD + kind).headers["ETag"]
    with transaction(engine) as db:
        make_score(db, make_submission(db, make_team(db, "Le Verger"), state="scored"), public=0.4, private=0.4)
    draw()
    again = client.get(BOARD + kind, headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "Le Verger" in again.get_data(as_text=True)


def test_board_of_another_person(
    client: FlaskClient, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    draw()
    etag = client.get(BOARD).headers["ETag"]
    mine = sign_in(fair.other).get(BOARD, headers={"If-None-Match": etag})
    assert mine.status_code == 200
    assert "Votre équipe, à 0,1901 du rang précédent" in mine.get_data(as_text=True)


def test_board_in_another_language(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    etag = client.get(BOARD).headers["ETag"]
    answer = client.get(BOARD, headers={"If-None-Match": etag, "Accept-Language": "en"})
    assert "Provisional leaderboard" in answer.get_data(as_text=True)


def test_board_frozen(client: FlaskClient, draw: Callable[..., None], now: datetime) -> None:
    draw()
    assert "<h1>Classement provisoire</h1>" in client.get(BOARD).get_data(as_text=True)
    draw(now + timedelta(days=18))
    assert "<h1>Classement provisoire, gelé</h1>" in client.get(BOARD).get_data(as_text=True)
    assert client.get(BOARD + ".json").get_json()["frozen"] is True


def test_board_in_pages(client: FlaskClient, draw: Callable[..., None], engine: Engine) -> None:
    with transaction(engine) as db:
        for number in range(30):
            made = make_submission(db, make_team(db, f"Équipe {number:02d}"), state="scored")
            make_score(db, made, public=0.9 - number / 100, private=0.5)
    draw()
    first, second = (client.get(f"{BOARD}?page={n}").get_data(as_text=True) for n in (1, 2))
    assert "Équipe 24" in first
    assert "Équipe 25" not in first
    assert "Équipe 25" in second
    assert client.get(f"{BOARD}?page=99").status_code == 200


@pytest.fixture
def crowd(engine: Engine, draw: Callable[..., None]) -> None:
    """Thirty more teams, the other way round in scores."""
    with transaction(engine) as db:
        for number in range(30):
            made = make_submission(db, make_team(db, f"Équipe {number:02d}"), state="scored")
            make_score(db, made, public=0.9 - number / 100, private=0.5)
    draw()


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("typed", ["equipe 2", "ÉQUIPE 2", "  Équipe   2 "])
def test_team_is_found_without_its_accents(client: FlaskClient, typed: str) -> None:
    page = client.get(BOARD, query_string={"q": typed}).get_data(as_text=True)
    assert "10 lignes pour" in page
    assert "Équipe 29" in page
    assert "Équipe 19" not in page
    assert "0 ligne pour" in client.get(BOARD, query_string={"q": "zzz"}).get_data(as_text=True)


@pytest.mark.usefixtures("crowd")
def test_own_row_is_pinned_and_says_its_page(
    client: FlaskClient, sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    first = sign_in(fair.other).get(BOARD).get_data(as_text=True)
    second = client.get(f"{BOARD}?page=2").get_data(as_text=True)
    assert '<a href="?page=2">Page 2</a> · Votre équipe' in first
    assert first.count('class="pin"') == second.count('class="pin"') == 1
    assert 'aria-current="true"' in second
    assert 'aria-current="true"' not in first


def test_team_that_left_is_named_below_the_board(
    client: FlaskClient, draw: Callable[..., None], engine: Engine
) -> None:
    with transaction(engine) as db:
        gone = make_team(db, "Les Grèves", status="ineligible")
        make_score(db, make_submission(db, gone, state="scored"), public=0.9876, private=0.5)
    draw()
    page = client.get(BOARD).get_data(as_text=True)
    assert "Les Grèves (non éligible, sur décision de l’organisation)." in page
    assert "0,9876" not in page


def test_chosen_colours_are_on_the_next_page(
    client: FlaskClient, draw: Callable[..., None], sign_in: Callable[[Person], FlaskClient], fair: Fair
) -> None:
    draw()
    etag = sign_in(fair.other).get(BOARD).headers["ETag"]
    assert client.get(BOARD, headers={"If-None-Match": etag}).status_code == 304
    with client.session_transaction() as session:
        session["colours"] = "dark"
    assert client.get(BOARD, headers={"If-None-Match": etag}).status_code == 200


def test_board_without_a_second_page_has_no_search(client: FlaskClient, draw: Callable[..., None]) -> None:
    draw()
    assert 'type="search"' not in client.get(BOARD).get_data(as_text=True)


def test_board_reads_the_same_number_of_rows_for_any_length(
    client: FlaskClient, draw: Callable[..., None], engine: Engine, app: Flask
) -> None:
    def queries() -> int:
        seen: list[str] = []
        bound = app.extensions["datathon"].engine

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(bound, "before_cursor_execute", note)
        client.get(BOARD)
        event.remove(bound, "before_cursor_execute", note)
        return len(seen)

    draw()
    few = queries()
    with transaction(engine) as db:
        for number in range(10):
            made = make_submission(db, make_team(db, f"Équipe {number}"), state="scored")
            make_score(db, made, public=0.5, private=0.5)
    draw()
    assert queries() == few


def test_board_shows_the_other_metrics_rounded_as_declared(app: Flask, client: FlaskClient) -> None:
    found = app.extensions["datathon"]
    challenge = found.catalogue.challenge("atelier", "populations-2023")
    assert [m.name for m in challenge.metrics] == ["mae", "weighted_mae"]
    with transaction(found.engine) as db:
        make_edition(db, "atelier")
        team = make_team(db, "Les Grèves", edition="atelier")
        row = make_submission(db, team, edition="atelier", challenge=challenge.id, state="scored")
        score = make_score(db, row, public=1.5, private=9.5, metric="mae")
        score.public = {"mae": 1.123456789, "weighted_mae": 2.987654321}
        db.add(score)
        refresh(db, found.catalogue.editions["atelier"], challenge, now=NOW)
    address = f"/e/atelier/c/{challenge.id}/leaderboard"
    board = client.get(address + ".json").get_json()
    assert [other["name"] for other in board["others"]] == ["weighted_mae"]
    assert [(line["score"], line["others"]) for line in board["rows"]] == [(1.1235, {"weighted_mae": 2.9877})]
    texts = [client.get(address + kind).get_data(as_text=True) for kind in KINDS]
    assert "2,9877" in texts[0]
    assert not any(digits in text for text in texts for digits in ("23456", "87654"))
