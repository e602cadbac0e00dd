from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories import make_edition, make_submission, make_team
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from submissions.scene import Scene, edition_2025

from datathon.editions.rules import local_day
from datathon.store.db import transaction
from datathon.submissions.ledger import account, is_charged, lines, reserve, settle, usage
from datathon.submissions.rules import Charge, State, Usage, closing
from datathon.submissions.tables import QuotaEntry
from datathon.teams.tables import Team

ZONES = [
    "Europe/Paris",
    "Asia/Kolkata",  # half an hour beside the full one, all year
    "Australia/Lord_Howe",  # its clock changes by half an hour
    "Asia/Beirut",  # 00:00 does not exist on the day its summer time begins
    "America/Sao_Paulo",  # the same, until 2019
    "America/Havana",  # 00:00 to 01:00 comes twice on the day its summer time ends
    "Pacific/Chatham",
]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.RECEIVED, None),
        (State.RUNNING, None),
        (State.SCORED, Charge.COMMIT),
        (State.REJECTED, Charge.REFUND),
        (State.FAILED, Charge.REFUND),
        (State.WITHDRAWN, Charge.REFUND),
    ],
)
def test_closing_of_every_state(state: State, kind: Charge | None) -> None:
    assert closing(state) is kind


def test_settle_twice_gives_back_once(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state="rejected")
    settle(db, row.id, State.REJECTED, now=scene.now)
    settle(db, row.id, State.FAILED, now=scene.now)
    assert [one.kind for one in lines(db, team_id=scene.team_id)] == ["refund", "reserve"]
    assert not is_charged(db, row.id)


def test_settle_after_a_score_was_seen_gives_nothing_back(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), state="scored")
    settle(db, row.id, State.WITHDRAWN, now=scene.now)
    assert [one.kind for one in lines(db, team_id=scene.team_id)] == ["commit", "reserve"]


def test_reserve_of_what_is_charged_already_charges_nothing(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id))
    reserve(db, row, day=scene.now.date(), now=scene.now)
    assert len(lines(db, team_id=scene.team_id)) == 1


def test_baselines_are_not_charged(db: Session) -> None:
    make_edition(db)
    row = make_submission(db, None, baseline="secteurs")
    reserve(db, row, day=datetime(2025, 11, 20, tzinfo=UTC).date(), now=row.received_at)
    settle(db, row.id, State.SCORED, now=row.received_at)
    assert not is_charged(db, row.id)


def test_what_comes_back_comes_back_to_the_day_that_was_charged(db: Session, scene: Scene) -> None:
    row = make_submission(db, db.get_one(Team, scene.team_id), received_at=scene.now)
    settle(db, row.id, State.REJECTED, now=scene.now + timedelta(days=1))
    tomorrow = scene.now + timedelta(days=1)

    def used(at: datetime) -> Usage:
        return usage(db, team_id=scene.team_id, edition=scene.edition, challenge_id=row.challenge_id, now=at)

    assert [used(scene.now), used(tomorrow)] == [Usage(0, 0), Usage(0, 0)]


def test_account_tells_what_was_given_back_and_why(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    states = ["scored", "rejected", "rejected", "failed", "withdrawn", "received"]
    for number, state in enumerate(states, start=1):
        make_submission(db, team, number=number, state=state)
    found = account(db, team_id=team.id, edition=scene.edition, challenge_id="metiers-secteurs", now=scene.now)
    assert found.usage == Usage(today=2, total=2)
    assert found.returned == {"rejected": 2, "failed": 1, "withdrawn": 1}


@pytest.mark.parametrize("closes", [False, True])
def test_the_database_refuses_a_second_line_of_the_same_round(engine: Engine, scene: Scene, *, closes: bool) -> None:
    with transaction(engine) as db:
        row = make_submission(db, db.get_one(Team, scene.team_id), state="scored")
        facts = row.edition_id, row.challenge_id, row.id
    with pytest.raises(IntegrityError), transaction(engine) as db:
        db.add(
            QuotaEntry(
                edition_id=facts[0],
                challenge_id=facts[1],
                team_id=scene.team_id,
                submission_id=facts[2],
                kind="refund" if closes else "reserve",
                units=-1 if closes else 1,
                closes=closes,
                reason="failed" if closes else "",
                day=scene.now.date(),
                at=scene.now,
            )
        )


@pytest.mark.parametrize(
    ("before", "hours"),
    [
        # The night of 29 to 30 March 2025 loses an hour, that of 25 to 26 October has one more.
        ("2025-03-29T22:59:59+00:00", 23),
        ("2025-10-25T21:59:59+00:00", 25),
    ],
)
def test_a_day_is_charged_from_midnight_to_midnight_over_both_clock_changes(
    db: Session, scene: Scene, before: str, hours: int
) -> None:
    last = datetime.fromisoformat(before)
    first = last + timedelta(seconds=1)
    team = db.get_one(Team, scene.team_id)
    ends = [last, first, first + timedelta(hours=hours, seconds=-1), first + timedelta(hours=hours)]
    for number, at in enumerate(ends, start=1):
        make_submission(db, team, number=number, state="scored", received_at=at)

    def today(at: datetime) -> int:
        return usage(db, team_id=team.id, edition=scene.edition, challenge_id="metiers-secteurs", now=at).today

    assert [today(at) for at in ends] == [1, 2, 2, 1]
    assert local_day(first, scene.edition.zone) == (first, ends[-1])


@given(st.sampled_from(ZONES), st.datetimes(datetime(2016, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis adds the zone
def test_an_instant_lies_in_the_day_it_is_charged_to(zone: str, now: datetime) -> None:
    place = ZoneInfo(zone)
    start, end = local_day(now, place)
    assert start <= now < end
    day = now.astimezone(place).date()
    assert start.astimezone(place).date() == day
    assert (end - timedelta(seconds=1)).astimezone(place).date() == day
    assert end.astimezone(place).date() == day + timedelta(days=1)


def test_a_day_that_has_no_midnight_starts_when_the_clock_jumps() -> None:
    # Beirut, 27 March 2022: 23:59:59 is followed by 01:00:00.
    noon = datetime(2022, 3, 27, 9, 0, tzinfo=UTC)
    start, end = local_day(noon, ZoneInfo("Asia/Beirut"))
    assert (start, end - start) == (datetime(2022, 3, 26, 22, 0, tzinfo=UTC), timedelta(hours=23))


def test_ledger_agrees_with_the_rows_of_a_team(db: Session, scene: Scene) -> None:
    team = make_team(db, "Autre")
    states = list(State)
    for number in range(1, 25):
        make_submission(db, team, number=number, state=states[number % len(states)].value)
    counted = Counter(states[number % len(states)] for number in range(1, 25))
    used = usage(db, team_id=team.id, edition=edition_2025(), challenge_id="metiers-secteurs", now=scene.now)
    assert used.total == counted[State.RECEIVED] + counted[State.RUNNING] + counted[State.SCORED]
