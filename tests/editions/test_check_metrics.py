"""What ``datathon check`` says of metrics that a part of the reference leaves without a value."""

from pathlib import Path
from typing import Any

import pytest
from challenge_folders import MINIMAL, write_challenge, write_csv

from datathon.editions.catalogue import load_challenge
from datathon.editions.check import check
from datathon.editions.check_metrics import TRUTH_NEEDS
from datathon.editions.parts import parts_of
from datathon.editions.sheet import read_sheet
from datathon.scoring.reference import prepare
from scorers.catalogue import SHIPPED

PARTS = ("Public", "Private")
NUMBER = '{ name = "p", type = "number", min = 0, max = 1 }'


def found(folder: Path) -> list[str]:
    findings = [
        f for f in check(folder, score=None).findings if f.severity == "error" and "give new ids" not in f.message
    ]
    return [str(f).removeprefix(f"{folder}/") for f in findings]


def made(
    folder: Path, metrics: str, truth: list[Any], *, column: str = NUMBER, more: str = "", **others: list[Any]
) -> Path:
    """Write a challenge whose rows are dealt to Public and Private by halves."""
    toml = (
        MINIMAL.replace('["roc_auc"]', metrics).replace(NUMBER, column).replace("[reference]", f"{more}\n[reference]")
    )
    write_challenge(folder, toml=toml, hidden=[(f"r{i:02}", 0, "Public") for i in range(len(truth))])
    rows = [
        (f"r{i:02}", value, PARTS[2 * i >= len(truth)], *(o[i] for o in others.values()))
        for i, value in enumerate(truth)
    ]
    write_csv(folder / "reference" / "reference.csv", ["id", "label", "Usage", *others], rows)
    return folder


def test_every_need_a_declaration_names_is_checked() -> None:
    assert {need for one in SHIPPED.values() for need in one.truth} <= TRUTH_NEEDS
    assert {need for one in SHIPPED.values() for need in one.needs} <= {"classes", "row_sum"}


@pytest.mark.parametrize(("metrics", "truth", "said"), [
    ('["roc_auc"]', [0] * 10 + [0, 1] * 5, "label: one class only in Public, roc_auc has no value there"),
    ('["average_precision"]', [0, 1] * 5 + [1] * 10, "label: one class only in Private, average_precision has no value"),
    ('["f1"]', [0, 1] * 5 + [0] * 10, "label: no positive in Private, f1 has no value there"),
    ('["mape"]', [1] * 12 + [0.0] + [1] * 7, "reference/reference.csv:14: error: label: mape needs a truth other than zero"),
    ('["rmsle"]', [1, 2] * 9 + [1, -1], "reference/reference.csv:21: error: label: rmsle needs zero or more, found '-1'"),
    ('["f1_tags"]', ["", " "] * 5 + ["a", "b c"] * 5, "label: no text in Public, f1_tags has no value there"),
    ('["log_loss"]', [0, 1] * 9 + [0, 2], "reference/reference.csv:21: error: label: log_loss needs 0 or 1, found '2'"),
])  # fmt: skip
def test_part_that_leaves_no_value_is_an_error_with_its_place(
    tmp_path: Path, metrics: str, truth: list[Any], said: str
) -> None:
    assert any(said in line for line in found(made(tmp_path / "c", metrics, truth)))


@pytest.mark.parametrize("metric", ["r2", "pearson", "spearman"])
def test_constant_truth_is_an_error_for_what_compares_variation(tmp_path: Path, metric: str) -> None:
    folder = made(tmp_path / "c", f'["{metric}"]', [0.5] * 10 + [0.1, 0.9] * 5)
    assert (
        f"reference/reference.csv: error: label: the same value everywhere in Public, {metric} has no value there"
        in found(folder)
    )


@pytest.mark.parametrize(("metrics", "column", "said"), [
    ('["rmsle"]', '{ name = "p", type = "number" }', "challenge.toml:12: error: rmsle: column p must declare min = 0 or more"),
    ('["brier"]', '{ name = "p", type = "number", min = 0 }', "brier: column p must declare max = 1 or less"),
    ('["f1_macro"]', '{ name = "p", type = "integer" }', "f1_macro: column p must declare values, or whole numbers with min"),
    ('["quadratic_kappa"]', '{ name = "p", type = "integer", min = 0 }', "quadratic_kappa: column p must declare values"),
    ('["mcrmse"]', NUMBER, "mcrmse takes two truth columns or more, found 1"),
    ('["f1"]', '{ name = "p", type = "category", values = ["yes", "no"] }', "f1: pos_label 1 is none of the values of p"),
])  # fmt: skip
def test_what_a_metric_needs_declared_is_asked_for_at_its_line(
    tmp_path: Path, metrics: str, column: str, said: str
) -> None:
    assert any(said in line for line in found(made(tmp_path / "c", metrics, [0, 1] * 10, column=column)))


