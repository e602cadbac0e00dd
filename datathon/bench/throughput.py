"""How many small files a minute the platform scores, with one worker and with two."""

import tempfile
import time
from pathlib import Path
from typing import Any

from datathon.bench import made_up
from datathon.bench.services import platform, variant

NAMES = ("throughput-1", "throughput-2")
JOBS = 150
FLOORS = 15


def run(jobs: int = JOBS) -> dict[str, Any]:
    """Return the time per file when ``jobs`` files of 1,000 rows come at once, with one and with two workers.

    Beside it, the floor: pandas and scikit-learn score one such file in this process, the best of 15. ``best_ms`` is the
    time per file and ``per_s`` the files in a second, rows committed and boards brought up to date.
    """
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        made = made_up.write_edition(Path(folder))["small"]
        lowest = min(_floor(made) for _ in range(FLOORS + 1))
        for workers in (1, 2):
            with platform(Path(folder), workers=workers) as running:
                running.score("small", [variant(made.shuffled, n) for n in range(4)])
                each = running.score("small", [variant(made.shuffled, 4 + n) for n in range(jobs)]) / jobs
            result[f"throughput-{workers}"] = {
                "ratio": round(each / lowest, 2), "aim": None, "best_ms": round(each * 1000, 2),
                "floor_ms": round(lowest * 1000, 2), "rounds": jobs, "per_s": round(1 / each, 1),
            }  # fmt: skip
    return result


def _floor(made: made_up.MadeUp) -> float:
    started = time.perf_counter()
    made_up.floor(made)
    return time.perf_counter() - started
