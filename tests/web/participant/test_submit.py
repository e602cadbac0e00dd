import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from factories import make_score, make_submission
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select
from web.participant.crew import Crew

from datathon.config import Settings
from datathon.people.tables import Person
from datathon.scoring.problem import Problem
from datathon.store.db import reading, transaction
from datathon.submissions.rules import FREE_PER_HOUR
from datathon.submissions.tables import FinalChoice, Submission
from datathon.teams.tables import Team

PAGE = "/e/2025/c/metiers-secteurs/submit"
CSV = b"job,naf_01\nm0001,0.5\n"
ALOUD = re.compile(r'role="status" id="landed">\s*(.*?)\s*</p>', re.DOTALL)
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def member(crew: Crew, sign_in: SignIn) -> FlaskClient:
    return sign_in(crew.captain)


def _send(member: FlaskClient, content: bytes = CSV, *, key: str = "form-1", **fields: str) -> Any:
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}' for n, v in {"key": key, **fields}.items()]
    head = 'Content-Disposition: form-data; name="file"; filename="predictions.csv"\r\nContent-Type: text/csv\r\n\r\n'
    opened = "".join(f"--edge\r\n{part}\r\n" for part in parts) + f"--edge\r\n{head}"
    # Encoded by hand: the test client would leave a temporary file of its own open for a large one.
    body = opened.encode() + content + b"\r\n--edge--\r\n"
    return member.post(PAGE, data=body, content_type="multipart/form-data; boundary=edge")


def _rows(engine: Engine) -> list[Submission]:
    with reading(engine) as db:
        return list(db.exec(select(Submission).order_by(Submission.number)))  # type: ignore[arg-type]  # a column at run time


def test_submit_keeps_the_file_and_goes_to_the_logbook(member: FlaskClient, engine: Engine) -> None:
    answer = _send(member, message="syllabes")
    (row,) = _rows(engine)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#logbook")
    assert (row.state, row.message, row.size_bytes) == ("received", "syllabes", len(CSV))
    page = member.get(PAGE).text
    assert "Dépôt 1" in page
    assert "hx-get" in page
    given = member.get(f"/e/2025/c/metiers-secteurs/submissions/{row.id}/file")
    assert (given.data, given.headers["Content-Disposition"]) == (CSV, "attachment; filename=metiers-secteurs-1.csv")


def test_submit_twice_in_a_double_click(member: FlaskClient, engine: Engine) -> None:
    assert [_send(member).status_code for _ in range(2)] == [303, 303]
    assert len(_rows(engine)) == 1


def test_file_that_is_not_taken_leaves_no_bytes(member: FlaskClient, engine: Engine, settings: Settings) -> None:
    sent = [f"{n}".encode() for n in range(40)]
    answers = [_send(member, content, key=f"form-{n}").status_code for n, content in enumerate(sent)]
    taken = {row.digest for row in _rows(engine)}
    assert 0 < len(taken) < len(sent)
    assert answers.count(303) == len(taken)
    # The same bytes as before, not taken this time, stay with whoever handed them in first.
    assert _send(member, sent[0], key="again").status_code != 303
    assert {path.name for path in settings.files_dir.rglob("*") if path.is_file()} == taken


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [(b"", 422, "Le fichier est vide"), (b"x" * 20_000_001, 413, "Le fichier dépasse")],
)
def test_submit_what_cannot_be_taken_keeps_what_was_typed(
    member: FlaskClient, engine: Engine, content: bytes, status: int, said: str
) -> None:
    answer = _send(member, content, message="mes notes")
    assert answer.status_code == status
    assert said in answer.text
    assert 'value="mes notes"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert _rows(engine) == []


def test_submit_without_a_file(member: FlaskClient) -> None:
    answer = member.post(PAGE, data={"message": "mes notes"})
    assert answer.status_code == 422
    assert "Choisissez le fichier" in answer.text


