"""How far the marks themselves carry: is a gap between two totals more than jurors who disagree would make? Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datathon.jury.agreement import panel_lambda
from datathon.jury.panel import Grade, islands
from datathon.jury.severity import difference_se, fit
from datathon.publication.why import scale_of

QUANTILE = 1.96
"""Standard errors that a gap must exceed to stand out at 95 %."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The jury's model as gaps are read with it: residual ``sigma`` in points of a sheet, severities by pseudonym."""

    grades: tuple[Grade, ...]
    lam: float
    sigma: float
    per_point: float
    severity: Mapping[str, float]

    def se(self, one: str, other: str) -> float:
        """Return the standard error of the gap between two totals that the marks alone leave, in points of the total."""
        return self.per_point * difference_se(self.grades, lam=self.lam, sigma=self.sigma, one=one, other=other)

    def hides(self, one: str, other: str, gap: float) -> bool:
        """Whether a gap between two totals is within what the marks' noise makes at 95 %."""
        return abs(gap) <= QUANTILE * self.se(one, other)


def noise_of(results: Mapping[str, Any]) -> Noise | None:
    """Return the noise of the marks in a results object; None where it cannot be estimated or the total is no mean.

    That is: under other schemes than ``fixed``, without a jury that counts, with panels that do not hang together, and
    where no grade is left over to estimate from.
    """
    jury = next((c for c in results["components"] if c["kind"] == "jury" and c["weight"]), None)
    if jury is None or results["scheme"] != "fixed" or not results["criteria"]:
        return None
    scale = {c["id"]: scale_of(c) for c in results["criteria"]}
    grades = tuple(
        Grade(s["juror"], s["team"], math.fsum(s["marks"][c] * each for c, each in scale.items()))
        for s in results["sheets"]
        if all(c in s["marks"] for c in scale)
    )
    if not grades or len(islands((g.juror, g.team) for g in grades)) != 1:
        return None
    lam = jury.get("lambda") or (jury.get("shown") or {}).get("lambda") or panel_lambda(grades)
    fitted = fit(grades, lam)
    if fitted.sigma is None or fitted.df <= 0:
        return None
    share = jury["weight"] / sum(c["weight"] for c in results["components"])
    maximum = math.fsum(c.get("weight", c["max"]) for c in results["criteria"])
    return Noise(grades, lam, fitted.sigma, share * 100 / maximum, fitted.severity)
