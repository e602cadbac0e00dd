"""An edition's calendar as pages draw it: its milestones, and its phases as lines over its days."""

from dataclasses import dataclass
from datetime import date, datetime

from datathon.editions.rules import Edition, Text, Window
from datathon.editions.windows import instant
from datathon.web.scale import Scale, scale


@dataclass(frozen=True, slots=True)
class Dated:
    """One line of the calendar; ``past`` says that it is over, ``next`` that it comes first."""

    at: datetime
    title: Text
    past: bool
    next: bool
    year: int


@dataclass(frozen=True, slots=True)
class Line:
    """A phase as drawn: from ``x1`` to ``x2`` percent of the edition's width, at ``y`` pixels; short ones are labelled at their end."""

    title: Text
    x1: float
    x2: float
    y: int
    at_end: bool
    point: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The phases over the days of an edition; ``height`` is in pixels."""

    scale: Scale
    lines: tuple[Line, ...]
    height: int


def milestones(edition: Edition, *, starts: date, now: datetime) -> tuple[Dated, ...]:
    """Return the milestones in the order of their instants."""
    dated = sorted(
        ((instant(m.when, starts=starts, zone=edition.zone), m.title) for m in edition.milestones),
        key=lambda pair: pair[0],
    )
    coming = next((at for at, _title in dated if at > now), None)
    found = False
    lines = []
    for at, title in dated:
        first = at == coming and not found
        found = found or first
        lines.append(Dated(at, title, past=at <= now, next=first, year=at.astimezone(edition.zone).year))
    return tuple(lines)


def coming(lines: tuple[Dated, ...], most: int = 4) -> tuple[Dated, ...]:
    """Return the milestones that are still to come, the nearest first."""
    return tuple(line for line in lines if not line.past)[:most]


STEP = 30


def chart(edition: Edition, windows: tuple[Window, ...], *, starts: date, now: datetime) -> Chart:
    """Return the drawing of the phases of an edition, cut at its first and last day."""
    drawn = scale(starts=starts, days=edition.days, zone=edition.zone, now=now)
    lines = []
    for number, window in enumerate(windows):
        x1 = _place(window.opens, edition, starts)
        x2 = 100.0 if window.closes is None else _place(window.closes, edition, starts)
        y = 34 + number * STEP
        lines.append(Line(window.phase.title, x1, x2, y, at_end=x1 > 60, point=window.closes is None or x2 - x1 < 1.0))
    return Chart(drawn, tuple(lines), 34 + len(lines) * STEP)


def _place(at: datetime, edition: Edition, starts: date) -> float:
    local = at.astimezone(edition.zone)
    days = (local.date() - starts).days + (local.hour + local.minute / 60) / 24
    return round(min(100.0, max(0.0, days / edition.days * 100)), 2)
