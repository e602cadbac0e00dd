from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from factories import grant, make_edition, make_person, make_score, make_submission
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import PhaseState
from datathon.jury.declare import declare
from datathon.jury.tables import JuryClosing
from datathon.people.tables import Letter, Person
from datathon.publication.queries import publications
from datathon.scoring.tables import ScoringLog, WorkerPulse
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Prototype, Submission

PAGES = ("", "/phases", "/queue", "/jury", "/ranking", "/teams", "/letters", "/journal")


def graded(engine: Engine, judged: Judged) -> None:
    """Score and grade both teams, scores in the real challenge's metric."""
    with transaction(engine) as db:
        for juror in judged.jurors:
            declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
        for (name, team), value in zip(judged.teams.items(), (0.31, 0.4), strict=True):
            submission = make_submission(db, team, state="scored")
            make_score(db, submission, public=0.2, private=value)
            for juror in judged.jurors:
                submit_sheet(db, judged, juror, team, *GRADES[name])


@pytest.mark.parametrize("page", PAGES)
def test_page_of_an_empty_edition_opens(browser: FlaskClient, page: str) -> None:
    assert browser.get(f"/organise/2025{page}").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_page_is_for_the_organisers_of_the_edition(
    client: FlaskClient, engine: Engine, judged: Judged, sign_in: Callable[[Person], FlaskClient], page: str
) -> None:
    with transaction(engine) as db:
        neighbour = make_person(db, "Organisatrice d’ailleurs")
        make_edition(db, "atelier")
        grant(db, neighbour, "organiser", edition="atelier")
    assert client.get(f"/organise/2025{page}").status_code == 303
    assert sign_in(neighbour).get(f"/organise/2025{page}").status_code == 403
    assert sign_in(judged.jurors[0]).get(f"/organise/2025{page}").status_code == 403


def test_home_lists_the_editions_one_organises(browser: FlaskClient) -> None:
    page = browser.get("/organise/").get_data(as_text=True)
    assert 'href="/organise/2025"' in page
    assert "/organise/atelier" not in page


