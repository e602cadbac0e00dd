"""Scorers on trial: an honest one passes, each dishonest one is found."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from challenge_folders import MINIMAL, write_challenge, write_csv

from datathon.editions.check import check
from datathon.editions.rules import Challenge

MAE = MINIMAL.replace('["roc_auc"]', '["mae"]')


@dataclass(frozen=True)
class Result:
    """What a scorer says of a file."""

    outcome: str
    code: str | None = None
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    private_log: str = ""


Answers = dict[str, float]


def truth(challenge: Challenge) -> Answers:
    assert challenge.reference is not None
    with challenge.reference.file.open(encoding="utf-8") as file:
        return {row["id"]: float(row["label"]) for row in csv.DictReader(file)}


def read(path: Path) -> list[tuple[str, float]]:
    with path.open(encoding="utf-8") as file:
        return [(row["id"], float(row["p"])) for row in csv.DictReader(file)]


def honest(challenge: Challenge, path: Path) -> Result:
    """Mean absolute error; refuses what does not have every id once."""
    hidden = truth(challenge)
    try:
        rows = read(path)
    except (KeyError, TypeError, ValueError):
        return Result("rejected", "header_missing")
    if sorted(i for i, _ in rows) != sorted(hidden):
        return Result("rejected", "id_missing")
    return scored(sum(abs(hidden[i] - p) for i, p in rows) / len(rows))


def scored(value: float) -> Result:
    return Result("scored", values={"all": {"mae": value}})


def only_when_accepted(
    value: Callable[[Answers, list[tuple[str, float]]], float],
) -> Callable[[Challenge, Path], Result]:
    def score(challenge: Challenge, path: Path) -> Result:
        result = honest(challenge, path)
        return scored(value(truth(challenge), read(path))) if result.outcome == "scored" else result

    return score


def errors(folder: Path, score: Callable[[Challenge, Path], Result]) -> list[str]:
    return [f.message for f in check(folder, score=score).findings]


def test_honest_scorer_passes_every_trial(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE, files={})
    rows = [(i, 0.4) for i, _ in read(folder / "sample_submission.csv")]
    write_csv(folder / "baselines" / "flat.csv", ["id", "p"], rows)

    report = check(folder, score=honest)

    assert report.findings == ()
    assert {run.name: run.detail for run in report.checks[12:]} == {
        "gold": "mae 0",
        "sample": "mae 0.5",
        "baseline flat": "mae 0.5",
        "constant": "mae 0.5",
        "reordered": "mae 0",
        "shuffled": report.checks[-2].detail,
        "malformed": "5 files refused",
    }


def test_scorer_that_ignores_the_labels_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)

    assert errors(folder, only_when_accepted(lambda _hidden, _rows: 0.0)) == [
        "scores like the truth itself",
        "answers dealt out to the wrong ids score like the truth",
    ]


def test_scorer_that_misses_the_best_value_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)
    biased = only_when_accepted(lambda hidden, rows: 0.25 + sum(abs(hidden[i] - p) for i, p in rows) / len(rows))

    assert errors(folder, biased) == ["the truth itself gets mae 0.25 instead of 0"]


def test_scorer_with_the_wrong_direction_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)
    inverted = only_when_accepted(lambda hidden, rows: 1 - sum(abs(hidden[i] - p) for i, p in rows) / len(rows))

    found = errors(folder, inverted)

    assert "the truth itself gets mae 1 instead of 0" in found
    assert "gets mae 0.5, better than the truth itself (1)" in found


def test_scorer_that_depends_on_the_order_of_rows_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)
    by_position = only_when_accepted(
        lambda hidden, rows: sum(abs(y - p) for y, (_, p) in zip(hidden.values(), rows, strict=True)) / len(rows)
    )

    assert errors(folder, by_position) == ["the order of a submission's rows changes its score"]


def test_scorer_that_takes_malformed_files_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)

    def lenient(challenge: Challenge, path: Path) -> Result:
        result = honest(challenge, path)
        return scored(9.0) if result.code == "id_missing" else result

    assert errors(folder, lenient) == [
        "an empty file is not refused but scored (no code)",
        "a file without rows is not refused but scored (no code)",
        "a file that lacks its last row is not refused but scored (no code)",
        "a file with an id twice is not refused but scored (no code)",
    ]


def test_scorer_that_crashes_tells_its_last_word(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE)

    def crashing(_challenge: Challenge, _path: Path) -> Result:
        return Result("failed", "scorer_error", private_log="Traceback\nZeroDivisionError: division by zero\n")

    assert errors(folder, crashing)[0] == (
        "the truth itself is failed (scorer_error): ZeroDivisionError: division by zero"
    )


def test_baseline_that_is_refused_is_found(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE, files={"baselines/old.csv": "id,p\nr001,0.5\n"})

    report = check(folder, score=honest)

    assert [(f.file.name, f.message) for f in report.findings] == [("old.csv", "is rejected (id_missing)")]


def test_challenge_without_a_gold_submission_is_tried_without(tmp_path: Path) -> None:
    toml = MAE.replace('[{ name = "p"', '[{ name = "p" }, { name = "q"')
    folder = write_challenge(tmp_path / "essai", toml=toml)
    rows = [(i, p, p) for i, p in read(folder / "sample_submission.csv")]
    write_csv(folder / "sample_submission.csv", ["id", "p", "q"], rows)

    states = {run.name: run.state for run in check(folder, score=honest).checks}

    assert (states["gold"], states["constant, reordered, shuffled"], states["sample"]) == (
        "skipped",
        "skipped",
        "passed",
    )
