"""The jury's grid: criteria, written levels, thresholds. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

Text = Mapping[str, str]
"""A text in several languages: ``{"fr": …, "en": …}``; French is always there."""


@dataclass(frozen=True, slots=True)
class Level:
    """One written level of a criterion, marks ``low`` to ``high`` both included."""

    low: float
    high: float
    text: Text


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric, marked from 0 to ``maximum`` in steps of ``step`` points; higher is better.

    ``threshold``: a raw mean below it makes a team ineligible whatever its total; None: no such rule. ``weight``: points
    of the total that the maximum is worth; None: the mark itself counts. ``comment_below``: a mark below it asks for a
    comment for the team; None: never. Both thresholds are in points of the mark.
    """

    id: str
    title: Text
    help: Text
    maximum: float
    levels: tuple[Level, ...] = ()
    step: float = 0.5
    threshold: float | None = None
    weight: float | None = None
    comment_below: float | None = None

    @property
    def counts(self) -> float:
        """Points of the total that the maximum is worth."""
        return self.maximum if self.weight is None else self.weight

    def worth(self, mark: float) -> float:
        """Return what a mark adds to the total, in points; not rounded."""
        return mark if self.weight is None else mark * self.weight / self.maximum


@dataclass(frozen=True, slots=True)
class Example:
    """What everybody on a jury grades first, a past prototype or an invented one; ``url`` may show it, "" otherwise."""

    title: Text
    text: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    """The jury's grid. ``threshold``: a raw mean total below it makes a team ineligible, equal to it does not.

    ``correction`` of the jurors' severity: "raw" (never), "shown" (beside the raw means, which count), "reml" or "fixed"
    (counts where some juror did not grade every team). ``fixed_lambda``: of "fixed", and of "reml" with too few grades.
    ``spread``: who submitted a sheet sees how far its marks lie apart. ``quorum``: as many deliberate before announcing.
    ``calibration``: the example that every juror grades before the prototypes; it counts nowhere. ``mode``: "sheets", or
    "pairwise" where comparisons two by two make the jury's score.
    """

    challenge: str
    criteria: tuple[Criterion, ...]
    threshold: float
    correction: str = "shown"
    fixed_lambda: float = 2.0
    spread: bool = False
    quorum: int = 0
    calibration: Example | None = None
    mode: str = "sheets"

    @property
    def by_pairs(self) -> bool:
        """Whether the jury's score comes from comparisons two by two; sheets then count for nothing."""
        return self.mode == "pairwise"

    @property
    def maximum(self) -> float:
        """Highest total, in points."""
        return math.fsum(c.counts for c in self.criteria)
