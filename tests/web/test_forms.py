"""Every form with something to type: sent wrong, it comes back as it was typed, and each error stands at its field."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from factories import NOW, accept_rules, make_person, make_score, make_submission, make_team
from flask import Flask
from flask.testing import FlaskClient
from judged import AFTERWARDS, GRADES, JURY_TIME, make_judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import select
from web.forms import TYPED, Field, Form, Sheet

from datathon.config import Settings
from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.recuse import recuse
from datathon.jury.tables import Sheet as Sheet_
from datathon.people.tables import Person
from datathon.store.db import make_engine, transaction
from datathon.web import app as application

LONG = "Un texte « trop long » & <b>typé</b> "
WORDS = {"email": "pas-une-adresse", "url": "ftp://nulle part", "password": "court", "datetime-local": "demain"}


@dataclass(frozen=True, slots=True)
class Case:
    """A form: where it is sent, who sends it, from which page, with what besides the wrong words, and when."""

    endpoint: str
    who: str
    page: str
    right: dict[str, str] = field(default_factory=dict)
    at: datetime = JURY_TIME


OPEN = [
    Case("account.register_now", "stranger", "/account/register"),
    Case("account.sign_in_now", "stranger", "/account/sign-in"),
    Case("account.forgotten_now", "stranger", "/account/forgotten"),
    Case("account.confirm_again", "stranger", f"/account/confirm/{'x' * 43}"),
    Case("account.save_details", "newcomer", "/account"),
    Case("account.save_password", "newcomer", "/account"),
    Case("account.erase_now", "newcomer", "/account/erase"),
    Case("participant.create_team", "newcomer", "/e/2025/team", at=NOW),
    Case("participant.rename_team", "captain", "/e/2025/team", at=NOW),
    Case("participant.leave_team", "captain", "/e/2025/team", at=NOW),
    Case("participant.say_mentors", "captain", "/e/2025/team/jury"),
    Case("participant.declare_tie", "captain", "/e/2025/team/jury"),
    Case("participant.submit_file", "captain", "/e/2025/c/metiers-secteurs/submit", at=NOW),
    Case("participant.save_prototype", "captain", "/e/2025/c/competences/prototype", at=NOW),
    Case("jury.declare_conflicts", "juror", "/jury/2025/declare"),
    Case("jury.say_availability", "juror", "/jury/"),
    Case("jury.save_sheet", "judge", "/jury/2025/a"),
    Case("organiser.invite_juror", "organiser", "/organise/2025/jury/members"),
    Case("organiser.declare_conflict", "organiser", "/organise/2025/jury/members"),
    Case("organiser.lift_conflict", "organiser", "/organise/2025/jury/members"),
    Case("organiser.start_comparison", "organiser", "/organise/2025/jury/comparisons"),
    Case("organiser.type_paper", "organiser", "/organise/2025/jury/paper"),
    Case("organiser.close_jury", "organiser", "/organise/2025/jury"),
    Case("organiser.start_rescoring", "organiser", "/organise/2025/rescoring"),
    Case("organiser.set_team_status", "organiser", "/organise/2025/teams/a/status"),
]
PAGE = "/organise/2025/deliberation"
DECIDE = [Case("organiser.deliberate", "organiser", PAGE, at=AFTERWARDS)]
VALIDATE = [Case("organiser.validate_deliberation", "organiser", PAGE, at=AFTERWARDS)]
VALIDATED = [
    Case("organiser.reopen_deliberation", "organiser", PAGE, at=AFTERWARDS),
    Case("organiser.sign", "organiser", f"{PAGE}/minutes", {"medium": "paper", "name": " "}, AFTERWARDS),
    Case("organiser.review_comment", "organiser", "/organise/2025/feedback", {"decision": "withhold"}, AFTERWARDS),
    Case("organiser.publish_ranking", "organiser", "/organise/2025/ranking", at=AFTERWARDS),
]
CONTEST = [Case("participant.contest", "captain", "/e/2025/team/result", at=AFTERWARDS)]
ANSWER = [Case("organiser.decide_appeal", "organiser", "/organise/2025/appeals", {"decision": "refused"}, AFTERWARDS)]
REOPEN = "organiser.reopen_one_sheet"
NOTHING_TYPED = {
    "account.sign_out", "account.confirm_now", "account.save_preferences", "participant.reopen_prototype",
    "participant.withdraw_file", "participant.choose", "participant.claim_brackets", "participant.renew_link",
    "participant.hand_over_team", "participant.join_team", "participant.accept", "jury.confirm_paper", "jury.say_which", "jury.tap",
    "organiser.move_phase", "organiser.retry_submission", "organiser.answer_invitation", "organiser.name_president",
    "organiser.correct_brackets", "organiser.move_comparison", "organiser.erase_person", "organiser.remind_jury",
    "organiser.move_pitches", "organiser.approve_comments", "organiser.cancel_rescoring",
}  # fmt: skip
"""Forms of buttons and ticks only."""
ELSEWHERE = {
    # Sent by a script, or shown only behind a letter, a draw, a corrected file, a vote: tests of their own rooms send them.
    "jury.keep_one", "jury.grade_example", "account.reset_now", "account.accept_jury_invitation", "public.cast_ballot",
    "organiser.share_out", "organiser.apply_rescoring", "organiser.adopt_rubric", "organiser.move_vote", "organiser.vote_codes",
    "organiser.void_vote_codes",
}  # fmt: skip


def writes(form: Form, case: Case) -> bool:
    """Say whether something can be typed or ticked in the form: others of the page may go to the same address."""
    return case.right.get("medium", "") in [""] + [one.value for one in form.fields if one.name == "medium"] and any(
        one.kind in TYPED | {"checkbox"} for one in form.fields
    )


class Clock:
    """The hour that requests read."""

    at = JURY_TIME


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that a test sets."""
    found = Clock()
    monkeypatch.setattr(application, "utcnow", lambda: found.at)
    return found


