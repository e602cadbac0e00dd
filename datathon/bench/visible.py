"""How long a team waits: from the committed row to the score in the database, through the real services."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from datathon.bench import made_up
from datathon.bench.services import Platform, platform, variant
from datathon.demo.places import challenges_dir
from datathon.editions.rules import Challenge

NAMES = ("visible-2600", "visible-100k")
ROUNDS = 15
AIMS = {"visible-2600": None, "visible-100k": 0.9}


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the time from commit to the score's row beside pandas and scikit-learn in process, libraries imported.

    A file is stored, its row committed and the bell rung; a real Valkey, RQ worker and scorer service do the rest, and
    the database is asked every 2 ms. ``visible-2600``: a file of the population challenge, floor the two mean absolute
    errors; no queue, no record and no sandbox are in the floor, which is why this ratio is far above one.
    ``visible-100k``: 100,000 rows in random order and the area under the curve. ``best_ms`` is what a person waits.
    """
    with platform(challenges_dir(Path("challenges"))) as running:
        _, challenge = running.find("populations-2023")
        source = challenge.folder / "baselines" / challenge.baselines[0]
        small = _beside(running, challenge.id, source, lambda: _floor(challenge, source), rounds)
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        made = made_up.write_edition(Path(folder))["large"]
        with platform(Path(folder)) as running:
            large = _beside(running, "large", made.shuffled, lambda: made_up.floor(made), rounds)
    return {
        "visible-2600": small | {"aim": AIMS["visible-2600"]},
        "visible-100k": large | {"aim": AIMS["visible-100k"]},
    }


def _beside(
    running: Platform, challenge: str, source: Path, floor: Callable[[], object], rounds: int
) -> dict[str, Any]:
    """Return the figures of one file, platform and floor in turns after one round that counts for neither."""
    waits: list[float] = []
    floors: list[float] = []
    for number in range(rounds + 1):
        waits.append(running.score(challenge, [variant(source, number)]))
        started = time.perf_counter()
        floor()
        floors.append(time.perf_counter() - started)
    best, lowest = min(waits[1:]), min(floors[1:])
    return {
        "ratio": round(best / lowest, 2), "best_ms": round(best * 1000, 2), "floor_ms": round(lowest * 1000, 2),
        "median_ms": round(median(waits[1:]) * 1000, 2), "rounds": rounds,
    }  # fmt: skip


def _floor(challenge: Challenge, source: Path) -> None:
    import pandas as pd  # noqa: PLC0415 - only this benchmark pays for it
    from sklearn.metrics import mean_absolute_error  # noqa: PLC0415 - as above

    if challenge.reference is None:
        raise LookupError("the challenge has no reference")
    truth = pd.read_csv(challenge.folder / challenge.reference.file, dtype={"commune": str})
    given = pd.read_csv(source, dtype={"commune": str})
    both = truth.merge(given, on="commune", suffixes=("", "_given"), validate="one_to_one")
    parts = [both[both["Usage"] == part] for part in ("Public", "Private")]
    values = [mean_absolute_error(part["growth"], part["growth_given"]) for part in parts]
    if not np.isfinite(values).all():
        raise RuntimeError("the floor gave no score")
