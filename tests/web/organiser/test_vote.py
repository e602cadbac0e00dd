"""The public vote on the web: cards, ballots, secrecy, and what it gives to the published ranking."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from factories import make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, submit_sheet
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.publication.verify.compare import verify
from datathon.store.db import transaction

OURS, THEIRS = "/organise/2025/jury/vote", "/e/2025/vote"
VOTE = '\n[vote]\nchallenge = "competences"\nweight = 10\nmost = 1\ntarget = 0.5\n'


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + VOTE, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Two teams graded and scored, A ahead; the jury is still open."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB")
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, score in (("A", 0.5), ("B", 0.4)):
            submit_sheet(db, judged, judged.jurors[0], judged.teams[name], *GRADES[name])
            submission = make_submission(db, judged.teams[name], state="scored")
            make_score(db, submission, public=score, private=score)
        return judged


def read(client: FlaskClient, address: str) -> str:
    return client.get(address).get_data(as_text=True)


def codes(browser: FlaskClient, number: int) -> list[str]:
    sheet = browser.post(f"{OURS}/codes", data={"number": str(number)}).get_data(as_text=True)
    found = re.findall(r"<b>([0-9A-Z]{4}-[0-9A-Z]{4})</b>", sheet)
    assert len(found) == number
    return found


def press(browser: FlaskClient, do: str, **more: str) -> int:
    version = re.search(r'name="version" value="(\d+)"', read(browser, OURS))
    assert version is not None
    return browser.post(OURS, data={"do": do, "version": version[1], **more}).status_code


def test_visitors_vote_and_the_published_ranking_counts_it(
    judged: Judged, browser: FlaskClient, app: Flask, at: Callable[[datetime], None], engine: Engine
) -> None:
    visitor = app.test_client()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    early = read(visitor, THEIRS)
    assert "pas encore ouvert" in early
    assert "Prototype A" not in early
    cards = codes(browser, 4)
    assert cards[0] not in read(browser, OURS)
    assert press(browser, "open") == 303
    assert "Prototype A" in read(visitor, THEIRS)
    wrong = visitor.post(THEIRS, data={"code": "AAAA-AAAA", "choice": "b"})
    said = wrong.get_data(as_text=True)
    assert (wrong.status_code, "Ce code est inconnu" in said, 'value="AAAA-AAAA"' in said) == (422, True, True)
    assert 'value="b" checked' in said
    many = visitor.post(THEIRS, data={"code": cards[0], "choice": ["a", "b"]})
    assert (many.status_code, "2 choisis, 1 au plus" in many.get_data(as_text=True)) == (422, True)
    for card in cards[:3]:
        sent = visitor.post(THEIRS, data={"code": card, "choice": "b"})
        assert (sent.status_code, "Votre bulletin est déposé" in sent.get_data(as_text=True)) == (200, True)
        assert card not in sent.get_data(as_text=True)
    assert "a déjà servi" in visitor.post(THEIRS, data={"code": cards[0], "choice": "a"}).get_data(as_text=True)
    visitor.post(THEIRS, data={"code": cards[3], "choice": "a"})
    assert "4 bulletins reçus" in read(browser, OURS)
    at(AFTERWARDS)
    assert "laisse de côté" in read(browser, "/organise/2025/ranking")
    assert f'href="{OURS}"' in read(browser, "/organise/2025"), "the page of the day sends to a vote left open"
    assert press(browser, "close") == 303
    assert "vote" not in json.loads(read(browser, "/organise/2025/ranking.json"))
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    assert "En tête" in read(browser, "/organise/2025/deliberation")
    assert "le vote du public" in read(browser, "/organise/2025/sensitivity")
    ranking = read(browser, "/organise/2025/ranking")
    assert "vote du public 9,09" in ranking
    seen = re.search(r'name="seen" value="(\w+)"', ranking)
    assert seen is not None
    assert browser.post("/organise/2025/ranking", data={"sure": "1", "seen": seen[1]}).status_code == 303
    content = visitor.get("/e/2025/results.json").data
    assert verify(content).difference is None
    results = json.loads(content)
    assert results["vote"]["frozen"]["weight"] * 11 == results["vote"]["frozen"]["whole"]
    assert results["vote"]["counts"] == {"a": 1, "b": 3}
    assert {row["team"]: row["scores"]["vote"] for row in results["ranking"]} == {"a": 50.0, "b": 100.0}
    public = read(visitor, "/e/2025/results")
    for said in ("Bulletins qui nomment chaque équipe", "Figé à l’ouverture du vote", "la part des bulletins du vote"):
        assert said in public
    why = read(visitor, "/e/2025/results/b")
    assert ("V. Vote du public" in why, "du vote du public." in why) == (True, True)
    assert "est clos" in read(visitor, THEIRS)


def test_lost_sheet_is_made_void_and_its_cards_say_so(judged: Judged, browser: FlaskClient, app: Flask) -> None:
    del judged
    visitor = app.test_client()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    cards = codes(browser, 12)
    press(browser, "open")
    visitor.post(THEIRS, data={"code": cards[0], "choice": "b"})
    bare = browser.post(f"{OURS}/void", data={"sheet": "1", "why": "Volée au comptoir."})
    said = bare.get_data(as_text=True)
    assert (bare.status_code, "Choisissez ce que deviennent" in said, "Volée au comptoir." in said) == (422, True, True)
    sent = {"sheet": "1", "why": "Volée au comptoir.", "ballots": "removed"}
    assert browser.post(f"{OURS}/void", data=sent).status_code == 303
    page = read(browser, OURS)
    assert "un bulletin a été retiré" in page
    assert "ses bulletins ont été retirés" in page
    refused = visitor.post(THEIRS, data={"code": cards[1], "choice": "b"})
    assert (refused.status_code, "Cette carte est annulée" in refused.get_data(as_text=True)) == (422, True)
    assert browser.post(f"{OURS}/void", data=sent | {"sheet": "9"}).status_code == 404
    assert re.search(r"feuille n°\s2", browser.post(f"{OURS}/codes", data={"number": "1"}).get_data(as_text=True))
    assert re.search(r"Feuille n°\s1 de codes de vote annulée", read(browser, "/organise/2025/journal"))


def test_reopening_asks_for_a_reason_and_pages_say_so(judged: Judged, browser: FlaskClient) -> None:
    del judged
    assert press(browser, "close") == 409
    assert press(browser, "open") == 303
    assert press(browser, "close") == 303
    assert "reste secret" in read(browser, OURS)
    assert press(browser, "reopen") == 422
    assert press(browser, "reopen", reason="Fermé trop tôt.") == 303
    assert browser.post(f"{OURS}/codes", data={"number": "x"}).status_code == 422
