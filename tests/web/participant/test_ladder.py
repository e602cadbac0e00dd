"""A challenge with a ladder as its team and everybody else see it: the value of a file that did not move it is nowhere."""

import array
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import NOW, make_score, make_submission
from flask.testing import FlaskClient
from sqlalchemy import Engine
from web.participant.crew import Crew

from datathon.config import Settings
from datathon.editions.catalogue import load_catalogue
from datathon.leaderboard.final import final_scores
from datathon.leaderboard.ladder import follow_ladders, scored_change
from datathon.leaderboard.snapshot import refresh
from datathon.scoring import losses
from datathon.scoring.outcome import Losses
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

HERE = "/e/2025/c/metiers-secteurs"
N = 20
FILES = {1: 0.60, 2: 0.650123, 3: 0.65, 4: 0.85}
"""Public values. The second stays below the noise: two other rows are wrong."""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    challenges = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", challenges / "2025")
    with (challenges / "2025" / "metiers-secteurs" / "challenge.toml").open("a", encoding="utf-8") as file:
        file.write('\n[leaderboard]\nmode = "ladder"\n')
    return replace(settings, challenges_dir=challenges)


def wrong(number: int) -> list[float]:
    rows = {1: range(8), 2: (3, 4, 5, 6, 7, 10, 11), 3: range(1, 8), 4: range(5, 8)}[number]
    return [float(row in rows) for row in range(N)]


@pytest.fixture
def climbed(engine: Engine, settings: Settings, crew: Crew) -> dict[int, Submission]:
    """Four files of the worked example, scored as a worker does; the ladder shows .60, .60, .65, .85."""
    known = load_catalogue(settings.challenges_dir)
    edition, challenge = known.editions["2025"], known.challenge("2025", "metiers-secteurs")
    assert challenge is not None
    made = {}
    with transaction(engine) as db:
        team = db.get_one(Team, crew.team_id)
        for number, public in FILES.items():
            at = NOW - timedelta(hours=5 - number)
            row = make_submission(db, team, number=number, state="scored", received_at=at)
            score = make_score(db, row, public=public, private=0.5)
            kept = Losses("rest", array.array("d", wrong(number)).tobytes(), bytes(N))
            score.losses_digest = losses.keep(losses.store(settings), kept)
            db.add(score)
            db.flush()
            change = scored_change(db, settings, known, row, "scored")
            refresh(db, edition, challenge, now=NOW, change=change)
            made[number] = row
    return made


def pages(client: FlaskClient, files: dict[int, Submission]) -> dict[str, str]:
    addresses = [f"{HERE}/submit", f"{HERE}/leaderboard", f"{HERE}/leaderboard.json", f"{HERE}/leaderboard.csv",
                 f"{HERE}/leaderboard/team/maree-haute", f"{HERE}/final", "/e/2025/team", HERE, f"{HERE}/leaderboard.atom",
                 f"{HERE}/submissions/{files[2].id}", f"{HERE}/submissions/{files[2].id}/receipt.json"]  # fmt: skip
    answers = {address: client.get(address) for address in addresses}
    assert {address: answer.status_code for address, answer in answers.items() if answer.status_code != 200} == {}
    return {address: answer.get_data(as_text=True) for address, answer in answers.items()}


def test_score_that_stays_below_the_noise_is_nowhere(
    client: FlaskClient, sign_in, crew: Crew, climbed: dict[int, Submission], now: datetime
) -> None:
    del now
    found = pages(sign_in(crew.captain), climbed)
    for address, page in found.items():
        assert "650123" not in page, address
        assert "0,6501" not in page, address
        assert "0.6501" not in page, address
    board = found[f"{HERE}/leaderboard"]
    assert "0,850" in board
    assert "dépasse son meilleur de plus que le bruit" in board
    assert "0,600" in found[f"{HERE}/submissions/{climbed[2].id}"]
    assert "reste où il était" in found[f"{HERE}/submissions/{climbed[2].id}"]
    assert '"lrap": 0.6' in found[f"{HERE}/submissions/{climbed[2].id}/receipt.json"]
    assert "dépasse son meilleur" in found[HERE]
    assert "This challenge has a ladder" in client.get(f"{HERE}?lang=en").get_data(as_text=True)


def test_withdrawn_best_leaves_the_board_to_the_step_before_it(
    client: FlaskClient, engine: Engine, settings: Settings, climbed: dict[int, Submission], crew: Crew
) -> None:
    known = load_catalogue(settings.challenges_dir)
    challenge = known.challenge("2025", "metiers-secteurs")
    assert challenge is not None
    with transaction(engine) as db:
        db.get_one(Submission, climbed[4].id).state = "withdrawn"
        db.flush()
        refresh(db, known.editions["2025"], challenge, now=NOW)
    assert client.get(f"{HERE}/leaderboard.json").get_json()["rows"][0]["score"] == pytest.approx(0.65)
    # Nothing is left to follow, and without a choice the file that stands on the board counts in the end.
    follow_ladders(settings, engine, known)
    with reading(engine) as db:
        assert final_scores(db, known.editions["2025"], challenge)[crew.team_id].number == 3


def test_file_behind_one_that_waits_has_no_answer_yet(
    engine: Engine, settings: Settings, crew: Crew, climbed: dict[int, Submission], sign_in
) -> None:
    with transaction(engine) as db:
        db.get_one(Submission, climbed[3].id).state = "running"
    follow_ladders(settings, engine, load_catalogue(settings.challenges_dir))
    browser = sign_in(crew.captain)
    page = browser.get(f"{HERE}/submissions/{climbed[4].id}").get_data(as_text=True)
    assert "attend encore" in page
    assert browser.get(f"{HERE}/final").status_code == 200
    assert browser.get(f"{HERE}/leaderboard.json").get_json()["rows"][0]["score"] == pytest.approx(0.6)
