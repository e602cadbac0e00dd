"""The scale of an edition: its days drawn like the graduated border of a sea chart. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LABELS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the scale: where it starts and how wide it is, in percent of the whole."""

    x: float
    width: float = 0.0
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """What the drawing needs. ``pointer`` is where now stands in percent, None outside the edition."""

    day_width: float
    weeks: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    last: date
    pointer: float | None
    day: int
    days: int


def scale(*, starts: date, days: int, zone: ZoneInfo, now: datetime) -> Scale:
    """Return the scale of an edition of ``days`` days from ``starts``, with its pointer at ``now``.

    Every second week is a filled block; at most six dates are written, the last day apart.
    """
    width = 100 / days
    every = max(7, 7 * -(-days // (7 * LABELS)))
    weeks = tuple(Mark(n * width, min(7, days - n) * width) for n in range(0, days, 14))
    labels = tuple(Mark(n * width, on=starts + timedelta(days=n)) for n in range(0, days - every // 2, every))
    local = now.astimezone(zone)
    elapsed = (local.date() - starts).days + (local.hour + local.minute / 60) / 24
    pointer = round(elapsed * width, 2) if 0 <= elapsed <= days else None
    day = (local.date() - starts).days + 1
    return Scale(width, weeks, labels, starts + timedelta(days=days - 1), pointer, day, days)
