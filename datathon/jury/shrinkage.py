"""How much to correct: lambda by restricted maximum likelihood, and whether to correct at all. Pure.

Source: ranking specification 4.5. Lambda is chosen once, when the jury closes, and frozen: with a fixed lambda a higher
mark never costs a team anything, with one estimated anew after each change it may.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from datathon.jury.linear import cholesky, log_determinant, solve
from datathon.jury.panel import Grade, check_connected, is_complete, islands
from datathon.jury.severity import System, shifted, system

LOW, HIGH = -8.0, 10.0
"""Bounds of log lambda."""

FLOOR = 0.1
FIXED = 2.0
MIN_DF = 6
STEP = 0.5
DIGITS = 4
"""Significant digits of a lambda: what a page shows is what was used."""

Method = Literal["raw", "reml", "fixed"]
Announced = Literal["raw", "shown", "reml", "fixed"]
Why = Literal["announced", "shown", "complete", "disconnected", "no_optimum", "not_wanted", "empty"]


@dataclass(frozen=True, slots=True)
class Correction:
    """How a jury's severity is corrected. ``lam`` is None for the method "raw".

    ``applied``: the fair scores enter the ranking; otherwise they are shown beside the raw means, which count. ``why``:
    announced (in the rules), shown (not announced), complete (raw and fair are equal), disconnected (panels cannot be
    compared), no_optimum (jurors do not differ measurably), not_wanted (the rules say raw), empty (no sheet).
    """

    method: Method = "raw"
    lam: float | None = None
    applied: bool = False
    why: Why = "not_wanted"


RAW = Correction()


def choose(grades: Sequence[Grade], *, announced: str, fixed: float = FIXED) -> Correction:
    """Return the correction to freeze with these grades.

    ``announced`` is what the rules say: raw (never), shown (computed, does not count), reml or fixed (counts where the
    design is incomplete). With fewer than 6 residual degrees of freedom reml falls back to ``fixed``.
    """
    without = _why_not([(g.juror, g.team) for g in grades], announced)
    if without is not None:
        return Correction(why=without)
    why: Why = "shown" if announced == "shown" else "announced"
    if announced == "fixed" or system(grades).df < MIN_DF:
        return Correction("fixed", fixed, applied=announced != "shown", why=why)
    lam = reml(grades)
    if lam is None:
        return Correction(why="no_optimum")
    return Correction("reml", rounded(max(lam, FLOOR)), applied=announced != "shown", why=why)


def _why_not(pairs: Sequence[tuple[str, str]], announced: str) -> Why | None:
    """Return why these grades need or allow no correction, whatever lambda; None when they do."""
    if not pairs:
        return "empty"
    if announced == "raw":
        return "not_wanted"
    if is_complete(pairs):
        return "complete"
    return "disconnected" if len(islands(pairs)) > 1 else None


def rounded(lam: float) -> float:
    """Return lambda at ``DIGITS`` significant digits."""
    return float(f"{lam:.{DIGITS}g}")


def reml(grades: Sequence[Grade]) -> float | None:
    """Return the lambda that maximises the restricted likelihood, None when it grows without end (tau = 0).

    Neither floor nor rule of degrees of freedom is applied; an optimum below exp(-8) is returned as exp(-8).
    Raises Invalid for grades that do not connect all teams.
    """
    check_connected([(g.juror, g.team) for g in grades])
    equations = system(grades)
    size = equations.count - len(equations.teams)
    scale = max((abs(g.points) for g in grades), default=0.0)
    if size <= 0 or equations.within <= (1e-9 * max(scale, 1e-9)) ** 2:
        return None
    points = [LOW + STEP * n for n in range(round((HIGH - LOW) / STEP) + 1)]
    values = [criterion(equations, math.exp(point)) for point in points]
    best = values.index(min(values))
    without = size * math.log(equations.within)
    if best == len(points) - 1 or values[best] >= without - 1e-9:
        return None
    if best == 0:
        return math.exp(LOW)
    return math.exp(_golden(equations, points[best - 1], points[best + 1]))


def criterion(equations: System, lam: float) -> float:
    """Return -2 log of the restricted likelihood, profiled over sigma, without its constant; lower is better."""
    lower = cholesky(shifted(equations, lam))
    size = equations.count - len(equations.teams)
    explained = math.fsum(b * x for b, x in zip(equations.right, solve(lower, equations.right), strict=True))
    left = max(equations.within - explained, 1e-15 * equations.within)
    return size * math.log(left) + log_determinant(lower) - len(equations.jurors) * math.log(lam)


def _golden(equations: System, low: float, high: float) -> float:
    """Return the log lambda of the smallest criterion between two bounds, to 1e-7."""
    share = (math.sqrt(5) - 1) / 2
    left, right = high - share * (high - low), low + share * (high - low)
    at_left, at_right = criterion(equations, math.exp(left)), criterion(equations, math.exp(right))
    while high - low > 1e-7:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - share * (high - low)
            at_left = criterion(equations, math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + share * (high - low)
            at_right = criterion(equations, math.exp(right))
    return (low + high) / 2
