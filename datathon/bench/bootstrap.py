"""What it costs to know how sure the order of a board is."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from datathon.leaderboard.bootstrap import BLOCK_ROWS, DRAWS, bootstrap

NAMES = ("bootstrap-12x2600",)
LONG = ("bootstrap-500x100000",)
"""Minutes on two processors: measured only when it is named."""
ROUNDS = 3


def run(teams: int = 12, rows: int = 2600, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the time of 2,000 draws with everything that follows, beside the bare matrix product of counts and losses."""
    return {NAMES[0]: _measured(teams, rows, rounds)}


def run_long(teams: int = 500, rows: int = 100_000) -> dict[str, Any]:
    """Return the same for a very large board, once."""
    return {LONG[0]: _measured(teams, rows, 1)}


def _measured(teams: int, rows: int, rounds: int) -> dict[str, Any]:
    """Measure both in turns; the losses are made block by block, so that memory stays that of the bootstrap."""
    base = np.random.default_rng(20251105).random((BLOCK_ROWS, teams))
    sizes = [min(BLOCK_ROWS, rows - start) for start in range(0, rows, BLOCK_ROWS)]

    def blocks() -> Iterator[npt.NDArray[np.float64]]:
        return (base[:size] for size in sizes)

    def floor() -> None:
        counts = np.ones((DRAWS, BLOCK_ROWS))
        for size in sizes:
            counts[:, :size] @ base[:size]

    def whole() -> None:
        bootstrap(blocks, rows=rows, teams=teams, made_by="mean", decimals=6, seed=1)

    times: dict[Callable[[], None], list[float]] = {floor: [], whole: []}
    for _ in range(rounds):
        for case, taken in times.items():
            started = time.perf_counter()
            case()
            taken.append(time.perf_counter() - started)
    cheapest, best = min(times[floor]), min(times[whole])
    return {"ratio": round(best / cheapest, 2), "aim": None, "best_ms": round(best * 1000, 2),
            "floor_ms": round(cheapest * 1000, 2), "rounds": rounds}  # fmt: skip
