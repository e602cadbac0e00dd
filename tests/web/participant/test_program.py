"""The submit page of a challenge that asks for a program."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from factories import grant, make_person
from flask.testing import FlaskClient
from sandboxed import REPOSITORY
from sqlalchemy import Engine, update
from sqlmodel import col, select
from web.participant.crew import Crew

from datathon.config import Settings
from datathon.kernel.clock import utcnow
from datathon.people.tables import Person
from datathon.scoring import pulse
from datathon.scoring.problem import Problem
from datathon.scoring.tables import DoctorReport
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission

PAGE = "/e/2025/c/metiers-secteurs/submit"
PROGRAM = b"def predict(input_dir):\n    return {}\n"
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The edition of 2025 in which one challenge asks for programs."""
    folder = tmp_path / "challenges"
    shutil.copytree(REPOSITORY / "challenges" / "2025", folder / "2025")
    with (folder / "2025" / "metiers-secteurs" / "challenge.toml").open("a") as file:
        file.write("\n[program]\nmax_bytes = 5_000\nlimits = { cpu_s = 40, wall_s = 80, memory_mb = 700 }\n")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def member(crew: Crew, sign_in: SignIn) -> FlaskClient:
    return sign_in(crew.captain)


def send(member: FlaskClient, content: bytes, name: str = "main.py", key: str = "form-1") -> int:
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    body = b'--edge\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + key.encode() + b"\r\n--edge\r\n"
    body += head.encode() + content + b"\r\n--edge--\r\n"
    return member.post(PAGE, data=body, content_type="multipart/form-data; boundary=edge").status_code


def rows(engine: Engine) -> list[Submission]:
    with reading(engine) as db:
        return list(db.exec(select(Submission).order_by(col(Submission.number))))


def test_page_says_what_a_program_is_and_has(member: FlaskClient) -> None:
    page = member.get(PAGE).text
    for said in ("Votre programme", "predict(input_dir)", "sample_submission.csv", "scikit-learn", "40 s de processeur",
                 'accept=".py,.zip', 'data-limit="5000"', "ni réseau"):  # fmt: skip
        assert said in page.replace("\u202f", " ").replace("\u00a0", " "), said
    assert "data-precheck" not in page


def test_page_says_it_in_english(member: FlaskClient) -> None:
    page = member.get(PAGE, query_string={"lang": "en"}, follow_redirects=True).text
    assert "Your program" in page


@pytest.mark.parametrize(("content", "name"), [(PROGRAM, "main.py"), (b"PK\x03\x04" + bytes(40), "x.csv")])
def test_program_is_received_and_given_back_as_one(
    member: FlaskClient, engine: Engine, content: bytes, name: str
) -> None:
    assert send(member, content, name) == 303
    (row,) = rows(engine)
    given = member.get(f"/e/2025/c/metiers-secteurs/submissions/{row.id}/file")
    assert given.data == content
    assert given.headers["Content-Disposition"] == "attachment; filename=metiers-secteurs-1.py"
    receipt = member.get(f"/e/2025/c/metiers-secteurs/submissions/{row.id}/receipt.json").json
    assert receipt is not None
    assert receipt["kind"] == "program"
    assert "Programme" in member.get(f"/e/2025/c/metiers-secteurs/submissions/{row.id}").text


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"\x89PNG\r\n\x1a\n" + bytes(9), 422), (b"x\0y", 422), (b"%PDF-1.7", 422), (b"", 422), (b"#" * 5_001, 413)],
)
def test_what_cannot_be_a_program_is_not_taken(
    member: FlaskClient, engine: Engine, content: bytes, status: int
) -> None:
    assert send(member, content) == status
    assert rows(engine) == []


@pytest.mark.parametrize(("problem", "said", "not_said"), [
    (Problem("program_error", 3, None, "ZeroDivisionError: division by zero", "no_error", {"file": "main.py"}),
     "aucune erreur dans main.py", "est allé à son terme"),
    (Problem("value_range", 3, None, "7", "between", {"low": 0.0, "high": 1.0}), "est allé à son terme", "aucune erreur"),
])  # fmt: skip
def test_refusal_says_whether_its_lines_are_the_program_s(
    member: FlaskClient, engine: Engine, problem: Problem, said: str, not_said: str
) -> None:
    send(member, PROGRAM)
    (row,) = rows(engine)
    with transaction(engine) as db:
        changes = {"state": "rejected", "code": problem.code, "problems": [problem.as_json()]}
        db.exec(update(Submission).where(col(Submission.id) == row.id).values(**changes))
    page = member.get(f"/e/2025/c/metiers-secteurs/submissions/{row.id}").text
    assert said in page
    assert not_said not in page
    assert member.get(PAGE).status_code == 200


def test_visitors_read_that_a_program_is_asked_for(client: FlaskClient) -> None:
    page = client.get("/e/2025/c/metiers-secteurs").text
    assert "Les équipes déposent un programme" in page


def test_program_that_this_machine_may_not_run_says_so_to_team_and_organisers(
    member: FlaskClient, engine: Engine, sign_in: SignIn
) -> None:
    with transaction(engine) as db:
        organiser = make_person(db, "Orga")
        grant(db, organiser, "organiser")
        for name, kind in (("w", pulse.WORKER), ("w scorer", pulse.SCORER)):
            pulse.beat(db, name, kind, now=utcnow())
        db.add(DoctorReport(at=utcnow(), worker="w", level="container", report={"boot": "b"}))
    send(member, PROGRAM)
    (row,) = rows(engine)
    for address in (PAGE, f"/e/2025/c/metiers-secteurs/submissions/{row.id}"):
        page = member.get(address).text
        assert "ce défi demande un bac à sable de niveau" in page
        assert "fichiers devant" not in page
    organiser_s = sign_in(organiser)
    for address in ("/organise/2025", "/organise/2025/queue"):
        assert "ce défi demande un bac à sable de niveau" in organiser_s.get(address).text
    with transaction(engine) as db:
        db.add(DoctorReport(at=utcnow(), worker="w", level="full", report={"boot": "c"}))
    assert "demande un bac à sable" not in member.get(PAGE).text
