"""An edition of made-up data, written as an organiser would write it: what every benchmark of scoring runs on."""

import random
from dataclasses import dataclass
from pathlib import Path

LARGE, SMALL = 100_000, 1_000
EDITION = "bench"

_EDITION_TOML = """\
[edition]
title = { fr = "Mesures", en = "Benchmarks" }
theme = { fr = "Mesures" }
pitch = { fr = "Des données inventées." }
zone = "Europe/Paris"
starts = "installation"
offset_days = -1
days = 35

[organiser]
name = "Mesures"
email = "mesures@example.org"

[[phases]]
id = "submissions"
kind = "submissions"
title = { fr = "Dépôts" }
opens = { day = 0, at = "09:00" }
closes = { day = 30, at = "18:00" }

[documents]
rules = "1"
privacy = "1"
"""
_CHALLENGE_TOML = """\
[challenge]
title = { fr = "Mesure" }

[submission]
id = "id"
columns = [{ name = "p", type = "number", min = 0, max = 1 }]

[reference]
file = "reference/reference.csv"
truth = ["label"]
usage = "Usage"

[scoring]
metrics = ["roc_auc"]
"""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A challenge folder with one column of scores between 0 and 1 against labels 0 and 1, three rows in ten public.

    ``in_order`` and ``shuffled`` hold the same predictions, in the order of the sample submission and in another one.
    """

    folder: Path
    reference: Path
    in_order: Path
    shuffled: Path


def write_challenge(folder: Path, rows: int) -> MadeUp:
    """Write a challenge of ``rows`` rows into ``folder``; the same numbers every time."""
    draw = random.Random(20251105)  # noqa: S311 - made-up data
    values = [(f"row-{i:06d}", round(draw.random(), 6)) for i in range(rows)]
    truth = [
        f"{i},{int(draw.random() < p)},{'Public' if n % 10 < 3 else 'Private'}\n" for n, (i, p) in enumerate(values)
    ]
    (folder / "reference").mkdir(parents=True)
    (folder / "challenge.toml").write_text(_CHALLENGE_TOML, encoding="utf-8")
    (folder / "description.fr.md").write_text("Des données inventées.\n", encoding="utf-8")
    made = MadeUp(folder, folder / "reference/reference.csv", folder / "sample_submission.csv", folder / "shuffled.csv")
    made.reference.write_text("id,label,Usage\n" + "".join(truth))
    lines = [f"{i},{p}\n" for i, p in values]
    made.in_order.write_text("id,p\n" + "".join(lines))
    draw.shuffle(lines)
    made.shuffled.write_text("id,p\n" + "".join(lines))
    return made


def write_edition(root: Path) -> dict[str, MadeUp]:
    """Write an edition with the challenges ``large`` and ``small`` under ``root``; return them by name."""
    folder = root / EDITION
    (folder / "documents").mkdir(parents=True)
    (folder / "edition.toml").write_text(_EDITION_TOML, encoding="utf-8")
    for document in ("rules", "privacy"):
        (folder / "documents" / f"{document}.fr.md").write_text("Rien à lire : des mesures.\n", encoding="utf-8")
    return {name: write_challenge(folder / name, rows) for name, rows in (("large", LARGE), ("small", SMALL))}


def floor(made: MadeUp) -> float:
    """Return the area under the curve as pandas and scikit-learn compute it in this process: both files read, merged."""
    import pandas as pd  # noqa: PLC0415 - only the floor needs the large libraries
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - as above

    both = pd.read_csv(made.reference).merge(pd.read_csv(made.shuffled), on="id", validate="one_to_one")
    return float(roc_auc_score(both["label"], both["p"]))
