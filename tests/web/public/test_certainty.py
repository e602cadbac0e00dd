"""Bars, brackets and sentences of a board whose order is more or less sure."""

import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from factories import NOW
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.public.conftest import BOARD

from datathon.leaderboard.tables import BoardSnapshot
from datathon.store.db import make_engine, transaction
from datathon.web.public.certainty import brackets_of, certainty_of


def payload(count: int, groups: list[list[int]], *, state: str = "ready", **more: object) -> dict:
    """A board of ``count`` teams, ``groups`` by number, with the intervals they give."""
    names = [f"t{number}" for number in range(1, count + 1)]
    said = {"state": state, **more}
    if state == "ready":
        said |= {"draws": 2000, "rows": 252, "level": 0.95, "indicative": False, **more}
        said["groups"] = [[names[one - 1] for one in group] for group in groups]
    spans = {one: [x for group in groups if one in group for x in group] or [one] for one in range(1, count + 1)}
    rows = [
        {
            "rank": one, "team": f"Équipe {one}", "slug": f"t{one}", "score": 1 - one / 100, "submissions": 1,
            "interval": [min(spans[one]), max(spans[one])] if state == "ready" else None, "tied": [], "kind": "team",
            "best_at": "2025-11-20T11:00:00Z",
        }
        for one in range(1, count + 1)
    ]  # fmt: skip
    return {
        "as_of": "2025-11-20T11:00:00Z", "part": "public", "metric": "lrap", "direction": "higher", "decimals": 4,
        "frozen": False, "rows": rows, "intervals": said,
    }  # fmt: skip


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'db.sqlite3')}")
    yield made
    made.dispose()


@pytest.fixture
def show(engine: Engine, client: FlaskClient) -> Callable[..., str]:
    def written(content: dict, language: str = "fr") -> str:
        with transaction(engine) as db:
            db.add(BoardSnapshot(edition_id="2025", challenge_id="metiers-secteurs", as_of=NOW, payload=content))
        return client.get(BOARD, headers={"Accept-Language": language}).get_data(as_text=True)

    return written


def test_teams_that_cannot_be_told_apart_share_the_finding(show) -> None:
    page = show(payload(5, [[1, 2, 3], [4, 5]]))
    assert "Trois équipes se tiennent en tête." in page
    assert page.count('class="lane tie"') == 2
    assert "1 à 3" in page
    assert "lignes au sort" in page


def test_lead_beyond_the_noise_is_called_one(show) -> None:
    page = show(payload(3, [[2, 3]]), "en")
    assert "This lead is larger than the noise of the measurement." in page
    assert "2 to 3" in page


def test_board_without_brackets_says_nothing_of_them(show) -> None:
    page = show(payload(3, []))
    assert "lane" not in page
    assert "Ex æquo statistiques" not in page


def test_intervals_that_are_computed_or_not_available_say_so(show) -> None:
    assert "En cours de calcul pour ces scores" in show(payload(3, [], state="computing"))


@pytest.mark.parametrize(("reason", "said"), [
    ("metric", "cette métrique n’est pas faite"),
    ("losses", "n’ont pas été gardées"),
    ("versions", "avec la même référence"),
    ("rows", "moins de deux lignes"),
    ("failed", "n’a pas abouti"),
])  # fmt: skip
def test_reason_is_given_where_there_is_no_interval(show, reason: str, said: str) -> None:
    page = show(payload(3, [], state="none", reason=reason))
    assert said in page
    assert 'class="span"' not in page


def test_few_rows_are_called_indicative(show) -> None:
    assert "seulement indicatifs" in show(payload(3, [], rows=24, indicative=True))


class Elements(HTMLParser):
    count = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del tag, attrs
        self.count += 1


def test_page_of_twenty_five_teams_stays_light(show, app: Flask) -> None:
    del app
    found = Elements()
    found.feed(show(payload(60, [[n, n + 1, n + 2] for n in range(1, 50, 2)])))
    assert found.count <= 380


def test_overlapping_groups_stand_side_by_side_and_too_many_are_left_out() -> None:
    assert brackets_of([]) == ({}, 0)
    assert brackets_of([(0, 1), (1, 3)]) == ({0: (2,), 1: (3,)}, 2)
    assert brackets_of([(0, 1), (2, 3)]) == ({0: (2,), 2: (2,)}, 1)
    assert brackets_of([(n, n + 6) for n in range(8)]) == ({}, 0)


def test_baseline_between_two_tied_teams_stands_inside_their_bracket() -> None:
    content = payload(2, [[1, 2]])
    content["rows"].insert(1, {**content["rows"][0], "rank": None, "slug": None, "kind": "baseline", "interval": None})
    found = certainty_of(content, brackets=True)
    assert (found.brackets, found.lanes) == ({0: (3,)}, 1)
    assert (found.places, found.together) == (2, 2)


def test_board_from_before_intervals_says_nothing() -> None:
    content = payload(2, [])
    del content["intervals"]
    found = certainty_of(content, brackets=True)
    assert (found.ready, found.together, found.lanes) == (False, 0, 0)
