from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine
from sqlmodel import select

from datathon.editions.rules import Example
from datathon.jury.calibrate import calibrate
from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.freeze import freeze
from datathon.jury.queries import sheet
from datathon.jury.tables import ConflictOfInterest, Sheet
from datathon.people.tables import Person
from datathon.store.db import reading, transaction

FULL = {
    "mark-needs": "17",
    "mark-quality": "21,5",
    "mark-transfer": "14",
    "mark-sobriety": "7",
    "mark-security": "6",
    "mark-clarity": "7",
    "comment_team": "Le parcours est convaincant.",
    "comment_private": "Comparer avec l’Atlas.",
}


@pytest.fixture
def browser(at: Callable[[datetime], None], judged: Judged, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """The first juror's browser during the jury."""
    at(JURY_TIME)
    return sign_in(judged.jurors[0])


def declared(engine: Engine, judged: Judged, *teams: str) -> None:
    with transaction(engine) as db:
        declare(
            db,
            edition=judged.edition,
            juror_id=judged.jurors[0].id,
            conflicts={judged.teams[name].id: "" for name in teams},
            secrecy=True,
            now=JURY_TIME,
        )


def kept(engine: Engine, judged: Judged, team: str = "A") -> tuple[dict[str, float], str, int]:
    with reading(engine) as db:
        view = sheet(db, edition=judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams[team].id)
    return dict(view.marks), view.state, view.version


def test_home_leads_to_the_sheet_to_grade_next(browser: FlaskClient, judged: Judged, engine: Engine) -> None:
    assert 'class="btn main" href="/jury/2025/' not in browser.get("/jury/").get_data(as_text=True).replace(
        "declare", ""
    )
    declared(engine, judged, "A")
    page = browser.get("/jury/").get_data(as_text=True)
    # Everybody begins elsewhere.
    assert any(f'class="btn main" href="/jury/2025/{judged.teams[name].slug}"' in page for name in "BC")
    assert f'href="/jury/2025/{judged.teams["A"].slug}"' not in page


def test_home_asks_for_the_declaration_first(browser: FlaskClient) -> None:
    page = browser.get("/jury/").get_data(as_text=True)
    assert "vos conflits d’intérêts" in page
    assert "/jury/2025/declare" in page
    assert "/jury/2025/a" not in page


def test_sheet_before_the_declaration_leads_to_it(browser: FlaskClient) -> None:
    answer = browser.get("/jury/2025/a")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jury/2025/declare")


def test_declaration_opens_the_sheets_and_keeps_conflicts_out(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    answer = browser.post(
        "/jury/2025/declare", data={"team": ["b"], "reason-b": "A encadré un stage.", "sincere": "1", "secrecy": "1"}
    )
    assert answer.status_code == 303
    with reading(engine) as db:
        row = db.exec(select(ConflictOfInterest)).one()
    assert (row.team_id, row.reason) == (judged.teams["B"].id, "A encadré un stage.")
    assert browser.get("/jury/2025/a").status_code == 200
    assert browser.get("/jury/2025/b").status_code == 403
    assert browser.post("/jury/2025/b", data=FULL).status_code in {403, 404}


def test_declaration_without_the_confirmation_keeps_what_was_ticked(browser: FlaskClient) -> None:
    answer = browser.post("/jury/2025/declare", data={"team": ["b"], "reason-b": "A encadré un stage."})
    assert answer.status_code == 422
    assert "A encadré un stage." in answer.get_data(as_text=True)


def test_draft_is_kept_and_shown_again(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    declared(engine, judged)
    answer = browser.post("/jury/2025/a", data={"mark-needs": "17,5", "version": "0", "do": "draft"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jury/2025/a")
    assert kept(engine, judged) == ({"needs": 17.5}, "draft", 1)
    page = browser.get("/jury/2025/a").get_data(as_text=True)
    assert 'value="17,5"' in page
    assert "Reste 5 critères" in page


def test_submit_with_every_mark_counts(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    declared(engine, judged)
    answer = browser.post("/jury/2025/a", data={**FULL, "version": "0", "do": "submit"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jury/")
    marks, state, version = kept(engine, judged)
    assert (sum(marks.values()), state, version) == (72.5, "submitted", 1)


def test_submit_with_a_blank_is_kept_as_a_draft_and_says_so(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    answer = browser.post(
        "/jury/2025/a", data={**FULL, "mark-clarity": "", "version": "0", "do": "submit"}, follow_redirects=True
    )
    assert "un critère n’a pas de note" in answer.get_data(as_text=True)
    assert kept(engine, judged)[1] == "draft"


def test_mark_that_does_not_fit_is_refused_and_stays_on_the_page(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    answer = browser.post("/jury/2025/a", data={**FULL, "mark-needs": "25", "version": "0", "do": "draft"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="25"' in page
    assert "entre 0 et 20" in page
    assert "Le parcours est convaincant." in page
    assert kept(engine, judged) == ({}, "draft", 0)


def test_stale_page_shows_both_and_saving_again_keeps_one_s_own(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    browser.post("/jury/2025/a", data={**FULL, "version": "0", "do": "draft"})
    mine = {**FULL, "mark-needs": "12", "comment_team": "Mon autre texte."}
    answer = browser.post("/jury/2025/a", data={**mine, "version": "0", "do": "draft"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'value="12"' in page
    assert "enregistré ailleurs : 17" in page.replace("\u00a0", " ")
    assert "Mon autre texte." in page
    assert "Le parcours est convaincant." in page
    assert 'name="version" value="1"' in page
    assert kept(engine, judged)[0]["needs"] == 17
    assert browser.post("/jury/2025/a", data={**mine, "version": "1", "do": "draft"}).status_code == 303
    assert kept(engine, judged)[0]["needs"] == 12


def test_sheet_after_the_jury_closed_can_be_read_and_not_changed(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    browser.post("/jury/2025/a", data={**FULL, "version": "0", "do": "draft"})
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    answer = browser.post("/jury/2025/a", data={**FULL, "mark-needs": "1", "version": "1", "do": "draft"})
    assert answer.status_code == 409
    assert kept(engine, judged)[0]["needs"] == 17
    page = browser.get("/jury/2025/a").get_data(as_text=True)
    assert "Le jury a été clos" in page
    assert 'name="do"' not in page


def test_sheet_never_shows_another_juror_s_marks(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    declared(engine, judged)
    with transaction(engine) as db:
        db.add(
            Sheet(
                edition_id="2025",
                challenge_id="competences",
                team_id=judged.teams["A"].id,
                juror_id=judged.jurors[1].id,
                marks={"needs": 13.5},
                comment_private="Secret de l’autre",
                updated_at=JURY_TIME,
            )
        )
    for address in ("/jury/", "/jury/2025/a", "/jury/2025/declare"):
        page = browser.get(address).get_data(as_text=True)
        assert "13,5" not in page
        assert "Secret de l’autre" not in page


@pytest.mark.parametrize("address", ["/jury/", "/jury/2025/declare", "/jury/2025/a", "/jury/atelier/a"])
def test_pages_are_for_the_jury_of_the_edition(
    client: FlaskClient, judged: Judged, sign_in: Callable[[Person], FlaskClient], address: str
) -> None:
    assert client.get(address).status_code in {303, 404}
    assert sign_in(judged.organiser).get(address).status_code in {403, 404}


def test_pages_speak_english(browser: FlaskClient, engine: Engine, judged: Judged) -> None:
    declared(engine, judged)
    page = browser.get("/jury/2025/a?lang=en").get_data(as_text=True)
    assert "The rubric, out of 100" in page
    assert "Answer to the territory’s needs" in page


def test_low_mark_without_its_comment_is_said_beside_the_comment(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    rubric = judged.edition.rubric
    assert rubric is not None
    first = replace(rubric.criteria[0], comment_below=5.0, weight=40.0)
    with transaction(engine) as db:
        freeze(
            db,
            replace(judged.edition, rubric=replace(rubric, criteria=(first, *rubric.criteria[1:]))),
            now=JURY_TIME,
        )
    page = browser.get("/jury/2025/a").get_data(as_text=True)
    assert "Sous 5, un commentaire pour l’équipe est obligatoire." in page
    assert "sur 20, vaut 40 points" in page
    assert 'data-worth="2.0"' in page
    low = {**FULL, "mark-needs": "4,5", "comment_team": " ", "do": "submit", "version": "0"}
    refused = browser.post("/jury/2025/a", data=low)
    said = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'aria-describedby="comment_team-h comment_team-e"' in said
    assert 'value="4,5"' in said
    assert browser.post("/jury/2025/a", data={**low, "comment_team": "Besoin absent."}).status_code == 303
    assert "64,5" in browser.get("/jury/").get_data(as_text=True)


def test_example_comes_before_the_sheets_and_shows_the_others_afterwards(
    browser: FlaskClient, engine: Engine, judged: Judged
) -> None:
    declared(engine, judged)
    rubric = judged.edition.rubric
    assert rubric is not None
    example = Example({"fr": "Exemple de la carte"}, {"fr": "Un texte."})
    with transaction(engine) as db:
        edition = replace(judged.edition, rubric=replace(rubric, calibration=example))
        freeze(db, edition, now=JURY_TIME)
        other = judged.jurors[1]
        declare(db, edition=edition, juror_id=other.id, conflicts={}, secrecy=True, now=JURY_TIME)
        marks = {"needs": 3.0, "quality": 15, "transfer": 10, "sobriety": 5, "security": 5, "clarity": 5}
        calibrate(db, edition=edition, windows=judged.windows(db), juror_id=other.id, marks=marks, now=JURY_TIME)
    url = "/jury/2025/example/sheet"
    assert browser.get("/jury/2025/a").headers["Location"] == url
    assert "/jury/2025/a" not in browser.get("/jury/").get_data(as_text=True)
    assert "Toutes les notes" not in browser.get(url).get_data(as_text=True)
    form = {k: v for k, v in FULL.items() if k.startswith("mark-")}
    refused = browser.post(url, data={**form, "mark-needs": "", "mark-quality": "31"})
    assert (refused.status_code, 'value="31"' in refused.get_data(as_text=True)) == (422, True)
    blank = browser.post(url, data={**form, "mark-needs": ""})
    assert (blank.status_code, 'id="e-needs"' in blank.get_data(as_text=True)) == (422, True)
    page = browser.post(url, data=form, follow_redirects=True).get_data(as_text=True)
    assert "3 · <b>17</b>" in page
    assert browser.post(url, data=form).status_code == 409
    assert browser.get("/jury/2025/a").status_code == 200
