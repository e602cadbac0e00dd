from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from factories import make_edition, make_score, make_submission, make_team
from sqlmodel import Session

from datathon.editions.catalogue import Catalogue, load_catalogue, load_edition
from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import primary
from datathon.leaderboard.snapshot import refresh
from datathon.scoring.problem import Problem
from datathon.scoring.pulse import NO_WORKER
from datathon.submissions.tables import Submission
from datathon.teams.queries import TeamView, team
from datathon.teams.tables import Team
from datathon.web.participant.logbook import Logbook, best_of, entry_of, logbook, problem_lines
from datathon.web.participant.receipt import receipt, receipt_text
from datathon.web.participant.sample_shape import shape

FOLDER = Path(__file__).parents[3] / "challenges" / "2025"
PRIVATE = 0.7318294


@cache
def _known() -> Catalogue:
    return load_catalogue(FOLDER.parent)


@cache
def _edition() -> Edition:
    return load_edition(FOLDER)


@pytest.fixture
def challenge() -> Challenge:
    found = _edition().challenge("metiers-secteurs")
    assert found is not None
    return found


@pytest.fixture
def crew(db: Session) -> Team:
    make_edition(db)
    return make_team(db)


def _book(db: Session, crew: Team, challenge: Challenge, now: datetime, lang: str = "fr") -> Logbook:
    seen = team(db, crew.id)
    assert isinstance(seen, TeamView)
    return logbook(db, edition=_edition(), challenge=challenge, team=seen, known=_known(), lang=lang, now=now)


def _scored(db: Session, crew: Team | None, number: int, public: float, **named: str) -> Submission:
    row = make_submission(db, crew, number=number, state="scored", **named)  # type: ignore[arg-type]
    make_score(db, row, public=public, private=PRIVATE)
    return row


def test_logbook_compares_with_the_earlier_best_and_the_baseline(
    db: Session, crew: Team, challenge: Challenge, now: datetime
) -> None:
    _scored(db, None, 1, 0.15, baseline="frequences")
    for number, value in ((1, 0.30), (2, 0.28), (3, 0.33)):
        _scored(db, crew, number, value)
    book = _book(db, crew, challenge, now)
    facts = [(e.submission.number, e.value, e.earlier_best, e.better) for e in book.entries]
    assert facts == [(3, 0.33, 1, True), (2, 0.28, 1, False), (1, 0.30, None, False)]
    assert book.entries[0].gain == pytest.approx(0.03)
    assert book.entries[0].over_baseline == pytest.approx(0.18)
    assert (book.best, book.baseline) == (3, 0.15)


def test_logbook_shows_the_rank_of_the_best_only(db: Session, crew: Team, challenge: Challenge, now: datetime) -> None:
    _scored(db, make_team(db, "Autre"), 1, 0.40)
    _scored(db, crew, 1, 0.30)
    _scored(db, crew, 2, 0.20)
    refresh(db, _edition(), challenge, now=now)
    assert [e.rank for e in _book(db, crew, challenge, now).entries] == [None, 2]


def test_logbook_never_holds_a_private_value(db: Session, crew: Team, challenge: Challenge, now: datetime) -> None:
    row = _scored(db, crew, 1, 0.30)
    book = _book(db, crew, challenge, now)
    entry = entry_of(book, row.id)
    assert entry is not None
    proof = receipt(_edition(), challenge, entry)
    assert "0.3" in repr(book)
    assert str(PRIVATE) not in repr(book) + repr(proof) + receipt_text(proof)


def test_logbook_says_how_many_are_ahead_and_that_nobody_works(
    db: Session, crew: Team, challenge: Challenge, now: datetime
) -> None:
    make_submission(db, make_team(db, "Autre"), received_at=now - timedelta(minutes=1))
    make_submission(db, crew, received_at=now)
    book = _book(db, crew, challenge, now)
    assert (book.entries[0].ahead, book.moving, book.trouble) == (1, True, NO_WORKER)


def test_logbook_tag_changes_with_the_state(db: Session, crew: Team, challenge: Challenge, now: datetime) -> None:
    row = make_submission(db, crew)
    before = _book(db, crew, challenge, now).tag("fr")
    assert _book(db, crew, challenge, now + timedelta(seconds=9)).tag("fr") == before
    row.state = "running"
    db.flush()
    assert _book(db, crew, challenge, now).tag("fr") != before


def test_logbook_details_the_newest_and_what_moves(
    db: Session, crew: Team, challenge: Challenge, now: datetime
) -> None:
    make_submission(db, crew, number=1, state="running")
    for number in range(2, 7):
        _scored(db, crew, number, number / 10)
    book = _book(db, crew, challenge, now)
    assert [e.submission.number for e in book.detailed] == [6, 5, 4, 1]
    assert [e.submission.number for e in book.earlier] == [3, 2]


def test_problem_lines_speak_the_language_of_the_page() -> None:
    stored = [Problem("value_type", 214, "naf_62", "0,82", "decimal_point").as_json()]
    (french,), (english,) = problem_lines(stored, "fr"), problem_lines(stored, "en")
    assert (french.line, french.column, french.found) == (214, "naf_62", "0,82")
    assert french.what.startswith("la valeur")
    assert english.what == "the value has the wrong type"
    assert english.expected.startswith("a number with a decimal point")


def test_best_of_equal_values_is_the_earliest(challenge: Challenge) -> None:
    lower = replace(primary(challenge), direction="lower")
    assert (best_of({1: 2.0, 2: 1.0, 3: 1.0}, lower), best_of({}, lower)) == (2, None)


def test_shape_of_the_sample(challenge: Challenge) -> None:
    assert shape(challenge) == (629, 73)
    assert shape(replace(challenge, sample=None)) is None
