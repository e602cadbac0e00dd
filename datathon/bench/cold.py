"""What the warm service saves: the same job as a new process, plain and in bubblewrap."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from datathon.bench import made_up

NAMES = ("cold-process", "cold-bwrap")
ROUNDS = 15

PROGRAM = """\
import sys
import pandas as pd
from sklearn.metrics import roc_auc_score
both = pd.read_csv(sys.argv[1]).merge(pd.read_csv(sys.argv[2]), on="id", validate="one_to_one")
print(repr(float(roc_auc_score(both["label"], both["p"]))))
"""
"""What the process does: the file names of the reference and the submission are its arguments."""

_BUBBLEWRAP = ("--unshare-all", "--die-with-parent", "--clearenv", "--ro-bind", "/", "/", "--proc", "/proc", "--dev",
               "/dev")  # fmt: skip


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    """Return the time of the 100,000-row job in a process that starts for it, beside the floor in this process.

    ``cold-process``: a new interpreter imports pandas and scikit-learn, reads, merges, scores. ``cold-bwrap``: the same
    with every namespace of its own; without ``bwrap`` on the machine it has no figure.
    """
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        made = made_up.write_challenge(Path(folder) / "large", made_up.LARGE)
        plain = [sys.executable, "-I", "-c", PROGRAM, str(made.reference), str(made.shuffled)]
        bwrap = shutil.which("bwrap")
        commands = {"cold-process": plain}
        if bwrap is not None:
            commands["cold-bwrap"] = [bwrap, *_BUBBLEWRAP, *plain]
        best = dict.fromkeys(("floor", *commands), float("inf"))
        wanted = repr(made_up.floor(made))
        for _ in range(rounds):
            started = time.perf_counter()
            made_up.floor(made)
            best["floor"] = min(best["floor"], time.perf_counter() - started)
            for name, command in commands.items():
                started = time.perf_counter()
                said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own program
                best[name] = min(best[name], time.perf_counter() - started)
                if said.strip() != wanted:
                    raise ArithmeticError(f"{name} came to {said.strip()}, not {wanted}")
    floor = best.pop("floor")
    rows: dict[str, Any] = {
        name: {"ratio": round(seconds / floor, 2), "aim": None, "best_ms": round(seconds * 1000, 2),
               "floor_ms": round(floor * 1000, 2), "rounds": rounds}
        for name, seconds in best.items()
    }  # fmt: skip
    if bwrap is None:
        rows["cold-bwrap"] = {"ratio": None, "aim": None, "note": "bubblewrap (bwrap) is not installed here"}
    return rows
