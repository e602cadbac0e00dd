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

    ``threshold``: a raw mean below it makes a team ineligible whatever its total; None: no such rule.
    """

    id: str
    title: Text
    help: Text
    maximum: float
    levels: tuple[Level, ...] = ()
    step: float = 0.5
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Rubric:
    """The jury's grid. ``threshold``: a raw mean total below it makes a team ineligible, equal to it does not.

    ``correction`` of the jurors' severity: "raw" (never), "shown" (beside the raw means, which count), "reml" or "fixed"
    (counts where some juror did not grade every team). ``fixed_lambda``: of "fixed", and of "reml" with too few grades.
    ``spread``: who submitted a sheet sees how far its marks lie apart. ``quorum``: as many deliberate before announcing.
    """

    challenge: str
    criteria: tuple[Criterion, ...]
    threshold: float
    correction: str = "shown"
    fixed_lambda: float = 2.0
    spread: bool = False
    quorum: int = 0

    @property
    def maximum(self) -> float:
        """Highest total, in points."""
        return math.fsum(c.maximum for c in self.criteria)