@dataclass(frozen=True, slots=True)
class World:
    """An application during the jury, and its people."""

    app: Flask
    people: dict[str, Person]

    def browser(self, who: str, language: str) -> FlaskClient:
        """Return a browser of one of the people, or of a stranger."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["lang"] = language
            if who != "stranger":
                person = self.people[who]
                session["_user_id"], session["_fresh"] = f"{person.id}:{person.session_epoch}", True
        return client

    def form(self, page: Sheet, case: Case) -> Form | None:
        """Return the form of a case on its page, None where there is none."""
        known = self.app.url_map.bind("localhost")
        for one in page.forms:
            address = (one.said.get("action") or case.page).split("?")[0]
            if (
                one.said.get("method") == "post"
                and writes(one, case)
                and known.match(address, "POST")[0] == case.endpoint
            ):
                return one
        return None


def wrong(one: Field) -> str:
    """Return what the field must refuse."""
    if one.kind == "select":
        return "nulle-part"
    return WORDS.get(one.kind, LONG * (int(one.said.get("maxlength", 9000)) // len(LONG) + 1))


def hidden(form: Form) -> dict[str, str]:
    """Return what a form sends without anybody's doing."""
    return {one.name: one.value for one in form.fields if one.kind == "hidden" and one.name}


def typed(form: Form, case: Case) -> dict[str, str]:
    """Return the form with wrong words wherever something can be typed, and nothing ticked."""
    given = hidden(form) | {
        one.name: wrong(one) for one in form.fields if one.kind in TYPED and one.name and "readonly" not in one.said
    }
    return given | case.right


def faults(answer_status: int, page: Sheet, sent: dict[str, str]) -> Iterator[str]:
    """Give what is wrong with the answer to a form that was sent wrong."""
    if not 400 <= answer_status < 500:
        yield f"answered {answer_status}"
    if not page.title.startswith({"fr": "Erreur", "en": "Error"}[page.language]):
        yield f"the title is {page.title!r}"
    yield from lost(page, sent)
    yield from untied(page)


def lost(page: Sheet, sent: dict[str, str]) -> Iterator[str]:
    """Give what was typed and is not there any more."""
    shown: dict[str, list[str]] = {}
    for one in page.all:
        if one.kind in TYPED - {"password", "select"}:
            shown.setdefault(one.name, []).append(" ".join(one.value.split()))
    for name, value in sent.items():
        if name in shown and " ".join(value.split()) not in shown[name]:
            yield f"{name} was not kept: {[kept[:40] for kept in shown[name]]}"
    kept = {one.name for one in page.all}
    yield from (f"{name} is gone" for name in sent if name not in kept)


def untied(page: Sheet) -> Iterator[str]:
    """Give the errors that lead to no field, and the fields whose error is nowhere."""
    bad = [one for one in page.all if one.wrong]
    if not bad:
        yield "no field is said to be wrong"
    for one in bad:
        said = [page.words.get(key, "").strip() for key in one.said.get("aria-describedby", "").split()]
        if not page.links.get(one.said.get("id", "")):
            yield f"{one.name}: nothing above the form leads to it"
        if not any(said):
            yield f"{one.name}: nothing tells why it is wrong"