def test_today_says_what_needs_attention(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        make_submission(db, judged.teams["A"], state="failed")
        make_submission(db, judged.teams["B"], number=2, state="received", received_at=JURY_TIME - timedelta(minutes=5))
        db.add(WorkerPulse(name="w", kind="worker", seen_at=JURY_TIME))
        db.add(
            Letter(
                edition_id="2025", to="a@example.org", subject="Objet", body="x", state="failed", written_at=JURY_TIME
            )
        )
    page = browser.get("/organise/2025").get_data(as_text=True)
    for sentence in (
        "Un dépôt attend depuis",
        "Un dépôt est en échec, sans faute de son équipe",
        "Un courrier n’est pas parti",
        "2 membres du jury n’ont pas déclaré leurs conflits d’intérêts",
        "Il manque 4 fiches du jury",
    ):
        assert sentence in page


def test_today_without_a_worker_says_so(browser: FlaskClient) -> None:
    page = browser.get("/organise/2025?lang=en").get_data(as_text=True)
    assert "No worker is running." in page


def test_phase_closed_by_hand_is_closed_and_given_back(
    browser: FlaskClient, engine: Engine, judged: Judged, at: Callable[[datetime], None]
) -> None:
    def state(now: datetime) -> tuple[PhaseState, bool]:
        with reading(engine) as db:
            window = next(w for w in windows_of(db, judged.edition, now=now) if w.phase.id == "submissions")
        return window.state, window.overridden

    assert browser.post("/organise/2025/phases/submissions", data={"state": "closed"}).status_code == 303
    assert state(JURY_TIME) == (PhaseState.CLOSED, True)
    at(JURY_TIME + timedelta(minutes=1))
    assert browser.post("/organise/2025/phases/submissions", data={"state": "calendar"}).status_code == 303
    assert state(JURY_TIME + timedelta(minutes=1)) == (PhaseState.OPEN, False)
    assert browser.post("/organise/2025/phases/submissions", data={"state": "ajar"}).status_code == 422
    assert browser.post("/organise/2025/phases/harvest", data={"state": "open"}).status_code == 404


def test_log_page_shows_the_reading_and_keeps_the_comparison_private(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    with transaction(engine) as db:
        row = make_submission(db, judged.teams["A"], state="failed")
        row.code = "scorer_error"
        for stage, text in {"parse": "ligne lue 17", "score": "étiquette 0.7318294"}.items():
            db.add(
                ScoringLog(submission_id=row.id, attempt=1, stage=stage, code="scorer_error", text=text, at=JURY_TIME)
            )
    assert f"/organise/2025/queue/{row.id}" in browser.get("/organise/2025/queue").get_data(as_text=True)
    page = browser.get(f"/organise/2025/queue/{row.id}").get_data(as_text=True)
    assert "ligne lue 17" in page
    assert "0.7318294" not in page
    assert f"datathon submission log {row.id}" in page


def test_retry_puts_a_failed_submission_back(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    with transaction(engine) as db:
        row = make_submission(db, judged.teams["A"], state="failed")
    assert browser.post(f"/organise/2025/queue/{row.id}/retry").status_code == 303
    with reading(engine) as db:
        again = db.get_one(Submission, row.id)
        assert (again.state, again.attempt) == ("received", 2)
    assert browser.post(f"/organise/2025/queue/{row.id}/retry").status_code == 409


def test_jury_is_closed_once_with_a_confirmation(browser: FlaskClient, engine: Engine) -> None:
    assert browser.post("/organise/2025/jury/close").status_code == 422
    assert browser.post("/organise/2025/jury/close", data={"sure": "1"}).status_code == 303
    page = browser.post("/organise/2025/jury/close", data={"sure": "1"}, follow_redirects=True)
    assert "Le jury était déjà clos, le 3 décembre" in page.get_data(as_text=True).replace("\u00a0", " ")
    with reading(engine) as db:
        assert db.exec(select(JuryClosing.closed_at)).one() == JURY_TIME


def test_ranking_shows_no_mark_and_no_hidden_score_before_everything_closed(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    graded(engine, judged)
    page = browser.get("/organise/2025/ranking").get_data(as_text=True)
    assert "Le jury n’est pas encore clos." in page
    assert "0,31" not in page
    assert "76,00" not in page
    assert browser.get("/organise/2025/ranking.json").status_code == 409


def test_ranking_is_previewed_then_published(
    browser: FlaskClient, engine: Engine, judged: Judged, at: Callable[[datetime], None]
) -> None:
    graded(engine, judged)
    browser.post("/organise/2025/jury/close", data={"sure": "1"})
    at(AFTERWARDS)
    page = browser.get("/organise/2025/ranking").get_data(as_text=True)
    assert "76,00" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert browser.post("/organise/2025/ranking", data={"seen": seen}).status_code == 422
    assert browser.post("/organise/2025/ranking", data={"seen": "other", "sure": "1"}).status_code == 409
    assert browser.post("/organise/2025/ranking", data={"seen": seen, "sure": "1"}).status_code == 303
    with reading(engine) as db:
        (published,) = publications(db, "2025")
        assert [p.public for p in db.exec(select(Prototype))] == [True, True]
        assert "publish_ranking" in {entry.act for entry in db.exec(select(AuditEntry))}
    assert [row["rank"] for row in published.results["ranking"]] == [1, 2]
    assert published.by == judged.organiser.name
    after = browser.get("/organise/2025/ranking").get_data(as_text=True)
    assert "Ce qui est publié est ce qui figure ci-dessus." in after
    assert 'name="seen"' not in after


def test_teams_page_holds_addresses_for_organisers(browser: FlaskClient) -> None:
    assert "mailto:referente-a" in browser.get("/organise/2025/teams").get_data(as_text=True)


def test_letters_show_no_body(browser: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        db.add(Letter(edition_id="2025", to="a@example.org", subject="Objet", body="lien secret", written_at=JURY_TIME))
    page = browser.get("/organise/2025/letters").get_data(as_text=True)
    assert "Objet" in page
    assert "lien secret" not in page


def test_teams_page_shows_the_quota_of_a_team_with_its_reasons(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    team = next(iter(judged.teams.values()))
    with transaction(engine) as db:
        for number, state in enumerate(["scored", "rejected", "failed", "received"], start=1):
            make_submission(db, team, number=number, state=state)
    assert f"?quota={team.slug}#quota" in browser.get("/organise/2025/teams").text
    page = browser.get(f"/organise/2025/teams?quota={team.slug}").text
    for said in ("le dépôt est utilisé", "refusé\u202f: le dépôt est rendu", "en échec par notre faute", "\u22121"):
        assert said in page
    assert "Utilisés en tout" not in browser.get("/organise/2025/teams?quota=nobody").text
