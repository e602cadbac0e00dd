"""What a job has in memory for itself: a sealed child beside a process of its own."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from datathon.bench import cold, made_up
from datathon.editions.catalogue import load_challenge
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.private import private_scorer
from datathon.scoring.sandbox.weigh import DONE_BYTES, IDLE_BYTES, Weigher

NAMES = ("memory-idle", "memory-job")
ROUNDS = 3

_WEIGHED = """
import re
from pathlib import Path
said = Path("/proc/self/smaps_rollup").read_text()
print(1024 * sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty): +(\\d+)", said, re.M)))
"""


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the private memory of the sealed children of the 100,000-row job, beside a process that does it alone.

    ``memory-idle``: the heavier of PARSE and SCORE once sealed, before it reads a byte; ``memory-job``: once done. Both
    are the worst of ``rounds`` jobs in either order of rows. The floor is a new process with pandas and scikit-learn
    after the same job. What pages share with the process that was forked is counted once for all, and not here.
    """
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        made = made_up.write_challenge(Path(folder) / "large", made_up.LARGE)
        alone = [sys.executable, "-I", "-c", cold.PROGRAM + _WEIGHED, str(made.reference), str(made.shuffled)]
        said = subprocess.run(alone, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own program
        floor = int(said.split()[-1])
        with private_scorer(libraries="core") as client:
            weigher = Weigher(client.socket_path, patience_s=client.patience_s)
            for path in (made.shuffled, made.in_order) * rounds:
                with path.open("rb") as file:
                    score_file(load_challenge(made.folder), file, scorer=weigher)
    idle, done = max(w.idle for w in weigher.weights), max(w.done for w in weigher.weights)
    return {"memory-idle": _row(idle, floor, IDLE_BYTES, rounds), "memory-job": _row(done, floor, DONE_BYTES, rounds)}


def _row(bytes_: int, floor: int, most: int, rounds: int) -> dict[str, Any]:
    return {
        "ratio": round(bytes_ / floor, 3), "aim": round(most / floor, 3), "best_mb": round(bytes_ / 2**20, 2),
        "floor_mb": round(floor / 2**20, 2), "rounds": 2 * rounds,
    }  # fmt: skip
