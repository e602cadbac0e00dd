"""Expected noise of a test size: the figures of the ranking specification."""

from pathlib import Path

import pytest
from challenge_folders import MINIMAL, write_challenge

from datathon.editions.check import check
from datathon.editions.noise import noise_of, noise_table

LADDER = '\n[leaderboard]\nmode = "ladder"\n'


@pytest.mark.parametrize(("rows", "error", "wrong"), [
    (300, 0.01825, 0.2918),
    (1000, 0.00999, 0.1585),
    (3000, 0.00577, 0.0416),
])  # fmt: skip
def test_one_hundredth_on_so_many_rows(rows: int, error: float, wrong: float) -> None:
    found = noise_of(rows, 0.01, 0.10)
    assert found.error == pytest.approx(error, abs=6e-6)
    assert found.wrong == pytest.approx(wrong, abs=6e-5)


def test_check_says_it_before_the_challenge_opens(tmp_path: Path) -> None:
    report = check(write_challenge(tmp_path / "essai"), score=None)
    (said,) = [run.detail for run in report.checks if run.name == "noise"]
    assert said.startswith("if two submissions differ on 1 row in 10, a true gap of 0.01 ±")
    assert "wrong order" in said


@pytest.mark.parametrize(("scale", "warned"), [(1.0, False), (0.001, True)])
def test_check_says_by_which_steps_a_ladder_moves(tmp_path: Path, scale: float, *, warned: bool) -> None:
    ladder = MINIMAL.replace('["roc_auc"]', '["mae"]').replace("min = 0, max = 1", "min = 0") + LADDER
    hidden = [(f"r{n:02}", scale * (n % 7), ("Public", "Private")[n % 2]) for n in range(20)]
    folder = write_challenge(tmp_path / "essai", toml=ladder, hidden=hidden)
    report = check(folder, score=None)
    assert [run.detail for run in report.checks if run.name == "ladder"] == [
        "the mean error that is shown moves in steps of 1/10 = 0.1"
    ]
    assert any("it would hardly move" in finding.message for finding in report.findings) == warned


def test_no_gap_is_a_coin_toss_and_larger_gaps_or_more_rows_are_safer() -> None:
    assert noise_of(100, 0.0).wrong == 0.5
    assert [one.gap for one in noise_table(252)] == [0.01, 0.02, 0.05]
    wrong = [one.wrong for one in noise_table(252)]
    assert wrong == sorted(wrong, reverse=True)
    assert noise_of(1000, 0.02).wrong < noise_of(500, 0.02).wrong


def test_gap_on_every_row_that_differs_is_never_wrong() -> None:
    assert noise_of(50, 1.0, 1.0).wrong == 0


@pytest.mark.parametrize(
    ("rows", "gap", "disagreement"), [(0, 0.01, 0.1), (10, 0.2, 0.1), (10, -0.1, 0.1), (10, 0.1, 2)]
)
def test_what_cannot_be_is_refused(rows: int, gap: float, disagreement: float) -> None:
    with pytest.raises(ValueError, match="row"):
        noise_of(rows, gap, disagreement)
