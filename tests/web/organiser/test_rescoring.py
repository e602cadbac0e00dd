"""The organisers' pages of a rescoring: what is due, start, preview, apply, cancel; and what the teams then read."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import make_score, make_submission
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import select

from datathon.editions.catalogue import load_edition
from datathon.leaderboard.snapshot import refresh
from datathon.publication.tables import PublishedRanking
from datathon.scoring.basis import PARTS, Basis
from datathon.scoring.notice import notice
from datathon.scoring.tables import Rescoring, RescoringItem, Score
from datathon.store.db import reading, transaction

OLD = Basis("sha256:old", dict.fromkeys(PARTS, "1"))
NEW = Basis("sha256:new", {**dict.fromkeys(PARTS, "1"), "reference": "2"})
WHERE = {"edition_id": "2025", "challenge_id": "metiers-secteurs"}
PRIVATE = 0.7318294
URL = "/organise/2025/rescoring"


@pytest.fixture
def changed(engine: Engine, judged: Judged) -> None:
    """Both teams have a score; then the reference changes."""
    with transaction(engine) as db:
        for (_name, team), public in zip(judged.teams.items(), (0.3, 0.2), strict=True):
            row = make_submission(db, team, state="scored")
            make_score(db, row, public=public, private=PRIVATE).basis = OLD.digest
        db.flush()
        for basis in (OLD, NEW):
            notice(db, **WHERE, basis=basis, now=JURY_TIME - timedelta(hours=1))


def worked(engine: Engine) -> None:
    """Do what the workers do: the order of the teams turns round."""
    with transaction(engine) as db:
        campaign = db.exec(select(Rescoring).where(Rescoring.state == "running")).one()
        values = {0.3: 0.1, 0.2: 0.25}
        for item in db.exec(select(RescoringItem).where(RescoringItem.rescoring_id == campaign.id)).all():
            item.state = "scored"
            if item.submission_id is None:
                item.truth_values = {part: {"lrap": 1.0} for part in ("public", "private", "all")}
                continue
            old = db.exec(select(Score).where(Score.submission_id == item.submission_id)).one()
            new = old.model_dump() | {
                "id": campaign.id if item.score_id else item.id,
                "public": {"lrap": values[old.public["lrap"]]},
                "rescoring_id": campaign.id,
                "basis": NEW.digest,
            }
            db.add(Score(**new))
            item.score_id = item.id
        campaign.state = "ready"


def text(answer: FlaskClient | object) -> str:
    return answer.get_data(as_text=True)


def start(browser: FlaskClient, **more: object) -> str:
    answer = browser.post(URL, data={"challenge": "metiers-secteurs", "reason": "Deux étiquettes inversées.", **more})
    assert answer.status_code == 303, text(answer)
    return answer.headers["Location"]


@pytest.mark.usefixtures("changed")
def test_change_is_urgent_on_the_page_of_the_day_and_leads_to_the_campaign(browser: FlaskClient) -> None:
    page = text(browser.get("/organise/2025"))
    assert "des scores de deux versions" in page
    assert "les données de référence" in page
    assert f'href="{URL}"' in page
    assert "2 scores ont été calculés avant" in text(browser.get(URL))


@pytest.mark.usefixtures("changed")
def test_campaign_shows_before_and_after_without_any_hidden_score(browser: FlaskClient, engine: Engine) -> None:
    page = start(browser)
    assert "0 dépôts réévalués sur 2" in text(browser.get(page))
    worked(engine)
    shown = text(browser.get(page))
    assert "Prête à appliquer" in shown
    for said in (
        "0,30",
        "0,10",
        "0,25",
        "Deux étiquettes inversées",
        "2 scores modifiés",
        "2 ranks changed",
    ):
        assert said in shown
    assert str(PRIVATE) not in shown
    assert "0,731" not in shown


@pytest.mark.usefixtures("changed")
def test_apply_moves_the_board_and_publishes_the_edited_note(
    browser: FlaskClient, engine: Engine, at: Callable[[datetime], None]
) -> None:
    page = start(browser)
    worked(engine)
    assert browser.post(f"{page}/apply", data={"note_fr": "x"}).status_code == 422
    sent = {"sure": "1", "note_fr": "Deux étiquettes étaient inversées.", "note_en": "Two labels were swapped."}
    assert browser.post(f"{page}/apply", data=sent).status_code == 303
    again = browser.post(f"{page}/apply", data=sent)
    assert (again.status_code, "déjà terminée" in text(again)) == (409, True)
    assert "Deux étiquettes étaient inversées" in text(browser.get(page))
    at(JURY_TIME + timedelta(minutes=5))
    board = "/e/2025/c/metiers-secteurs/leaderboard"
    assert "Deux étiquettes étaient inversées." in text(browser.get(board))
    english = text(browser.get(f"{board}?lang=en"))
    assert "Two labels were swapped." in english
    rows = browser.get(f"{board}.json").get_json()["rows"]
    assert [(row["rank"], row["team"], row["score"]) for row in rows] == [(1, "B", 0.25), (2, "A", 0.1)]
    with reading(engine) as db:
        assert len(db.exec(select(Score)).all()) == 4


@pytest.mark.usefixtures("changed")
def test_cancel_leaves_the_scores(browser: FlaskClient, engine: Engine) -> None:
    page = start(browser)
    worked(engine)
    assert browser.post(f"{page}/cancel").status_code == 303
    assert "Annulée" in text(browser.get(page))
    with reading(engine) as db:
        assert [one.state for one in db.exec(select(Rescoring))] == ["cancelled"]


@pytest.mark.usefixtures("changed")
def test_board_says_that_newer_scores_wait(browser: FlaskClient, engine: Engine, judged: Judged, app) -> None:
    edition = load_edition(app.extensions["datathon"].settings.challenges_dir / "2025")
    with transaction(engine) as db:
        row = make_submission(db, judged.teams["A"], state="scored", number=2)
        make_score(db, row, public=0.9, private=PRIVATE).basis = NEW.digest
        db.flush()
        refresh(db, edition, edition.challenge("metiers-secteurs"), now=JURY_TIME)
    page = text(browser.get("/e/2025/c/metiers-secteurs/leaderboard"))
    assert "L’évaluation de ce défi a changé." in page
    assert "0,9000" not in page


def test_published_edition_offers_no_rescoring(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    assert 'name="reason"' in text(browser.get(URL))
    with transaction(engine) as db:
        db.add(
            PublishedRanking(
                edition_id="2025", version=1, published_at=JURY_TIME, published_by=judged.organiser.id, results={}
            )
        )
    page = text(browser.get(URL))
    assert "les scores restent tels qu’annoncés" in page
    assert 'name="reason"' not in page


def test_start_without_a_reason_or_for_another_challenge_is_refused(browser: FlaskClient) -> None:
    assert browser.post(URL, data={"challenge": "competences", "reason": "x"}).status_code == 404
    assert browser.post(URL, data={"challenge": "metiers-secteurs", "reason": " "}).status_code == 422
    assert browser.post(URL, data={"challenge": "metiers-secteurs", "reason": "x"}).status_code == 409
