"""Marks that rise or fall during the day, told from severity and from better prototypes."""

from datetime import UTC, datetime, timedelta

import pytest

from datathon.jury.drifting import drifts
from datathon.jury.panel import Grade

START = datetime(2025, 12, 3, 9, 0, tzinfo=UTC)
NOISE = (0.6, -0.4, 0.2, -0.7, 0.5, -0.1, 0.3, -0.5, 0.1, -0.2, 0.4, -0.3)


def panel(
    rise: float, *, teams: int = 8, better_later: float = 0.0
) -> tuple[list[Grade], dict[tuple[str, str], datetime]]:
    """Four jurors grade all teams in the same order; the first one gives ``rise`` points more in the later half."""
    grades, order = [], {}
    for j in range(4):
        for t in range(teams):
            late = t >= teams // 2
            points = 60 + 3 * j + better_later * t + NOISE[(5 * j + 7 * t) % 12] + (rise if j == 0 and late else 0)
            grades.append(Grade(f"j{j}", f"t{t}", points))
            order[f"j{j}", f"t{t}"] = START + timedelta(minutes=20 * t + j)
    return grades, order


def test_rise_of_one_juror_stands_out_and_the_others_do_not() -> None:
    first, *others = drifts(*panel(8.0))
    assert (first.juror, first.sheets, first.stands_out) == ("j0", 8, True)
    # The others' means take a quarter of it.
    assert first.points == pytest.approx(6.0, abs=1.0)
    assert all(abs(line.points) < first.points / 2 for line in others)


def test_better_prototypes_later_and_severity_are_no_drift() -> None:
    assert not any(line.stands_out for line in drifts(*panel(0.0, better_later=5.0)))


def test_too_few_sheets_and_separate_panels_say_nothing() -> None:
    assert drifts(*panel(8.0, teams=5)) == []
    assert drifts([], {}) == []
    grades, order = panel(8.0)
    apart = [Grade(g.juror, f"{g.juror}{g.team}", g.points) for g in grades]
    assert drifts(apart, order) == []


def test_sheets_without_an_hour_are_left_out() -> None:
    grades, order = panel(8.0)
    paper = {key: at for key, at in order.items() if key[0] != "j0"}
    assert "j0" not in {line.juror for line in drifts(grades, paper)}
