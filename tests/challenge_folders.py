"""Small challenge and edition folders, written to disk as an organiser would."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

MINIMAL = """\
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

EDITION = """\
[edition]
title = { fr = "Essai", en = "Trial" }
theme = { fr = "Thème" }
pitch = { fr = "Une phrase." }
zone = "Europe/Paris"
starts = 2025-11-05
days = 35

[organiser]
name = "Organisateur fictif"
email = "essai@example.org"

[[phases]]
id = "submissions"
kind = "submissions"
title = { fr = "Dépôts" }
opens = { day = 0, at = "09:00" }
closes = { day = 30, at = "18:00" }

[documents]
rules = "1"
privacy = "1"

[jury]
challenge = "cartes"
threshold = 10
[[jury.criteria]]
id = "quality"
maximum = 20
title = { fr = "Qualité" }
levels = [{ low = 0, high = 10, text = { fr = "Peu" } }, { low = 10.5, high = 20, text = { fr = "Beaucoup" } }]

[ranking]
tie_break = ["jury", "criterion:quality"]
[[ranking.components]]
id = "metric"
kind = "metric"
challenge = "scores"
weight = 40
direction = "higher"
baseline = 0.5
target = 0.9
[[ranking.components]]
id = "jury"
kind = "jury"
challenge = "cartes"
weight = 60

[[phases]]
id = "registration"
kind = "registration"
title = { fr = "Inscriptions" }
opens = { day = 0, at = "09:00" }
closes = { day = 3, at = "18:00" }

[[phases]]
id = "prototypes"
kind = "prototypes"
title = { fr = "Dossiers" }
opens = { day = 1, at = "09:00" }
closes = { day = 4, at = "18:00" }

[[phases]]
id = "jury"
kind = "jury"
title = { fr = "Jury" }
opens = { day = 10, at = "09:00" }
closes = { day = 13, at = "18:00" }

[[phases]]
id = "announcement"
kind = "announcement"
title = { fr = "Annonce" }
opens = { day = 31, at = "09:00" }
closes = { day = 34, at = "18:00" }
"""

PROTOTYPE = """\
[challenge]
title = { fr = "Cartes" }

[[dossier]]
id = "summary"
type = "text"
title = { fr = "Résumé" }
"""


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    """Write a CSV file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def labels(rows: int = 60) -> list[tuple[str, int, str]]:
    """Return rows of id, label and usage: both labels in both parts, in no order."""
    drawn = [(index % 2, ("Public", "Private")[index // 2 % 2]) for index in range(rows)]
    random.Random(4).shuffle(drawn)  # noqa: S311 - the same rows every time
    return [(f"r{index:03d}", label, usage) for index, (label, usage) in enumerate(drawn)]


def write_challenge(
    folder: Path,
    *,
    toml: str = MINIMAL,
    hidden: Sequence[Sequence[object]] | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write a challenge with a binary label that ``datathon check`` finds in order; ``files`` are added or replaced."""
    rows = labels() if hidden is None else hidden
    write_csv(folder / "reference" / "reference.csv", ["id", "label", "Usage"], rows)
    write_csv(folder / "sample_submission.csv", ["id", "p"], [(row[0], 0.5) for row in rows])
    (folder / "challenge.toml").write_text(toml, encoding="utf-8")
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def write_program_challenge(folder: Path, *, program: str, table: str = "[program]\n") -> Path:
    """Write a challenge that asks for programs: ``x`` is given in public/test.csv, ``program`` is its baseline."""
    rows = labels()
    cells = "".join(f"{name},{3 + 5 * label + index % 4}\n" for index, (name, label, _usage) in enumerate(rows))
    files = {"public/test.csv": f"id,x\n{cells}", "baselines/own.py": program}
    return write_challenge(folder, toml=f"{MINIMAL}\n{table}", hidden=rows, files=files)


def write_edition(folder: Path, *, toml: str = EDITION) -> Path:
    """Write an edition of two challenges, one scored and one judged."""
    write_challenge(
        folder / "scores",
        toml='[challenge]\ntitle = { fr = "Scores" }\n\n' + MINIMAL,
        files={"description.fr.md": "Un défi."},
    )
    for name, text in {
        "edition.toml": toml,
        "cartes/challenge.toml": PROTOTYPE,
        "cartes/description.fr.md": "Des cartes.",
        "documents/rules.fr.md": "# Règlement",
        "documents/privacy.fr.md": "# Données",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
