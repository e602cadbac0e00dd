"""What a long night changes: the cost of the ten-thousandth stage, and of a renewal of the scorer's processes."""

import time
from statistics import median
from typing import Any

from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.doctor import run_parse
from datathon.scoring.sandbox.private import private_scorer

NAMES = ("flat-10000", "renewal")
STAGES = 10_000
WINDOW = 200
OFTEN = 50
"""Children of a generation in ``renewal``: a renewal every 50 stages, where the service's own number is 4,000."""
RENEWED = 1_000


def run(stages: int = STAGES, renewed: int = RENEWED) -> dict[str, Any]:
    """Return the cost of late stages beside early ones, and of the slowest stage while processes are renewed all along.

    ``flat-10000``: the median stage of the last 200 of ``stages`` beside the median of the 10th to the 210th, in one
    service. ``renewal``: the slowest of ``renewed`` stages when a fresh process takes over every 50 stages, beside the
    median one.
    """
    with private_scorer(libraries="core") as client:
        costs = _costs(client, stages)
    early, late = median(costs[10 : 10 + WINDOW]), median(costs[-WINDOW:])
    with private_scorer(libraries="core", options=["--recycle", str(OFTEN)]) as client:
        worn = _costs(client, renewed)
    return {
        "flat-10000": _row(late, early, aim=1.1, rounds=stages),
        "renewal": _row(max(worn), median(worn), aim=None, rounds=renewed),
    }


def _costs(client: ScorerClient, stages: int) -> list[float]:
    """Return the seconds of each of ``stages`` small stages, one after the other."""
    costs = []
    for _ in range(stages):
        started = time.perf_counter()
        run_parse(client, None)
        costs.append(time.perf_counter() - started)
    return costs


def _row(seconds: float, floor: float, *, aim: float | None, rounds: int) -> dict[str, Any]:
    return {
        "ratio": round(seconds / floor, 2), "aim": aim, "best_ms": round(seconds * 1000, 2),
        "floor_ms": round(floor * 1000, 2), "rounds": rounds,
    }  # fmt: skip