def walk(world: World, clock: Clock, cases: list[Case]) -> list[str]:
    """Send every form wrong, in both languages, and return what is wrong with the answers."""
    found = []
    for case in cases:
        clock.at = case.at
        said = {}
        for language in ("fr", "en"):
            browser = world.browser(case.who, language)
            form = world.form(Sheet(browser.get(case.page).get_data(as_text=True)), case)
            if form is None:
                found.append(f"{case.endpoint} {language}: no such form on {case.page}")
                continue
            sent = typed(form, case)
            answer = browser.post(form.said.get("action") or case.page, data=sent)
            page = Sheet(answer.get_data(as_text=True))
            found += [f"{case.endpoint} {language}: {one}" for one in faults(answer.status_code, page, sent)]
            said[language] = page.words.get("wrong")
        if said.get("fr") and said.get("fr") == said.get("en"):
            found.append(f"{case.endpoint}: the same words in both languages: {said['fr']}")
    return found


@pytest.fixture
def make_world(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> Iterator[Callable[[Callable[[Engine], dict[str, Person]]], World]]:
    """Make an application on a database of its own that a function fills."""
    path = tmp_path / "forms.sqlite3"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")

    def make(fill: Callable[[Engine], dict[str, Person]]) -> World:
        people = fill(engine)
        settings = replace(
            Settings(),
            data_dir=tmp_path,
            database_url=f"sqlite:///{path}",
            challenges_dir=Path(__file__).parents[2] / "challenges",
            secret_key="a secret of the tests, long enough to sign",
            min_free_bytes=0,
        )
        app = application.create_app(settings)
        app.testing = True
        app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        return World(app, people)

    del clock
    yield make
    engine.dispose()


def _during(engine: Engine) -> dict[str, Person]:
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB", jurors=2)
        newcomer, captain = make_person(db, "Alex"), make_person(db, "Camille")
        accept_rules(db, captain)
        accept_rules(db, newcomer)
        make_team(db, "Marée haute", captain=captain, members=(make_person(db, "Dominique"),))
        juror, judge = judged.jurors
        declare(db, edition=judged.edition, juror_id=judge.id, conflicts={}, secrecy=True, now=JURY_TIME)
        recuse(
            db,
            edition=judged.edition,
            juror_id=juror.id,
            team_id=judged.teams["B"].id,
            reason="Ancienne collègue",
            source="team",
            actor=captain.id,
            now=JURY_TIME,
        )
        return {"newcomer": newcomer, "captain": captain, "juror": juror, "judge": judge, "organiser": judged.organiser}


def _after(engine: Engine) -> dict[str, Person]:
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB")
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, score in (("A", 0.5), ("B", 0.4)):
            submit_sheet(db, judged, judged.jurors[0], judged.teams[name], *GRADES[name])
            db.exec(select(Sheet_).where(Sheet_.team_id == judged.teams[name].id)).one().comment_team = "Bravo."
            make_score(db, make_submission(db, judged.teams[name], state="scored"), public=score, private=score)
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        captain = db.get_one(Person, judged.teams["A"].captain_id)
        return {"captain": captain, "judge": judged.jurors[0], "organiser": judged.organiser}


def test_wrong_forms_come_back_as_typed(make_world: Callable[..., World], clock: Clock) -> None:
    assert walk(make_world(_during), clock, OPEN) == []


def test_wrong_forms_after_the_jury_come_back_as_typed(make_world: Callable[..., World], clock: Clock) -> None:
    world = make_world(_after)
    browser = world.browser("organiser", "fr")
    sheet = {"juror": str(world.people["judge"].id), "team": "a"}
    found = walk(world, clock, [Case(REOPEN, "organiser", "/organise/2025/jury/reopen", sheet, AFTERWARDS), *DECIDE])
    assert browser.post(PAGE, data={"version": "0", "rank-a": "1", "rank-b": "2", "present": "1"}).status_code == 303
    found += walk(world, clock, VALIDATE)
    assert browser.post(f"{PAGE}/validate", data={"version": "1", "sure": "1"}).status_code == 303
    found += walk(world, clock, VALIDATED)
    seen = world.form(Sheet(browser.get("/organise/2025/ranking").get_data(as_text=True)), VALIDATED[-1])
    assert seen is not None
    assert browser.post("/organise/2025/ranking", data={"sure": "1"} | hidden(seen)).status_code == 303
    found += walk(world, clock, CONTEST)
    appeal = {"text": "Nos fiches ?"}
    assert world.browser("captain", "fr").post("/e/2025/team/result/appeal", data=appeal).status_code == 303
    found += walk(world, clock, ANSWER)
    assert found == []


def test_no_form_is_forgotten(make_world: Callable[..., World]) -> None:
    app = make_world(lambda _engine: {}).app
    sent = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    walked = {case.endpoint for case in (*OPEN, *DECIDE, *VALIDATE, *VALIDATED, *CONTEST, *ANSWER)}
    assert sent == walked | {REOPEN} | NOTHING_TYPED | ELSEWHERE
