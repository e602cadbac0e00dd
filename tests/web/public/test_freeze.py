"""While boards are frozen nothing public moves, whatever is scored; what organisers reveal is there at once."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, grant, make_person, make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import col, select
from web.public.conftest import BOARD

from datathon.config import Settings
from datathon.editions.move_phase import move_phase
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Landed, Touched
from datathon.leaderboard.veil import hold
from datathon.people.tables import Person
from datathon.scoring.tables import ChallengeBasis, Rescoring
from datathon.store.db import transaction
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team
from datathon.web.guards import guard_of

FREEZE = NOW - timedelta(minutes=30)
PHASE = """
[[phases]]
id = "freeze"
kind = "freeze"
title = { fr = "Classement gelé", en = "Board frozen" }
opens = { day = 15, at = "11:30" }
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The edition of 2025 with a freeze half an hour ago."""
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + PHASE, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def before(engine: Engine, draw: Callable[..., None]) -> None:
    """Scores from before the freeze, and the board as the freeze found it."""
    with transaction(engine) as db:
        for row in db.exec(select(Submission)):
            row.received_at = FREEZE - timedelta(hours=1)
            db.add(row)
    draw()


def _land(app: Flask, value: float, at: datetime) -> None:
    """A file of the second team, received at an instant, gets its score as a worker writes it."""
    found = app.extensions["datathon"]
    edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
    with transaction(found.engine) as db:
        team = db.exec(select(Team).where(Team.name == "Cap Cotentin")).one()
        row = make_submission(db, team, number=2, state="scored", received_at=at)
        make_score(db, row, public=value, private=value)
        refresh(db, edition, challenge, now=NOW, change=Landed(row.id))


def public_addresses(app: Flask, line: str = "cap-cotentin") -> list[str]:
    """Return every address that anybody may open and that names nothing but the edition and its challenge."""
    found = []
    for rule in app.url_map.iter_rules():
        guard = guard_of(app.view_functions[rule.endpoint])
        if guard is None or guard.name != "anyone" or "GET" not in (rule.methods or ()):
            continue
        values = {"edition": "2025", "challenge": "metiers-secteurs", "line": line}
        if rule.arguments <= set(values):
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            if address == "/" or address.startswith("/e/"):  # elsewhere forms have a token of their own
                found.append(address)
    return sorted(found)


def _answers(client: FlaskClient, addresses: list[str]) -> dict[str, tuple[object, ...]]:
    seen = {}
    for address in addresses:
        answer = client.get(address)
        client.delete_cookie("datathon")
        # Cookies and what is left of a brake are the asker's own, and the hour is the hour.
        own = ("Set-Cookie", "X-RateLimit", "Retry-After", "Date")
        headers = [(name, value) for name, value in answer.headers if not name.startswith(own)]
        seen[address] = (answer.status_code, headers, answer.data)
    return seen


@pytest.mark.usefixtures("before")
def test_no_public_answer_moves_while_boards_are_frozen(client: FlaskClient, app: Flask) -> None:
    addresses = public_addresses(app)
    assert {BOARD, BOARD + ".json", BOARD + ".csv", "/e/2025"} <= set(addresses)
    first = _answers(client, addresses)
    assert "Ce classement est gelé" in first[BOARD][2].decode()
    _land(app, 0.9, FREEZE)
    second = _answers(client, addresses)
    assert [address for address in addresses if first[address] != second[address]] == []


@pytest.mark.usefixtures("before")
def test_score_of_a_file_from_before_the_freeze_still_counts(client: FlaskClient, app: Flask) -> None:
    _land(app, 0.9, FREEZE - timedelta(seconds=1))
    assert client.get(BOARD + ".json").get_json()["rows"][0]["score"] == 0.9


@pytest.mark.usefixtures("before")
def test_organisers_reveal_by_ending_the_freeze(
    client: FlaskClient, app: Flask, engine: Engine, draw: Callable[..., None], now: datetime
) -> None:
    _land(app, 0.9, FREEZE + timedelta(minutes=5))
    assert client.get(BOARD + ".json").get_json()["rows"][0]["team"] == "Marée haute"
    with transaction(engine) as db:
        organiser = make_person(db)
        grant(db, organiser, "organiser")
        move_phase(
            db,
            edition=app.extensions["datathon"].catalogue.editions["2025"],
            phase="freeze",
            state="closed",
            person_id=organiser.id,
            now=now,
        )
    draw(now + timedelta(seconds=1))
    board = client.get(BOARD + ".json").get_json()
    assert (board["rows"][0]["team"], board["frozen"], "veiled" in board) == ("Cap Cotentin", False, False)


def _withdraw_the_best_file(app: Flask) -> None:
    found = app.extensions["datathon"]
    edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
    with transaction(found.engine) as db:
        team = db.exec(select(Team).where(Team.name == "Marée haute")).one()
        best = db.exec(select(Submission).where(Submission.team_id == team.id)).one()
        hold(db, edition, now=NOW)
        best.state = "withdrawn"
        db.flush()
        refresh(db, edition, challenge, now=NOW, change=Touched(team.id))


def _set(app: Flask, **what: str) -> None:
    """Change a team of the board as nobody announces it; the keeper looks afterwards."""
    found = app.extensions["datathon"]
    edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
    with transaction(found.engine) as db:
        team = db.exec(select(Team).where(col(Team.slug) != "maree-haute")).one()
        for name, value in what.items():
            setattr(team, name, value)
    with transaction(found.engine) as db:
        refresh(db, edition, challenge, now=NOW)


def _score_again(app: Flask) -> None:
    """A campaign is applied: every record and the version shown change, a note is written."""
    found = app.extensions["datathon"]
    edition, challenge = found.catalogue.editions["2025"], found.catalogue.challenge("2025", "metiers-secteurs")
    with transaction(found.engine) as db:
        campaign = Rescoring(
            edition_id="2025",
            challenge_id="metiers-secteurs",
            state="applied",
            reason="Référence corrigée",
            from_basis="a",
            to_basis="b",
            started_at=NOW,
            ended_at=NOW,
            note_fr="Tout est réévalué.",
        )
        db.add(campaign)
        db.flush()
        for row in db.exec(select(Submission).where(Submission.state == "scored")).all():
            # The records that were there stay beside the new ones.
            row.attempt += 1
            score = make_score(db, row, public=0.777, private=0.777)
            score.basis, score.rescoring_id = "b", campaign.id
        db.add(
            ChallengeBasis(edition_id="2025", challenge_id="metiers-secteurs", present="c", shown="b", noticed_at=NOW)
        )
        db.flush()
        refresh(db, edition, challenge, now=NOW)


def _declare_ineligible(app: Flask) -> None:
    """An organiser does it with the form of the team's page."""
    with transaction(app.extensions["datathon"].engine) as db:
        person = make_person(db)
        grant(db, person, "organiser")
        known = f"{person.id}:{person.session_epoch}"
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"], session["_fresh"] = known, True
    form = {"before": "active", "status": "ineligible", "reason": "Deux membres siègent au jury."}
    assert browser.post("/organise/2025/teams/maree-haute/status", data=form).status_code == 303


