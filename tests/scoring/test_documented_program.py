"""The program of docs/programs.md, on a challenge with the table that it shows: checked, scored, and asked for wrongly."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from challenge_folders import MINIMAL, write_challenge, write_program_challenge

from datathon.editions.catalogue import load_challenge
from datathon.editions.check import check
from datathon.editions.problems import CatalogueError
from datathon.editions.rules import Challenge
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient

DOCUMENT = (Path(__file__).parents[2] / "docs" / "programs.md").read_text(encoding="utf-8")
TABLE, PROGRAM = (
    re.findall(rf"^```{kind}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)[0] for kind in ("toml", "python")
)


def scored_by(scorer: ScorerClient) -> Callable[[Challenge, Path], ScoringOutcome]:
    def score(challenge: Challenge, path: Path) -> ScoringOutcome:
        with path.open("rb") as file:
            return score_file(challenge.taking(path.name), file, scorer=scorer)

    return score


def test_documented_program_is_scored(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = load_challenge(write_program_challenge(tmp_path / "own", program=PROGRAM, table=TABLE))
    assert challenge.program is not None
    assert challenge.program.limits.cpu_s == 60
    result = score_file(challenge, io.BytesIO(PROGRAM.encode()), scorer=scorer)
    assert result.outcome == "scored", result.problems
    assert result.values["all"]["roc_auc"] == 1.0
    again = score_file(challenge, io.BytesIO(PROGRAM.encode()), scorer=scorer)
    assert again.values == result.values


def test_check_runs_the_program_of_the_organiser(scorer: ScorerClient, tmp_path: Path) -> None:
    weak = PROGRAM.replace('/ test["x"].max()', "% 4 / 4")
    report = check(write_program_challenge(tmp_path / "own", program=weak), score=scored_by(scorer))
    ran = {run.name: run.state for run in report.checks}
    assert (ran["program"], ran["baseline own"], ran["gold"]) == ("passed", "passed", "passed"), report.findings


def test_check_tells_of_a_program_that_fails(scorer: ScorerClient, tmp_path: Path) -> None:
    report = check(write_program_challenge(tmp_path / "own", program="import torch\n"), score=scored_by(scorer))
    assert any("program_error" in f.message and f.file.name == "own.py" for f in report.findings), report.findings


def test_check_warns_of_inputs_without_the_ids(tmp_path: Path) -> None:
    folder = write_program_challenge(tmp_path / "own", program="", table='[program]\ninputs = ["public/notes.csv"]\n')
    (folder / "public" / "notes.csv").write_text("a,b\n1,2\n")
    report = check(folder, score=None)
    assert any("has the column 'id'" in f.message for f in report.findings)


@pytest.mark.parametrize(("table", "said"), [
    ('[program]\ninputs = ["reference/reference.csv"]\n', "public files only"),
    ('[program]\ninputs = ["public/link.csv"]\n', "public files only"),
    ('[program]\ninputs = ["public/absent.csv"]\n', "no file"),
    ('[program]\ninputs = ["../other.csv"]\n', "no file"),
    ("[program]\nlimits = { wall_s = 3000 }\n", "at most 300"),
    ("[program]\ninput = []\n", "unknown key"),
])  # fmt: skip
def test_program_may_be_given_public_files_only(tmp_path: Path, table: str, said: str) -> None:
    folder = write_program_challenge(tmp_path / "own", program=PROGRAM, table=table)
    (folder / "public" / "link.csv").symlink_to(folder / "reference" / "reference.csv")
    with pytest.raises(CatalogueError, match=said):
        load_challenge(folder)


def test_program_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert load_challenge(write_challenge(tmp_path / "plain")).program is None


@pytest.mark.parametrize(
    ("line", "said"), [('filter = "files"', "only for a scorer of your own"), ('filter = "all"', "'all' unknown")]
)
def test_filter_is_for_a_scorer_of_ones_own(tmp_path: Path, line: str, said: str) -> None:
    folder = write_challenge(tmp_path / "plain", toml=MINIMAL.replace("[scoring]\n", f"[scoring]\n{line}\n"))
    with pytest.raises(CatalogueError, match=said):
        load_challenge(folder)


def test_baseline_of_predictions_stays_one(scorer: ScorerClient, tmp_path: Path) -> None:
    folder = write_program_challenge(tmp_path / "own", program=PROGRAM)
    challenge = load_challenge(folder)
    result = scored_by(scorer)(challenge, folder / "sample_submission.csv")
    assert (result.outcome, set(result.timings_ms)) == ("scored", {"parse", "score", "total"})
