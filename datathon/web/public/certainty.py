"""What a board's page says of the certainty of its order: bars, brackets, sentences. Pure, but for the language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BAR = 144
"""Length of a bar in its own units."""
LANES = 4
"""Brackets that may stand side by side; where more overlap, the bars alone say it."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """The certainty of one page of a board.

    ``state`` is "ready", "computing" or "none", for ``reason``. ``places`` is the largest rank, the length of the bars.
    ``brackets`` maps a row of the page to the lengths, in rows, of the brackets that start there; ``lanes`` of them
    stand side by side. ``together`` is how many teams cannot be told apart from the first one, itself included; 0 when
    nothing is known.
    """

    state: str
    reason: str
    places: int
    draws: int
    rows: int
    indicative: bool
    brackets: Mapping[int, tuple[int, ...]]
    lanes: int
    together: int

    @property
    def ready(self) -> bool:
        """Whether there are intervals to show."""
        return self.state == "ready"

    @property
    def marks(self) -> tuple[int, ...]:
        """The ranks written above the bars: all of them while they are few, else the first and the last."""
        return tuple(range(1, self.places + 1)) if self.places <= 9 else (1, self.places)

    def across(self, rank: float) -> float:
        """Return where ``rank`` lies along the bar, in per cent; a rank is the middle of its place."""
        return 100 * (rank - 0.5) / max(1, self.places)

    def along(self, rank: float) -> str:
        """Return the same in the units of a bar, ``BAR`` long."""
        return f"{BAR * self.across(rank) / 100:.4g}"


def certainty_of(payload: Mapping[str, Any], *, brackets: bool) -> Certainty:
    """Return the certainty of ``payload``, a leaderboard.json; with brackets where all rows stand on one page."""
    known: Mapping[str, Any] = payload.get("intervals") or {"state": "none", "reason": ""}
    ranked = [row for row in payload["rows"] if row["kind"] == "team"]
    groups = [frozenset(group) for group in known.get("groups", ())]
    at = {row["slug"]: number for number, row in enumerate(payload["rows"]) if row["kind"] == "team"}
    there = [[at[slug] for slug in group if slug in at] for group in groups]
    spans = [(min(group), max(group)) for group in there if len(group) > 1]
    first = next((group for group in groups if ranked and ranked[0].get("slug") in group), None)
    starts, lanes = brackets_of(spans if brackets else [])
    return Certainty(
        state=known["state"],
        reason=known.get("reason", ""),
        places=len(ranked),
        draws=known.get("draws", 0),
        rows=known.get("rows", 0),
        indicative=known.get("indicative", False),
        brackets=starts,
        lanes=lanes,
        together=0 if known["state"] != "ready" else len(first or (None,)),
    )


def brackets_of(spans: Sequence[tuple[int, int]]) -> tuple[Mapping[int, tuple[int, ...]], int]:
    """Return first row -> lengths of the spans (first and last row) that start there, and how many run side by side.

    Nothing where more than LANES do: the bars say it too. A cell over several rows takes the first column that is free.
    """
    starts: dict[int, tuple[int, ...]] = {}
    for start, end in sorted(spans):
        starts[start] = (*starts.get(start, ()), end - start + 1)
    beside = [sum(start <= row <= end for start, end in spans) for row in starts]
    lanes = max(beside, default=0)
    return (starts, lanes) if lanes <= LANES else ({}, 0)