MEANWHILE: dict[str, Callable[[Flask], None]] = {
    "a file is withdrawn": _withdraw_the_best_file,
    "a team is disqualified": lambda app: _set(app, status="ineligible"),
    "a team withdraws": lambda app: _set(app, status="withdrawn"),
    "a team leaves the competition": lambda app: _set(app, status="out_of_competition"),
    "a team is renamed": lambda app: _set(app, name="Grande marée 7f3a", slug="grande-maree-7f3a", town="Bayeux"),
    "everything is scored again": _score_again,
    "organisers declare a team ineligible": _declare_ineligible,
}


@pytest.mark.usefixtures("before")
def test_no_public_answer_moves_whatever_organisers_and_teams_do_meanwhile(client: FlaskClient, app: Flask) -> None:
    addresses = [*public_addresses(app), BOARD + "?q=mar", BOARD + "/team/maree-haute"]
    assert {BOARD + "/team/cap-cotentin", BOARD + "/card", BOARD + "/screen", BOARD + ".atom"} <= set(addresses)
    first = _answers(client, addresses)
    assert [first[address][0] for address in addresses if address.startswith(BOARD)].count(404) == 0
    for what, act in MEANWHILE.items():
        act(app)
        second = _answers(client, addresses)
        assert [(what, address) for address in addresses if first[address] != second[address]] == []


