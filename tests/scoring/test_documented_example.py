"""The scorer of docs/scorers.md, run as written."""

import re
from pathlib import Path

import pytest

from datathon.editions.catalogue import load_challenge
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient

DOCUMENT = Path(__file__).parents[2] / "docs" / "scorers.md"
ROWS = [("a", 2.0, "Public"), ("b", 10.0, "Public"), ("c", 4.0, "Private"), ("d", 50.0, "Private")]


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "challenge.toml").write_text(_block("toml"), encoding="utf-8")
    (tmp_path / "scorer.py").write_text(_block("python"), encoding="utf-8")
    (tmp_path / "reference").mkdir()
    lines = [f"{key},{depth},{part}" for key, depth, part in ROWS]
    (tmp_path / "reference" / "reference.csv").write_text("\n".join(["id,depth,Usage", *lines, ""]), encoding="utf-8")
    sample = "\n".join(["id,depth", *(f"{key},0" for key, _depth, _part in ROWS), ""])
    (tmp_path / "sample_submission.csv").write_text(sample, encoding="utf-8")
    return tmp_path


def test_documented_scorer_gives_what_its_text_says(folder: Path, tmp_path: Path, scorer: ScorerClient) -> None:
    submitted = tmp_path / "predictions.csv"
    submitted.write_text("id,depth\nd,51\nc,1\nb,10.5\na,3\n", encoding="utf-8")
    with submitted.open("rb") as file:
        outcome = score_file(load_challenge(folder), file, scorer=scorer)
    assert outcome.outcome == "scored", outcome.private_log
    # Errors 1 and 0.5 in public, 3 and 1 in private; the first of each is below five metres and counts double.
    assert outcome.values["public"]["shoal_error"] == pytest.approx((2 * 1 + 0.5) / 3, abs=1e-12)
    assert outcome.values["private"]["shoal_error"] == pytest.approx((2 * 3 + 1) / 3, abs=1e-12)
