"""A jury that compares two by two, as it is written in edition.toml: what only marks could decide is refused in words."""

import shutil
from pathlib import Path

import pytest

from datathon.editions.read_edition import read_edition

SHIPPED = Path(__file__).parents[2] / "challenges" / "2025"
JURY, TIES = "[jury]\n", 'tie_break = ["jury", "criterion:quality"]'
BARE = (("threshold = 50\n", ""), (TIES, 'tie_break = ["jury"]'))


def read(tmp_path: Path, mode: str, *changes: tuple[str, str]) -> tuple[str, list[str]]:
    """Return the mode that was read and what is wrong, with ``changes`` to the shipped file."""
    shutil.copytree(SHIPPED, tmp_path / "2025")
    toml = tmp_path / "2025" / "edition.toml"
    text = toml.read_text(encoding="utf-8")
    for before, after in ((JURY, f"{JURY}{mode}\n"), *changes):
        assert before in text
        text = text.replace(before, after, 1)
    toml.write_text(text, encoding="utf-8")
    edition = read_edition(tmp_path / "2025", problems := [])
    assert edition is not None
    assert edition.rubric is not None
    return edition.rubric.mode, [p.message for p in problems]


def test_mode_is_read_and_sheets_are_the_default(tmp_path: Path) -> None:
    assert read(tmp_path, 'mode = "pairwise"', *BARE) == ("pairwise", [])
    assert read(tmp_path / "other", "") == ("sheets", [])


@pytest.mark.parametrize(
    ("mode", "changes", "said"),
    [
        ('mode = "pairs"', (), "mode"),
        ('mode = "pairwise"', BARE[1:], "threshold: no mark decides"),
        ('mode = "pairwise"', BARE[:1], "criteria are not counted"),
        ('mode = "pairwise"\ncorrection = "reml"', BARE, "no severity to correct"),
        (
            'mode = "pairwise"',
            (*BARE, ("maximum = 20\n", "maximum = 20\nthreshold = 5\n")),
            "threshold: no mark decides",
        ),
    ],
)
def test_what_only_marks_could_decide_is_refused(
    tmp_path: Path, mode: str, changes: tuple[tuple[str, str], ...], said: str
) -> None:
    _, problems = read(tmp_path, mode, *changes)
    assert any(said in problem for problem in problems), problems