@pytest.mark.usefixtures("before")
def test_everything_that_happened_meanwhile_shows_at_the_reveal(
    client: FlaskClient, app: Flask, engine: Engine, draw: Callable[..., None], now: datetime
) -> None:
    _withdraw_the_best_file(app)
    _set(app, status="ineligible")
    _land(app, 0.9, FREEZE + timedelta(minutes=5))
    with transaction(engine) as db:
        edition = app.extensions["datathon"].catalogue.editions["2025"]
        organiser = make_person(db)
        grant(db, organiser, "organiser")
        move_phase(db, edition=edition, phase="freeze", state="closed", person_id=organiser.id, now=now)
    draw(now + timedelta(seconds=1))
    board = client.get(BOARD + ".json").get_json()
    assert [row["team"] for row in board["rows"]] == ["frequency"]
    assert board["unranked"] == [{"team": "Cap Cotentin", "reason": "ineligible"}]
    assert client.get(BOARD + "/team/maree-haute").status_code == 404


@pytest.mark.usefixtures("before")
def test_clock_that_went_back_does_not_reveal_a_frozen_board(
    client: FlaskClient, app: Flask, draw: Callable[..., None], at: Callable[[datetime], None]
) -> None:
    first = client.get(BOARD + ".json").data
    _land(app, 0.9, FREEZE + timedelta(minutes=5))
    at(FREEZE - timedelta(minutes=10))
    draw(FREEZE - timedelta(minutes=10))
    assert client.get(BOARD + ".json").data == first
    assert "0,9000" not in client.get(BOARD + "/team/cap-cotentin").get_data(as_text=True)


def test_board_is_held_as_it_stood_before_the_first_change_after_the_freeze(
    client: FlaskClient, app: Flask, engine: Engine, draw: Callable[..., None]
) -> None:
    """Nobody looked at the board between the freeze and a withdrawal: what was shown before stays."""
    with transaction(engine) as db:
        for row in db.exec(select(Submission)):
            row.received_at = FREEZE - timedelta(hours=1)
            db.add(row)
    draw(FREEZE - timedelta(minutes=1))
    rows = client.get(BOARD + ".json").get_json()["rows"]
    _withdraw_the_best_file(app)
    _land(app, 0.9, FREEZE)
    found = client.get(BOARD + ".json").get_json()
    assert (found["rows"], found["veiled"], found["frozen"]) == (rows, True, True)


LIVE = "/organise/2025/boards/metiers-secteurs"


@pytest.mark.usefixtures("before")
def test_organisers_alone_see_what_the_freeze_hides(
    app: Flask, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    _land(app, 0.9, FREEZE)
    _set(app, name="Pointe du Hoc")
    with transaction(engine) as db:
        db.exec(select(Team).where(Team.slug == "maree-haute")).one().status = "ineligible"
        organiser = make_person(db)
        grant(db, organiser, "organiser")
    client = sign_in(organiser)
    page = client.get(LIVE).get_data(as_text=True)
    assert "Vu par l’organisation seulement" in page
    assert page.index("Pointe du Hoc") < page.index("Marée haute")
    assert "tout le monde lit\u202f: Cap Cotentin" in page or "tout le monde lit\u00a0: Cap Cotentin" in page
    assert "non éligible, sur décision de l’organisation" in page
    assert LIVE in client.get(BOARD).get_data(as_text=True)
    assert LIVE not in app.test_client().get(BOARD).get_data(as_text=True)
    assert client.get("/organise/2025/boards/competences").status_code == 404
    assert client.get("/organise/2025/boards").status_code == 200
