"""Long lists of the organisers: waits hour by hour, members by how far behind they are, words looked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from factories import NOW, grant, make_person
from flask.testing import FlaskClient
from judged import Judged
from sqlalchemy import Engine

from datathon.jury.queries import GradedTeam, JurorRow, Matrix
from datathon.store import audit
from datathon.store.db import transaction
from datathon.web.organiser.lists import behind, fits_grid, says
from datathon.web.organiser.waits import by_hour


def juror(name: str, *cells: str) -> JurorRow:
    return JurorRow(UUID(int=1), name, president=False, declared=True, cells=cells)


def test_waits_are_counted_in_the_hour_of_receipt_and_go_on_while_a_file_waits() -> None:
    now = NOW.replace(minute=30)
    hours = by_hour(
        [
            (now - timedelta(minutes=20), now - timedelta(minutes=19)),
            (now - timedelta(minutes=10), None),
            (now - timedelta(hours=2), now - timedelta(hours=2) + timedelta(seconds=30)),
            (now - timedelta(hours=9), now),
        ],
        now=now,
        hours=4,
    )
    assert [hour.files for hour in hours] == [0, 1, 0, 2]
    assert [hour.longest for hour in hours] == [None, 30.0, None, 600.0]
    assert hours[-1].median == 330.0
    assert hours[-1].begins == now.replace(minute=0)


def test_members_furthest_behind_come_first_and_those_owing_nothing_last() -> None:
    rows = (
        juror("Zoé", "submitted", "todo"),
        juror("Élise", "conflict", "none"),
        juror("Ada", "todo", "todo"),
        juror("Bob", "submitted", "submitted"),
    )
    assert [row.name for row in behind(Matrix((), rows, None, None))] == ["Ada", "Zoé", "Bob", "Élise"]


def test_jury_of_many_teams_is_not_drawn_as_a_grid() -> None:
    teams = tuple(GradedTeam(UUID(int=n), f"e{n}", f"Équipe {n}", "", UUID(int=n)) for n in range(13))
    assert fits_grid(Matrix(teams[:12], (), None, None))
    assert not fits_grid(Matrix(teams, (), None, None))


def test_words_are_found_without_accents_in_any_order() -> None:
    assert says("eclusiers marie", "Les Éclusiers", "Marie Dupont")
    assert not says("eclusiers paul", "Les Éclusiers", "Marie Dupont")
    assert says("", "anything")


def test_journal_finds_acts_by_word_and_turns_pages(
    browser: FlaskClient, judged: Judged, engine: Engine, at: Callable[[datetime], None]
) -> None:
    at(NOW)
    with transaction(engine) as db:
        for number in range(90):
            act = "open_vote" if number == 45 else "close_jury"
            audit.record(
                db, act, "x", now=NOW + timedelta(seconds=number), actor=judged.organiser.id, edition=judged.edition.id
            )
    first = browser.get("/organise/2025/journal").get_data(as_text=True)
    assert first.count("<tr>") == 41
    assert "page=3" in first
    found = browser.get("/organise/2025/journal?q=vote+DU+public").get_data(as_text=True)
    assert found.count("<tr>") == 2
    none = browser.get("/organise/2025/journal?q=<b>rien").get_data(as_text=True)
    assert "&lt;b&gt;rien" in none


def test_teams_are_found_by_what_they_are_called(browser: FlaskClient, judged: Judged) -> None:
    place = judged.teams["A"].slug + "/status"
    assert place in browser.get("/organise/2025/teams?q=" + judged.teams["A"].name).get_data(as_text=True)
    assert place not in browser.get("/organise/2025/teams?q=introuvable").get_data(as_text=True)


def test_page_of_the_day_draws_waits_only_when_files_came(browser: FlaskClient) -> None:
    page = browser.get("/organise/2025").get_data(as_text=True)
    assert "Aucun fichier reçu depuis six heures" in page


def test_members_come_a_page_at_a_time(browser: FlaskClient, judged: Judged, engine: Engine) -> None:
    with transaction(engine) as db:
        for number in range(15):
            person = make_person(db, f"Membre {number:02}", email=f"j{number}@example.org")
            grant(db, person, "juror", edition=judged.edition.id)
    first = browser.get("/organise/2025/jury/members").get_data(as_text=True)
    assert first.count("Confier la présidence") == 15
    assert "page=2" in first
