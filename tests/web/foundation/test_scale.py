from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from datathon.web.scale import scale

PARIS = ZoneInfo("Europe/Paris")


def test_pointer_stands_at_the_hour() -> None:
    drawn = scale(starts=date(2025, 11, 5), days=35, zone=PARIS, now=datetime(2025, 12, 3, 13, 32, tzinfo=UTC))
    assert drawn.pointer == pytest.approx(100 * (28 + 14.5333 / 24) / 35, abs=0.01)
    assert drawn.day == 29


@pytest.mark.parametrize("now", [datetime(2025, 11, 4, 22, 59, tzinfo=UTC), datetime(2025, 12, 10, 12, 0, tzinfo=UTC)])
def test_pointer_is_absent_outside_the_edition(now: datetime) -> None:
    assert scale(starts=date(2025, 11, 5), days=35, zone=PARIS, now=now).pointer is None


def test_weeks_alternate_and_the_last_one_is_cut() -> None:
    drawn = scale(starts=date(2025, 11, 5), days=31, zone=PARIS, now=datetime(2025, 11, 6, tzinfo=UTC))
    assert [round(week.x * 31 / 100) for week in drawn.weeks] == [0, 14, 28]
    assert [round(week.width * 31 / 100) for week in drawn.weeks] == [7, 7, 3]


@pytest.mark.parametrize("days", [7, 35, 42, 120, 365])
def test_labels_are_few_and_inside(days: int) -> None:
    drawn = scale(starts=date(2025, 1, 1), days=days, zone=PARIS, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert 1 <= len(drawn.labels) <= 6
    assert all(0 <= label.x < 100 for label in drawn.labels)
    assert drawn.last == date.fromordinal(date(2025, 1, 1).toordinal() + days - 1)
