"""The ladder of docs/scorers.md: its challenge is a sound one, and its four files climb as the table says."""

import math
import re
from pathlib import Path

import pytest

from datathon.editions.catalogue import load_challenge
from datathon.scoring.ladder import climb, value_of
from datathon.scoring.losses import by_row, made_by

DOCUMENT = Path(__file__).parents[2] / "docs" / "scorers.md"
ROWS = 20


def _example() -> str:
    return DOCUMENT.read_text(encoding="utf-8").split("A challenge with a ladder,")[1].split("\n## ")[0]


def test_documented_challenge_has_a_ladder(tmp_path: Path) -> None:
    found = re.search(r"^```toml\n(.*?)^```$", _example(), re.DOTALL | re.MULTILINE)
    assert found is not None
    (tmp_path / "reference").mkdir()
    (tmp_path / "challenge.toml").write_text(found[1], encoding="utf-8")
    (tmp_path / "description.fr.md").write_text("Oui ou non.\n", encoding="utf-8")
    (tmp_path / "reference/reference.csv").write_text("id,answer,Usage\na,no,Public\nb,yes,Private\n")
    (tmp_path / "sample_submission.csv").write_text("id,answer\na,no\nb,no\n")
    challenge = load_challenge(tmp_path)
    assert challenge.board.ladder
    assert made_by(challenge) == "rest"
    assert by_row(challenge)


def test_documented_files_climb_as_the_table_says() -> None:
    lines = re.findall(
        r"^\| (\d) \| (\d*) ?\| (\d*) ?\| ([\d.]+) \| ([\d.]*) ?\| ([\d.]+) \|$", _example(), re.MULTILINE
    )
    assert [line[0] for line in lines] == ["1", "2", "3", "4"]
    best = [1.0] * 8 + [0.0] * (ROWS - 8)
    held = None
    for _number, mended, broken, own, following, shown in lines:
        losses = list(best)
        wrong, right = best.index(1.0), len(best) - 1
        for at in range(wrong, wrong + int(mended or 0)):
            losses[at] = 0.0
        for at in range(right, right - int(broken or 0), -1):
            losses[at] = 1.0
        assert 1 - sum(losses) / ROWS == pytest.approx(float(own))
        if held is not None:
            apart = [one - other for one, other in zip(losses, held.losses, strict=True)]
            middle = sum(apart) / ROWS
            noise = math.sqrt(sum((one - middle) ** 2 for one in apart) / ROWS) / math.sqrt(ROWS)
            assert 1 - (held.level - noise) == pytest.approx(float(following), abs=5e-5)
        reached = climb(held, losses)
        if reached is not None:
            held, best = reached, losses
        assert held is not None
        assert value_of(held.level, "rest") == pytest.approx(float(shown))
