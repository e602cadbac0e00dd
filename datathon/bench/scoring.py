"""What the sandbox costs: 100,000 rows through the warm service beside pandas and scikit-learn in one process."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datathon.bench import made_up
from datathon.editions.catalogue import load_challenge
from datathon.editions.rules import Challenge
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.doctor import run_parse
from datathon.scoring.sandbox.private import private_scorer

NAMES = ("score-100k", "score-100k-in-order", "null-stage")
ROUNDS = 15
AIMS = {"score-100k": 0.6, "score-100k-in-order": 0.6, "null-stage": 0.12}


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return for each benchmark the best time of ``rounds`` interleaved rounds, its floor's, and their ratio.

    ``score-100k``: a submission in random order (read, align, ROC AUC for three parts) with the reference prepared;
    ``score-100k-in-order``: the same rows in the sample's order; ``null-stage``: one stage of four rows, there and
    back. The floor of all three is pandas reading both files, a one-to-one merge and scikit-learn's ROC AUC.
    """
    with tempfile.TemporaryDirectory() as folder, private_scorer(libraries="core") as client:
        made = made_up.write_challenge(Path(folder) / "large", made_up.LARGE)
        challenge = load_challenge(made.folder)
        cases: dict[str, Callable[[], object]] = {
            "floor": lambda: made_up.floor(made),
            "score-100k": lambda: _score(challenge, made.shuffled, client),
            "score-100k-in-order": lambda: _score(challenge, made.in_order, client),
            "null-stage": lambda: run_parse(client, None),
        }
        _agree(cases)
        best = _interleaved(cases, rounds)
    floor = best.pop("floor")
    return {
        name: {"ratio": round(seconds / floor, 3), "aim": AIMS[name], "best_ms": round(seconds * 1000, 2),
               "floor_ms": round(floor * 1000, 2), "rounds": rounds}
        for name, seconds in best.items()
    }  # fmt: skip


def _interleaved(cases: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    best = dict.fromkeys(cases, float("inf"))
    for _ in range(rounds):
        for name, case in cases.items():
            started = time.perf_counter()
            case()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def _agree(cases: dict[str, Callable[[], object]]) -> None:
    """Warm every case once and see that all come to the same area."""
    area = cases["floor"]()
    for name in ("score-100k", "score-100k-in-order"):
        if abs(float(str(cases[name]())) - float(str(area))) > 1e-12:
            raise ArithmeticError(f"{name} does not come to the floor's {area}")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        yield file


def _score(challenge: Challenge, file: Path, client: ScorerClient) -> float:
    with _opened(file) as opened:
        return score_file(challenge, opened, scorer=client).values["all"]["roc_auc"]
