"""Make the prediction files of the story, in a process of its own: it needs scikit-learn, the demonstration does not.

``python -m datathon.demo.files CHALLENGES_DIR FOLDER`` writes ``FOLDER/<position in the story>.csv``.
"""

import sys
from pathlib import Path

from datathon.demo.predict import prediction_file
from datathon.demo.story import load_story


def make_files(challenges: Path, folder: Path) -> None:
    """Write every file that is not there yet; each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for position, one in enumerate(load_story().submissions):
        target = folder / f"{position}.csv"
        if not target.exists():
            begun = target.with_suffix(".part")
            begun.write_bytes(prediction_file(challenges / one.edition / one.challenge, one.recipe))
            begun.replace(target)


if __name__ == "__main__":
    make_files(Path(sys.argv[1]), Path(sys.argv[2]))
