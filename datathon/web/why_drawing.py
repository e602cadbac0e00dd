"""The figures of "why this rank": bars, the field of all teams, crossing lines. Plain numbers for a template. Without Flask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datathon.publication.why import Stack, Why, ends, varied

BAR = 56
NARROW = 3.0
"""Percent below which no label fits into a piece."""

LINES = 6
LINE_HEIGHT = 202
APART = 18
FIELD = 4
FIELD_HEIGHT = 240
BESIDE_JURY = ("metric", "vote")
"""Kinds of pieces that the jury did not give."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text in a piece: where, what, and whether it stands on ink."""

    x: float
    text: str
    on_ink: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """One team's total. Paths in a box of 100 x 1, one for each tint; labels only where asked for."""

    rank: int
    name: str
    total: float
    own: bool
    y: int
    light: str
    dark: str
    ink: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Every ranked team as a thin bar: jury and metric as one path each in a box of 100 x ``rows``, and one's own row."""

    rows: int
    height: int
    jury: str
    metric: str
    own: float


@dataclass(frozen=True, slots=True)
class Cross:
    """Where two lines meet, in percent across and pixels down; ``share`` in percent is written at the first two."""

    x: float
    y: float
    share: float
    other: str
    written: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One team's total by the weight of a component: a path in a box of 100 x 100 and its label at the right end."""

    name: str
    own: bool
    path: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Lines:
    """The crossing lines. ``declared`` in percent."""

    lines: tuple[Line, ...]
    crosses: tuple[Cross, ...]
    declared: float


def piece_label(results: Mapping[str, Any], kind: str, name: str) -> str:
    """Return the short label of a piece: the number of its criterion, M for a metric, V for the public vote."""
    if kind == "criterion":
        return str(1 + [c["id"] for c in results["criteria"]].index(name))
    metrics = [c["id"] for c in results["components"] if c["kind"] == "metric"]
    if name in metrics:
        return "M" if len(metrics) == 1 else f"M{1 + metrics.index(name)}"
    return "V" if kind == "vote" else ""


def bars_of(results: Mapping[str, Any], found: Why) -> tuple[Bar, ...]:
    """Return the bars of the team and of its two neighbours, best first."""
    stacks = [s for s in (found.above, found.own, found.below) if s is not None]
    return tuple(_bar(results, stack, n, own=stack is found.own) for n, stack in enumerate(stacks))


def _bar(results: Mapping[str, Any], stack: Stack, place: int, *, own: bool) -> Bar:
    paths: dict[str, list[str]] = {"light": [], "dark": [], "ink": []}
    labels = []
    x = 0.0
    for n, piece in enumerate(stack.pieces):
        # A negative correction is drawn where it takes away: back over the end of the marks, as a gap.
        start, width = (x, piece.points) if piece.points >= 0 else (x + piece.points, 0.0)
        tint = "ink" if piece.kind == "metric" else ("dark", "light")[n % 2]
        if width > 0:
            paths[tint].append(f"M{start:.3f} 0h{width:.3f}v1h-{width:.3f}z")
            label = piece_label(results, piece.kind, piece.id)
            if label and width >= NARROW:
                labels.append(Label(round(start + width / 2, 2), label, tint == "ink"))
        x += piece.points
    return Bar(
        stack.rank, stack.name, stack.total, own, place * BAR,
        "".join(paths["light"]), "".join(paths["dark"]), "".join(paths["ink"]), tuple(labels),
    )  # fmt: skip


def field_of(found: Why) -> Field | None:
    """Return all ranked teams as thin bars; None where the three large bars show them all."""
    shown = {s.team for s in (found.above, found.own, found.below) if s is not None}
    if len(found.stacks) <= len(shown):
        return None
    jury, metric, own = [], [], 0.0
    for n, stack in enumerate(found.stacks):
        marks = sum(p.points for p in stack.pieces if p.kind not in BESIDE_JURY)
        rest = stack.total - marks
        jury.append(f"M0 {n + 0.15:.2f}h{marks:.2f}v.7H0z")
        metric.append(f"M{marks:.2f} {n + 0.15:.2f}h{rest:.2f}v.7h-{rest:.2f}z")
        if found.own is not None and stack.team == found.own.team:
            own = n
    rows = len(found.stacks)
    return Field(rows, min(rows * 14, FIELD_HEIGHT), "".join(jury), "".join(metric), own)


def lines_of(results: Mapping[str, Any], found: Why) -> Lines | None:
    """Return the totals by the weight of the varied component: the team, the nearest by rank, and where it is passed."""
    component = varied(results)
    if component is None or found.own is None or found.own.team not in ends(results):
        return None
    place = [s.team for s in found.stacks].index(found.own.team)
    nearest = sorted(range(len(found.stacks)), key=lambda n: (abs(n - place), n))[:LINES]
    chosen = [found.stacks[n] for n in sorted(nearest)]
    totals = {s.team: ends(results)[s.team] for s in chosen}
    low = min(min(pair) for pair in totals.values())
    high = max(max(pair) for pair in totals.values())
    scale = 100 / (high - low) if high > low else 0.0
    # A label stands on the free side of its line's end: above a line that rises, below one that falls.
    labels = _apart(
        {
            t: 10 + (high - right) * scale * LINE_HEIGHT / 100 + (-8 if right > left else 18)
            for t, (left, right) in totals.items()
        }
    )
    names = {s.team: s.name for s in found.stacks}
    crosses: list[Cross] = []
    for swap in found.swaps:
        other = swap.behind if swap.ahead == found.own.team else swap.ahead
        if other in totals:
            left, right = totals[found.own.team]
            y = (high - (left + swap.share * (right - left))) * scale * LINE_HEIGHT / 100
            crosses.append(
                Cross(
                    round(100 * swap.share, 2),
                    round(y + 10, 1),
                    100 * swap.share,
                    names[other],
                    written=len(crosses) < 2,
                )
            )
    weight = next(c["weight"] for c in results["components"] if c["id"] == component)
    return Lines(
        tuple(
            Line(
                s.name,
                s.team == found.own.team,
                f"M0 {(high - totals[s.team][0]) * scale:.2f}L100 {(high - totals[s.team][1]) * scale:.2f}",
                labels[s.team],
            )
            for s in chosen
        ),
        tuple(crosses),
        100 * weight / sum(c["weight"] for c in results["components"]),
    )  # fmt: skip


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Return label heights in pixels, pushed down where two would overlap, then up where the last left the figure."""
    found: dict[str, float] = {}
    last = 10.0 - APART
    for team in sorted(wanted, key=lambda t: wanted[t]):
        last = max(wanted[team], last + APART)
        found[team] = last
    ceiling = LINE_HEIGHT + 28.0
    for team in sorted(found, key=lambda t: -found[t]):
        found[team] = round(min(found[team], ceiling), 1)
        ceiling = found[team] - APART
    return found
