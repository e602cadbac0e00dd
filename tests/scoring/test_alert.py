from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from factories import grant, make_edition, make_person, make_submission, make_team
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.catalogue import Catalogue, load_catalogue
from datathon.people import letters
from datathon.people.tables import Letter
from datathon.scoring.alert import PAUSE, tell_organisers, untold
from datathon.scoring.tables import ScoringLog
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission

SECRET = "the answer of row 7 is 42"


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return load_catalogue(Path(__file__).parents[2] / "challenges")


def failed(db: Session, number: int, *, challenge: str = "metiers-secteurs", team: str = "Marée haute") -> Submission:
    row = make_submission(db, make_team(db, team), number=number, state="failed", challenge=challenge)
    db.add(
        ScoringLog(submission_id=row.id, attempt=1, stage="score", code="scorer_error", text=SECRET, at=row.received_at)
    )
    return row


def opened(db: Session) -> None:
    make_edition(db)
    french, english = make_person(db, "Dominique"), make_person(db, "Robin")
    english.language = "en"
    grant(db, french, "organiser")
    grant(db, english, "organiser")
    grant(db, make_person(db, "Jurée"), "juror")
    elsewhere = make_person(db, "Ailleurs")
    make_edition(db, "atelier")
    grant(db, elsewhere, "organiser", edition="atelier")


def test_tell_organisers_of_the_edition_once_in_their_languages(db: Session, known: Catalogue, now: datetime) -> None:
    opened(db)
    failed(db, 3)
    assert tell_organisers(db, known, base_url="https://d.example.org", now=now) == 2
    assert tell_organisers(db, known, base_url="https://d.example.org", now=now + timedelta(days=1)) == 0
    written = {letter.to.split("-")[0]: letter for letter in db.exec(select(Letter))}
    assert set(written) == {"dominique", "robin"}
    assert "par notre faute" in written["dominique"].subject
    assert "n°\u00a03, Marée haute" in written["dominique"].body
    assert "by our fault" in written["robin"].subject
    for letter in written.values():
        assert "https://d.example.org/organise/2025/queue" in letter.body
        assert SECRET not in letter.subject + letter.body


def test_tell_organisers_collects_what_fails_within_the_hour(db: Session, known: Catalogue, now: datetime) -> None:
    opened(db)
    failed(db, 1, team="A")
    tell_organisers(db, known, base_url="", now=now)
    for number in range(2, 32):
        failed(db, number, team=f"B{number}")
    failed(db, 1, team="C", challenge="competences")
    assert tell_organisers(db, known, base_url="", now=now + PAUSE - timedelta(seconds=1)) == 2
    assert tell_organisers(db, known, base_url="", now=now + PAUSE) == 2
    last = db.exec(select(Letter).where(Letter.subject.startswith("30 fichiers"))).one()  # type: ignore[attr-defined]  # a column
    assert "et 10 autres" in last.body
    assert untold(db, now=now + timedelta(days=1)) == ()


def test_tell_organisers_of_a_retry_that_fails_again(db: Session, known: Catalogue, now: datetime) -> None:
    opened(db)
    row = failed(db, 1)
    tell_organisers(db, known, base_url="", now=now)
    row.attempt = 2
    db.flush()
    assert tell_organisers(db, known, base_url="", now=now + PAUSE) == 2


def test_eight_workers_at_once_tell_once(engine: Engine, known: Catalogue, now: datetime) -> None:
    with transaction(engine) as db:
        opened(db)
        failed(db, 1)

    def tell(_: int) -> int:
        with transaction(engine) as db:
            return tell_organisers(db, known, base_url="", now=now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tell, range(8))) == 2
    with reading(engine) as db:
        assert len(db.exec(select(Letter)).all()) == 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_letter_about_one_file_and_about_many(language: str) -> None:
    one = letters.scoring_failed(language, name="N", challenge="C" * 300, files=[(1, "T")], link="L")
    assert len(one.subject) <= 200
    assert "\n" not in one.subject
    assert one.body.count("\n- ") == 1
    many = letters.scoring_failed(language, name="N", challenge="C", files=[(n, "T") for n in range(25)], link="L")
    assert many.body.count("\n- ") == 21
