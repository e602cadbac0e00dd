from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from factories import make_edition, make_submission, make_team
from sqlalchemy import Engine, event
from sqlmodel import select

from datathon.editions.catalogue import Catalogue, load_catalogue
from datathon.editions.rules import Moment, Phase, PhaseKind, Window
from datathon.editions.windows import windows
from datathon.scoring import pulse
from datathon.scoring.claim import claim
from datathon.scoring.line import HORIZON, is_urgent, line, waiting
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission

CLOSES = datetime(2025, 12, 5, 17, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return load_catalogue(Path(__file__).parents[2] / "challenges")


def order(engine: Engine, known: Catalogue, at: datetime) -> list[tuple[str, int]]:
    """Return who is next, as edition and number of the team's file."""
    with reading(engine) as db:
        found = waiting(db, known, now=at)
    return [(one.edition, place) for place, one in enumerate(found)]


def crowd(engine: Engine, now: datetime, count: int, name: str = "Gourmande") -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db, name)
        for number in range(1, count + 1):
            make_submission(db, team, number=number, received_at=now + timedelta(seconds=number))


def take(engine: Engine, known: Catalogue, at: datetime, worker: str) -> str:
    """Do what a worker does that is free: claim who is next; return the team's name."""
    with reading(engine) as db:
        found = waiting(db, known, now=at)
    for one in found:
        with transaction(engine) as db:
            if claim(db, one.id, attempt=one.attempt, worker=worker, lease_s=30, now=at):
                return str(one.team)
    return ""


def test_a_newcomer_is_taken_next_whatever_a_greedy_team_has_waiting(
    engine: Engine, known: Catalogue, now: datetime
) -> None:
    crowd(engine, now, HORIZON + 20)
    greedy = {take(engine, known, now, f"w{number}") for number in range(4)}
    with transaction(engine) as db:
        newcomer = make_team(db, "Nouvelle")
        row = make_submission(db, newcomer, received_at=now + timedelta(hours=1))
    with reading(engine) as db:
        assert line(db, known, now=now).ahead(row.id) == 0
    assert take(engine, known, now, "w5") == str(newcomer.id)
    assert {take(engine, known, now, "w6")} == greedy


def test_who_waits_beyond_the_horizon_has_no_place_yet(engine: Engine, known: Catalogue, now: datetime) -> None:
    crowd(engine, now, HORIZON)
    with transaction(engine) as db:
        team = make_team(db, "Autre")
        later = [now + timedelta(days=1, seconds=n) for n in range(2)]
        rows = [make_submission(db, team, number=n, received_at=at).id for n, at in enumerate(later)]
        last = db.exec(select(Submission.id).where(Submission.number == HORIZON)).one()
    with reading(engine) as db:
        found = line(db, known, now=now)
    assert len(found.order) == HORIZON
    assert [found.ahead(key) for key in (*rows, last)] == [1, 3, None]
    assert found.wait_s(last) is None


def test_line_tells_a_wait_from_what_files_of_the_challenge_took(
    engine: Engine, known: Catalogue, now: datetime
) -> None:
    crowd(engine, now, 4)
    with transaction(engine) as db:
        team = make_team(db, "Autre")
        for number, seconds in enumerate((9, 10, 11), start=1):
            done = make_submission(db, team, number=number, state="scored")
            done.started_at, done.finished_at = now, now + timedelta(seconds=seconds)
        pulse.beat(db, "w1", pulse.WORKER, now=now)
        pulse.beat(db, "w2", pulse.WORKER, now=now)
    with reading(engine) as db:
        found = line(db, known, now=now)
    assert (found.workers, dict(found.service_s)) == (2, {"metiers-secteurs": 10.0})
    assert [found.wait_s(one.id) for one in found.order] == [10, 20, 20, 30]


@pytest.mark.parametrize("count", [1, 3, 30])
def test_line_asks_the_same_few_questions_however_long_it_is(
    engine: Engine, known: Catalogue, now: datetime, count: int
) -> None:
    crowd(engine, now, count)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    with reading(engine) as db:
        line(db, known, now=now)
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) == 5


def phases(*, closes: datetime | None, priority: bool = False, at: datetime) -> tuple[Window, ...]:
    """Return a phase of submissions that opens on 5 November 2025."""
    end = None if closes is None else Moment((closes.date() - date(2025, 11, 5)).days, closes.time())
    phase = Phase("p", PhaseKind.SUBMISSIONS, {"fr": "p"}, Moment(0, time(8)), end, priority)
    edition = replace(load_catalogue(Path(__file__).parents[2] / "challenges").edition("2025"), phases=(phase,))
    return windows(replace(edition, zone=UTC), starts=date(2025, 11, 5), overrides={}, now=at)


@pytest.mark.parametrize(
    ("minutes", "urgent"), [(-61, False), (-60, True), (-1, True), (0, True), (60, True), (61, False)]
)
def test_an_edition_goes_first_from_an_hour_before_its_end_until_an_hour_after(minutes: int, *, urgent: bool) -> None:
    at = CLOSES + timedelta(minutes=minutes)
    assert is_urgent(phases(closes=CLOSES, at=at), now=at) is urgent


def test_a_phase_marked_so_goes_first_all_along() -> None:
    opens = datetime(2025, 11, 5, 8, 0, tzinfo=UTC)
    for at, urgent in ((opens - timedelta(seconds=1), False), (opens, True), (CLOSES + timedelta(hours=2), False)):
        assert is_urgent(phases(closes=CLOSES, priority=True, at=at), now=at) is urgent
    late = CLOSES + timedelta(days=30)
    assert is_urgent(phases(closes=None, priority=True, at=late), now=late)


def test_a_closing_edition_goes_before_the_others_four_to_one(engine: Engine, known: Catalogue) -> None:
    last_minutes = CLOSES - timedelta(minutes=10)
    with transaction(engine) as db:
        make_edition(db)
        make_edition(db, "atelier", starts=date(2025, 11, 20))
        calm, closing = make_team(db, "Calme", edition="atelier"), make_team(db, "Pressée")
        for number in range(1, 4):
            make_submission(db, calm, edition="atelier", number=number, received_at=last_minutes - timedelta(hours=2))
        for number in range(1, 13):
            make_submission(db, closing, number=number, received_at=last_minutes)
    names = {str(calm.id): "calm", str(closing.id): "closing"}
    taken = [names[take(engine, known, last_minutes + timedelta(seconds=n), f"w{n}")] for n in range(15)]
    assert taken == (["closing"] * 4 + ["calm"]) * 3