def test_submit_after_the_deadline_says_when_it_was(
    member: FlaskClient, engine: Engine, at: Callable[[datetime], None]
) -> None:
    at(datetime(2025, 12, 5, 17, 0, 0, tzinfo=UTC))
    answer = _send(member)
    assert answer.status_code == 409
    assert "5 décembre 2025, 18 h 00, heure de Paris" in answer.text.replace("\u202f", " ").replace("\xa0", " ")
    assert _rows(engine) == []


def test_submit_page_says_what_came_back_and_why(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    with transaction(engine) as db:
        team = db.get_one(Team, crew.team_id)
        for number, state in enumerate(["scored", "rejected", "rejected", "failed", "withdrawn"], start=1):
            make_submission(db, team, number=number, state=state)
    french = member.get(PAGE).text
    assert "1 dépôt utilisé sur" in french
    for said in (
        "2 fichiers refusés n’ont rien coûté",
        "1 fichier en échec par notre faute vous a été rendu",
        "1 fichier retiré avant son score",
    ):
        assert said in french


def test_submit_too_many_refused_files_keeps_what_was_typed(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    with transaction(engine) as db:
        team = db.get_one(Team, crew.team_id)
        for number in range(1, FREE_PER_HOUR + 1):
            make_submission(db, team, number=number, state="rejected")
    answer = _send(member, message="encore un essai")
    assert answer.status_code == 409
    assert "Déposez le prochain après" in answer.text
    assert 'value="encore un essai"' in answer.text
    assert len(_rows(engine)) == FREE_PER_HOUR


def test_submit_over_the_quota_says_when_it_is_renewed(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    with transaction(engine) as db:
        for number in range(1, 6):
            make_submission(db, db.get_one(Team, crew.team_id), number=number, state="scored")
    answer = _send(member)
    assert answer.status_code == 409
    assert "21 novembre 2025, 0 h 00, heure de Paris" in answer.text.replace("\u202f", " ").replace("\xa0", " ")
    assert len(_rows(engine)) == 5


def test_submit_on_a_disk_that_is_full(member: FlaskClient, engine: Engine, settings: Any) -> None:
    (settings.data_dir / "files").write_text("not a folder")
    answer = _send(member, message="mes notes")
    assert answer.status_code == 503
    assert 'value="mes notes"' in answer.text
    assert _rows(engine) == []


def test_submit_by_who_has_no_team(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    answer = _send(sign_in(crew.stranger))
    assert answer.status_code == 403
    assert "Créez une équipe" in answer.text
    assert _rows(engine) == []


def test_submit_by_who_did_not_accept_the_rules(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    member = sign_in(crew.stranger)
    member.post(f"/e/2025/join/{crew.invitation}", data={"rules": "0"})
    assert member.get(f"/e/2025/join/{crew.invitation}").status_code == 200
    assert _send(member).status_code == 403
    assert _rows(engine) == []


def test_logbook_part_is_given_once_until_something_changes(member: FlaskClient, engine: Engine) -> None:
    _send(member)
    part = member.get(f"{PAGE}/logbook")
    again = member.get(f"{PAGE}/logbook", headers={"If-None-Match": part.headers["ETag"]})
    assert (part.status_code, again.status_code) == (200, 304)
    assert "hx-swap-oob" in part.text
    assert ALOUD.findall(part.text) == [""]
    with transaction(engine) as db:
        row = db.exec(select(Submission)).one()
        row.state, row.finished_at = "scored", row.received_at
        make_score(db, row, public=0.3391, private=0.7318294)
    after = member.get(f"{PAGE}/logbook", headers={"If-None-Match": part.headers["ETag"]})
    assert after.status_code == 200
    assert ALOUD.findall(after.text) == ["Dépôt 1\u00a0: évalué, 0,3391"]
    assert "every 2s" not in after.text
    assert "7318294" not in after.text


def _submission(engine: Engine, crew: Crew, state: str = "scored") -> UUID:
    with transaction(engine) as db:
        row = make_submission(db, db.get_one(Team, crew.team_id), state=state)
        if state == "scored":
            make_score(db, row, public=0.3391, private=0.7318294)
        return row.id


def test_final_choice_is_recorded_and_limited(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    one = _submission(engine, crew)
    page = "/e/2025/c/metiers-secteurs/final"
    assert member.post(page, data={"chosen": str(one)}).status_code == 303
    with reading(engine) as db:
        assert [c.submission_id for c in db.exec(select(FinalChoice))] == [one]
    assert "checked" in member.get(page).text
    assert member.post(page, data={"chosen": "not-a-key"}).status_code == 404


def test_withdraw_takes_it_off(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    one = _submission(engine, crew)
    address = f"/e/2025/c/metiers-secteurs/submissions/{one}"
    assert "Le retirer définitivement" in member.get(address).text
    assert member.post(f"{address}/withdraw").status_code == 303
    assert _rows(engine)[0].state == "withdrawn"
    assert member.post(f"{address}/withdraw").status_code == 409


def test_submission_of_another_team_is_nowhere(crew: Crew, sign_in: SignIn, engine: Engine) -> None:
    one = _submission(engine, crew)
    member = sign_in(crew.stranger)
    for tail in ("", "/file", "/receipt.json"):
        assert member.get(f"/e/2025/c/metiers-secteurs/submissions/{one}{tail}").status_code in {403, 404}


def test_receipt_is_a_file_without_private_values(member: FlaskClient, crew: Crew, engine: Engine) -> None:
    one = _submission(engine, crew)
    address = f"/e/2025/c/metiers-secteurs/submissions/{one}"
    proof = member.get(f"{address}/receipt.json")
    assert proof.get_json()["sha256"] == "a" * 64
    assert proof.get_json()["public"] == {"lrap": 0.3391}
    assert "attachment" in proof.headers["Content-Disposition"]
    text = member.get(f"{address}/receipt.txt").text
    assert "sha256: " + "a" * 64 in text
    page = member.get(address).text
    assert "7318294" not in page + text + proof.text
    assert member.get(f"{address}/receipt.exe").status_code == 404


@pytest.mark.parametrize(("lang", "count", "more"), [
    ("fr", "attendu : 8 erreurs.", "et 6 de plus de cette sorte"), ("en", "8 errors found", "and 6 more of this kind"),
])  # fmt: skip
def test_refusal_counts_the_faults_that_are_not_listed(
    crew: Crew, engine: Engine, sign_in: SignIn, lang: str, count: str, more: str
) -> None:
    first = Problem("value_range", 2, "naf_01", "1.5", "between", {"low": 0, "high": 1})
    second = Problem("id_unknown", 3, "job", "1004", "id_zeros", {"id": "01004", "more": 6})
    with transaction(engine) as db:
        row = make_submission(db, db.get_one(Team, crew.team_id), state="rejected")
        row.problems = [first.as_json(), second.as_json()]
        db.add(row)
    page = sign_in(crew.captain).get(f"{PAGE}?lang={lang}").text
    assert count in page.replace("\u202f", " ").replace("\xa0", " ")
    assert more in page
    assert "01004" in page


def test_journal_lists_a_few_faults_of_a_file_and_leads_to_all(crew: Crew, engine: Engine, sign_in: SignIn) -> None:
    faults = [Problem("value_range", n, "naf_01", "1.5", "between", {"low": 0, "high": 1}) for n in range(2, 22)]
    with transaction(engine) as db:
        row = make_submission(db, db.get_one(Team, crew.team_id), state="rejected")
        row.problems = [one.as_json() for one in faults]
        db.add(row)
        key = row.id
    client = sign_in(crew.captain)
    page = client.get(PAGE).text
    assert (page.count("naf_01</code>"), "15 autres erreurs dans ce fichier" in page) == (5, True)
    whole = client.get(f"/e/2025/c/metiers-secteurs/submissions/{key}").text
    assert (whole.count("naf_01</code>"), "autres erreurs dans ce fichier" in whole) == (20, False)
