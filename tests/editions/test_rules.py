"""Phases and days: at the very second, by hand, over both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datathon.editions.rules import Moment, Phase, PhaseKind, PhaseOverride, PhaseState, local_day
from datathon.editions.windows import instant, window

PARIS = ZoneInfo("Europe/Paris")
START = date(2025, 11, 5)
SUBMISSIONS = Phase(
    "submissions", PhaseKind.SUBMISSIONS, {"fr": "Dépôts"}, Moment(0, time(9, 30)), Moment(30, time(18, 0))
)
OPENS = datetime(2025, 11, 5, 8, 30, tzinfo=UTC)
CLOSES = datetime(2025, 12, 5, 17, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def state(now: datetime, override: PhaseOverride | None = None) -> PhaseState:
    return window(SUBMISSIONS, starts=START, zone=PARIS, override=override, now=now).state


def by_hand(to: PhaseState, at: datetime) -> PhaseOverride:
    return PhaseOverride("submissions", to, at)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - TICK, PhaseState.UPCOMING),
        (OPENS, PhaseState.OPEN),
        (CLOSES - TICK, PhaseState.OPEN),
        (CLOSES, PhaseState.CLOSED),
    ],
)
def test_phase_at_the_very_second(now: datetime, expected: PhaseState) -> None:
    assert state(now) is expected


def test_window_without_closing_stays_open() -> None:
    phase = Phase("end", PhaseKind.ANNOUNCEMENT, {"fr": "Annonce"}, Moment(34, time(17, 30)), None)

    found = window(phase, starts=START, zone=PARIS, override=None, now=datetime(2030, 1, 1, tzinfo=UTC))

    assert (found.state, found.closes) == (PhaseState.OPEN, None)


def test_phase_closed_by_hand_is_closed_within_its_hours() -> None:
    decided = OPENS + timedelta(days=2)

    found = window(SUBMISSIONS, starts=START, zone=PARIS, override=by_hand(PhaseState.CLOSED, decided), now=decided)

    assert (found.state, found.closes, found.overridden) == (PhaseState.CLOSED, decided, True)


def test_phase_opened_early_by_hand_is_open_at_once() -> None:
    decided = OPENS - timedelta(days=1)

    found = window(SUBMISSIONS, starts=START, zone=PARIS, override=by_hand(PhaseState.OPEN, decided), now=decided)

    assert (found.state, found.opens, found.closes) == (PhaseState.OPEN, decided, CLOSES)


def test_phase_opened_early_by_hand_still_closes_at_its_hour() -> None:
    early = by_hand(PhaseState.OPEN, OPENS - timedelta(days=1))

    assert state(CLOSES - TICK, early) is PhaseState.OPEN
    assert state(CLOSES, early) is PhaseState.CLOSED


def test_phase_reopened_after_its_hour_stays_open_until_closed_by_hand() -> None:
    decided = CLOSES + timedelta(hours=1)

    found = window(
        SUBMISSIONS,
        starts=START,
        zone=PARIS,
        override=by_hand(PhaseState.OPEN, decided),
        now=decided + timedelta(days=9),
    )

    assert (found.state, found.closes) == (PhaseState.OPEN, None)


@pytest.mark.parametrize(
    ("start", "at", "expected"),
    [
        (date(2025, 10, 25), time(18), datetime(2025, 10, 25, 16, tzinfo=UTC)),
        (date(2025, 10, 26), time(18), datetime(2025, 10, 26, 17, tzinfo=UTC)),
        (date(2026, 3, 28), time(18), datetime(2026, 3, 28, 17, tzinfo=UTC)),
        (date(2026, 3, 29), time(18), datetime(2026, 3, 29, 16, tzinfo=UTC)),
        # 02:30 does not exist on 29 March and exists twice on 26 October.
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2025, 10, 26), time(2, 30), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
    ],
)
def test_instant_around_a_clock_change(start: date, at: time, expected: datetime) -> None:
    assert instant(Moment(0, at), starts=start, zone=PARIS) == expected


def test_instant_keeps_the_wall_hour_when_the_clock_changes_on_the_way() -> None:
    closing = instant(Moment(7, time(18)), starts=date(2026, 3, 25), zone=PARIS)

    assert closing.astimezone(PARIS).time() == time(18)


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        (datetime(2026, 3, 29, 10, tzinfo=UTC), 23),
        (datetime(2025, 10, 26, 11, tzinfo=UTC), 25),
        (datetime(2025, 11, 5, 11, tzinfo=UTC), 24),
    ],
)
def test_local_day_has_as_many_hours_as_the_clock_gives_it(noon: datetime, hours: int) -> None:
    start, end = local_day(noon, PARIS)

    assert end - start == timedelta(hours=hours)


def test_local_day_changes_at_local_midnight() -> None:
    last = datetime(2025, 11, 5, 22, 59, 59, tzinfo=UTC)

    assert local_day(last, PARIS)[1] == last + timedelta(seconds=1)
    assert local_day(last + timedelta(seconds=1), PARIS)[0] == last + timedelta(seconds=1)


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds must be naive
ZONES = st.sampled_from(["Europe/Paris", "America/Santiago", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]).map(ZoneInfo)


@settings(deadline=None)
@given(now=INSTANTS, zone=ZONES)
def test_local_day_holds_its_instant_and_touches_the_next(now: datetime, zone: ZoneInfo) -> None:
    start, end = local_day(now, zone)

    assert start <= now < end
    assert local_day(end, zone)[0] == end
    assert local_day(start - TICK, zone)[1] == start


@settings(deadline=None)
@given(now=INSTANTS)
def test_phase_is_open_exactly_between_its_instants(now: datetime) -> None:
    found = window(SUBMISSIONS, starts=START, zone=PARIS, override=None, now=now)

    assert (found.state is PhaseState.OPEN) == (OPENS <= now < CLOSES)