def test_probabilities_of_several_classes_must_sum_to_one(tmp_path: Path) -> None:
    columns = ", ".join(f'{{ name = "{n}", type = "number", min = 0, max = 1 }}' for n in "uv")
    for more, expected in (("row_sum = 1", []), ("", ["row_sum = 1"])):
        folder = made(tmp_path / f"c{len(more)}", '["log_loss"]', ["u", "v"] * 10, column=columns, more=more)
        write_csv(folder / "sample_submission.csv", ["id", "u", "v"], [(f"r{i:02}", 0.5, 0.5) for i in range(20)])
        assert [any(said in line for line in found(folder)) for said in expected] == [True] * len(expected)
        assert expected or found(folder) == []


def test_truth_that_names_no_submitted_column_is_an_error_at_its_line(tmp_path: Path) -> None:
    columns = ", ".join(f'{{ name = "{n}", type = "number", min = 0, max = 1 }}' for n in "uv")
    folder = made(tmp_path / "c", '["log_loss"]', ["u", "v"] * 9 + ["u", "w"], column=columns, more="row_sum = 1")
    write_csv(folder / "sample_submission.csv", ["id", "u", "v"], [(f"r{i:02}", 0.5, 0.5) for i in range(20)])
    assert "reference/reference.csv:21: error: label: the name of a submitted column expected, found 'w'" in found(
        folder
    )


def test_weights_below_zero_or_all_zero_in_a_part_are_errors(tmp_path: Path) -> None:
    metric = '[{ name = "mae", weight = "size" }]'
    below = made(tmp_path / "below", metric, [0, 1] * 10, size=[1] * 19 + [-2])
    assert "reference/reference.csv:21: error: size: a weight of zero or more expected, found '-2'" in found(below)
    none = made(tmp_path / "none", metric, [0, 1] * 10, size=[1] * 10 + [0] * 10)
    assert any("size: no weight above zero in Private, mae has no value there" in line for line in found(none))


def test_group_that_leaves_no_value_is_named(tmp_path: Path) -> None:
    metric = '[{ name = "roc_auc", group = "place" }]'
    folder = made(tmp_path / "c", metric, [0, 1] * 9 + [1, 1], place=["n"] * 18 + ["s", "s"])
    assert any(
        "label: one class only in Private, place s, roc_auc has no value there" in line for line in found(folder)
    )


def test_scorer_of_its_own_is_not_held_to_the_shipped_metrics(tmp_path: Path) -> None:
    metrics = 'scorer = "scorer.py"\nmetrics = [{ name = "roc_auc", direction = "higher" }]'
    folder = write_challenge(
        tmp_path / "c",
        toml=MINIMAL.replace('metrics = ["roc_auc"]', metrics),
        hidden=[(f"r{i:02}", 1, PARTS[i % 2]) for i in range(40)],
        files={"scorer.py": "def score(y_true, y_pred, ctx):\n    return {'roc_auc': 1.0}\n"},
    )
    assert not any("no value there" in line for line in found(folder))


def split(folder: Path, truth: list[Any], table: str) -> Path:
    """Write a challenge whose parts the platform draws."""
    toml = MINIMAL.replace('usage = "Usage"\n', f"split = {table}\n")
    write_challenge(folder, toml=toml, hidden=[(f"r{i:02}", value, "") for i, value in enumerate(truth)])
    write_csv(folder / "reference" / "reference.csv", ["id", "label"], [(f"r{i:02}", v) for i, v in enumerate(truth)])
    return folder


def test_parts_that_the_split_gives_are_looked_at_too(tmp_path: Path) -> None:
    # Two positives of sixty: by chance both may fall into one part, of each stratum one is public.
    few = [1, 1] + [0] * 58
    said = [found(split(tmp_path / f"c{n}", [*few[n:], *few[:n]], "{ public = 0.5 }")) for n in range(8)]
    assert any(
        "label: one class only in the public part that the split gives, roc_auc has no value there" in line
        for lines in said for line in lines
    )  # fmt: skip
    assert found(split(tmp_path / "even", few, '{ public = 0.5, stratify = "label" }')) == []


def test_split_that_leaves_a_part_empty_is_an_error(tmp_path: Path) -> None:
    folder = split(tmp_path / "c", [0, 1], "{ public = 0.3 }")
    assert "reference/reference.csv: error: no row is Public" in found(folder)


def test_parts_of_the_check_are_those_of_scoring(tmp_path: Path) -> None:
    folder = split(tmp_path / "c", [0, 1] * 30, '{ public = 0.4, stratify = "label" }')
    challenge = load_challenge(folder)
    assert challenge.submission is not None
    assert challenge.reference is not None
    parts = parts_of(challenge.submission, challenge.reference, read_sheet(challenge.reference.file))
    assert bytes(part == "Private" for part in parts) == prepare(challenge).where
