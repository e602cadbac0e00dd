"""How much chance there is in a score on so many rows. Pure.

Source: ranking specification 4.1. For errors of 0 or 1 on each row, two submissions that disagree on a share ``b`` of the
rows and differ by a true gap ``d``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

GAPS = (0.01, 0.02, 0.05)
DISAGREEMENT = 0.10
"""Two good submissions often disagree on a tenth of the rows; more disagreement means more noise."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What chance does to one gap: ``error`` is the standard error of the difference, ``wrong`` P(wrong order)."""

    gap: float
    error: float
    wrong: float


def noise_of(rows: int, gap: float, disagreement: float = DISAGREEMENT) -> Noise:
    """Return the noise of a gap (both in the metric's unit, 0 to 1) on ``rows`` rows.

    Raises ValueError without rows, or where the gap is larger than the share of rows that could make it.
    """
    if rows < 1:
        raise ValueError("there are no rows")
    if not 0 <= gap <= disagreement <= 1:
        raise ValueError("a gap lies between 0 and the share of rows where the two disagree")
    error = math.sqrt((disagreement - gap**2) / rows)
    wrong = 0.5 * math.erfc(gap / error / math.sqrt(2)) if error else 0.0
    return Noise(gap, error, wrong)


def rows_needed(gap: float, disagreement: float = DISAGREEMENT, *, wrong: float = 0.05) -> int:
    """Return how many rows show a gap in the right order but for a share ``wrong`` of the times; raises as ``noise_of``."""
    noise_of(1, gap, disagreement)
    if gap == 0:
        raise ValueError("no number of rows orders equals")
    return max(1, math.ceil((NormalDist().inv_cdf(1 - wrong) / gap) ** 2 * (disagreement - gap**2)))


def noise_table(rows: int, gaps: Sequence[float] = GAPS) -> tuple[Noise, ...]:
    """Return the noise of each gap on ``rows`` rows, smallest gap first."""
    return tuple(noise_of(rows, gap) for gap in gaps)
