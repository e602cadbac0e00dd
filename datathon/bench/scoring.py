"""What the sandbox costs: 100,000 rows through the warm service beside pandas and scikit-learn in one process."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datathon.editions.rules import Challenge, Column, Metric, Reference, SubmissionFormat
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.doctor import run_parse
from datathon.scoring.sandbox.private import private_scorer

NAMES = ("score-100k", "score-100k-in-order", "null-stage")
ROWS = 100_000
ROUNDS = 15
AIMS = {"score-100k": 0.9, "score-100k-in-order": 0.9, "null-stage": 0.12}


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return for each benchmark the best time of ``rounds`` interleaved rounds, its floor's, and their ratio.

    ``score-100k``: a submission in random order (read, align, ROC AUC for three parts) with the reference prepared;
    ``score-100k-in-order``: the same rows in the sample's order; ``null-stage``: one stage of four rows, there and
    back. The floor of all three is pandas reading both files, a one-to-one merge and scikit-learn's ROC AUC.
    """
    with tempfile.TemporaryDirectory() as folder, private_scorer(libraries="core") as client:
        challenge, shuffled, in_order = _challenge(Path(folder))
        reference = challenge.folder / "reference.csv"
        cases: dict[str, Callable[[], object]] = {
            "floor": lambda: _floor(reference, shuffled),
            "score-100k": lambda: _score(challenge, shuffled, client),
            "score-100k-in-order": lambda: _score(challenge, in_order, client),
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


def _floor(reference: Path, submission: Path) -> float:
    import pandas as pd  # noqa: PLC0415 - only the benchmark's floor needs the large libraries
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415

    both = pd.read_csv(reference).merge(pd.read_csv(submission), on="id", validate="one_to_one")
    return float(roc_auc_score(both["label"], both["p"]))


def _challenge(folder: Path) -> tuple[Challenge, Path, Path]:
    """Write a made-up challenge of ``ROWS`` rows and two submissions of the same values."""
    draw = random.Random(20251105)  # noqa: S311 - made-up data, the same every time
    rows = [(f"row-{i:06d}", round(draw.random(), 6)) for i in range(ROWS)]
    truth = [f"{i},{int(draw.random() < p)},{'Public' if n % 10 < 3 else 'Private'}\n" for n, (i, p) in enumerate(rows)]
    (folder / "reference.csv").write_text("id,label,Usage\n" + "".join(truth))
    lines = [f"{i},{p}\n" for i, p in rows]
    in_order = folder / "sample_submission.csv"
    in_order.write_text("id,p\n" + "".join(lines))
    draw.shuffle(lines)
    shuffled = folder / "shuffled.csv"
    shuffled.write_text("id,p\n" + "".join(lines))
    challenge = Challenge(
        id="bench", edition="", folder=folder, title={}, summary={}, description={},
        submission=SubmissionFormat("id", (Column("p", minimum=0.0, maximum=1.0),)),
        reference=Reference(folder / "reference.csv", ("label",), "Usage"),
        metrics=(Metric("roc_auc"),), sample="sample_submission.csv",
    )  # fmt: skip
    return challenge, shuffled, in_order
