"""How long files waited for the scorer, hour by hour: what the page of the day draws on the night of a deadline."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import ngettext
from sqlmodel import Session, col, select

from datathon.submissions.tables import Submission
from datathon.web import show
from datathon.web.organiser.attention import WAIT_LIMIT_S

HOURS = 6
"""Hours drawn, the present one included."""

WHOLE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """Files received within an hour that begins at ``begins``; seconds that they waited, None where none came."""

    begins: datetime
    files: int
    median: float | None
    longest: float | None


@dataclass(frozen=True, slots=True)
class WaitBar:
    """One hour, drawn: left end and width of its bar in percent of the figure, heights in percent of the tallest bar.

    ``label`` is the longest wait in few letters, "" for an hour without a file; ``tallest`` marks the longest of all.
    """

    hour: str
    left: float
    width: float
    median_height: float
    longest_height: float
    files: int
    median: str
    longest: str
    label: str
    tallest: bool


@dataclass(frozen=True, slots=True)
class WaitChart:
    """The figure: its bars, how high the alarm lies in percent (None above the tallest bar), and the finding in words."""

    bars: tuple[WaitBar, ...]
    alarm: float | None
    finding: str


def by_hour(
    waits: Iterable[tuple[datetime, datetime | None]], *, now: datetime, hours: int = HOURS
) -> tuple[Hour, ...]:
    """Return the last ``hours`` hours up to ``now``, oldest first, from pairs (received, started).

    A file that still waits counts with the time it has waited so far, so that a queue that stands still shows at once.
    """
    last = now.replace(minute=0, second=0, microsecond=0)
    first = last - (hours - 1) * WHOLE
    found: list[list[float]] = [[] for _hour in range(hours)]
    for received, started in waits:
        if first <= received <= now:
            found[(received - first) // WHOLE].append(max(0.0, ((started or now) - received).total_seconds()))
    return tuple(
        Hour(first + n * WHOLE, len(s), statistics.median(s) if s else None, max(s, default=None))
        for n, s in enumerate(found)
    )


def waits(db: Session, edition_id: str, *, now: datetime) -> tuple[Hour, ...]:
    """Return how long teams' files waited for their first attempt; () when none came within the hours drawn."""
    query = select(Submission.received_at, Submission.started_at).where(
        Submission.edition_id == edition_id,
        col(Submission.team_id).is_not(None),
        Submission.attempt == 1,
        Submission.received_at > now - HOURS * WHOLE,
    )
    found = by_hour(db.exec(query).all(), now=now)
    return found if any(hour.files for hour in found) else ()


def wait_chart(hours: Sequence[Hour]) -> WaitChart | None:
    """Return the figure in words and percent, None without hours; the tallest bar is the longest wait, at least 1 s."""
    if not hours:
        return None
    longest = max(hour.longest or 0.0 for hour in hours)
    tallest = max(1.0, longest)
    step = 100 / len(hours)
    bars = tuple(
        WaitBar(
            hour=_o_clock(hour.begins),
            left=n * step + step * 0.14,
            width=step * 0.72,
            median_height=100 * (hour.median or 0.0) / tallest,
            longest_height=100 * (hour.longest or 0.0) / tallest,
            files=hour.files,
            median="–" if hour.median is None else show.duration(hour.median),
            longest="–" if hour.longest is None else show.duration(hour.longest),
            label="" if hour.longest is None else _short(hour.longest),
            tallest=hour.longest == longest,
        )
        for n, hour in enumerate(hours)
    )
    alarm = 100 * WAIT_LIMIT_S / tallest if tallest >= WAIT_LIMIT_S else None
    peak = next(hour for hour in hours if hour.longest == longest)
    finding = ngettext(
        "%(num)s file in %(hours)s hours; the longest wait, %(longest)s, was for one received after %(hour)s.",
        "%(num)s files in %(hours)s hours; the longest wait, %(longest)s, was for one received after %(hour)s.",
        sum(hour.files for hour in hours),
        hours=len(hours),
        longest=show.duration(longest),
        hour=show.hour(peak.begins),
    )
    return WaitChart(bars, alarm, finding)


def _o_clock(at: datetime) -> str:
    local = at.astimezone(show.zone())
    if show.language() == "fr" and not local.minute:
        return f"{local.hour}\u00a0h"
    return show.hour(at)


def _short(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)}\u00a0s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)}\u00a0min"
    return f"{round(seconds / 3600)}\u00a0h"
