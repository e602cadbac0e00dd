"""Metrics of masks, boxes, lists and several columns of one truth, from challenge.toml through the real sandbox."""

import io
from pathlib import Path

import pytest
from challenge_folders import MINIMAL, write_challenge

from datathon.editions.catalogue import CatalogueError, load_challenge
from datathon.editions.check import check
from datathon.editions.rules import Challenge
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.truth_file import truth_file

MASKS = '{ name = "p", type = "string", format = "rle", width = 10, height = 10 }'
BOXES = '{ name = "p", type = "string", format = "boxes" }'
LIST = '{ name = "p", type = "string", empty = true }'
NUMBER = '{ name = "p" }'
QUANTILES = '{ name = "q90" }, { name = "q10" }'
FVC = '{ name = "value" }, { name = "sure", min = 0 }'


def folder(path: Path, columns: str, metric: str, truth: list[str], names: str = "p") -> Path:
    toml = MINIMAL.replace('{ name = "p", type = "number", min = 0, max = 1 }', columns).replace('"roc_auc"', metric)
    assert toml.count(columns) == toml.count(metric) == 1
    reference = "".join(f'{i},"{t}",{u}\n' for i, t, u in zip("abcd", truth, ["Public", "Private"] * 2, strict=True))
    sample = "".join(f"{i}{',1' * (1 + names.count(','))}\n" for i in "abcd")
    files = {
        "reference/reference.csv": "id,label,Usage\n" + reference,
        "sample_submission.csv": f"id,{names}\n{sample}",
    }
    return write_challenge(path, toml=toml, files=files)


@pytest.mark.parametrize(("columns", "metric", "truth", "names", "given", "expected"), [
    (MASKS, '"dice"', ["1 4", "", "1 2", "5 5"], "p", ["3 4", "", "1 2", "1 1"], [0.75, 0.5, 0.625]),
    (MASKS, '{ name = "iou", both_empty = "skip" }', ["1 4", "", "1 2", "5 5"], "p", ["3 4", "", "1 2", "1 1"],
     [(1 / 3 + 1) / 2, 0, (1 / 3 + 1) / 3]),
    (BOXES, '{ name = "map_boxes", thresholds = [0.5, 0.75] }', ["u 0 0 4 4", "v 0 0 1 1", "", "v 1 1 2 2"], "p",
     ["u 0.9 0 0 4 2", "v 1 0 0 1 1", "", "v 0.5 1 1 2 2; v 0.4 0 0 9 9"], [0.5, 1, 0.75]),
    (LIST, '{ name = "map_at_k", k = 2 }', ["a b", "c", "", "d"], "p", ["b x", "c", "x", "x d"], [0.5, 0.75, 2 / 3]),
    (QUANTILES, '{ name = "quantile_loss", levels = { q10 = 0.1, q90 = 0.9 } }', ["1", "2", "3", "4"], "q10,q90",
     ["0,2", "2,2", "2,2", "4,6"], [(0.1 + 0.1 + 0.1 + 0.9) / 4, (0.2) / 4, 1.4 / 8]),
    (FVC, '{ name = "laplace_log_likelihood", spread = "sure" }', ["1", "2", "3", "4"], "value,sure",
     ["1,9", "2,70", "3,0", "4,1"], [-4.595069] * 3),
])  # fmt: skip
def test_challenge_file_leads_to_the_known_score(
    scorer: ScorerClient, tmp_path: Path, columns: str, metric: str, truth: list[str], names: str, given: list[str],
    expected: list[float],
) -> None:  # fmt: skip
    challenge = load_challenge(folder(tmp_path / "essai", columns, metric, truth, names))
    raw = f"id,{names}\n" + "".join(f"{i},{cell}\n" for i, cell in zip("abcd", given, strict=True))
    result = score_file(challenge, io.BytesIO(raw.encode()), scorer=scorer)
    assert result.outcome == "scored", (result.private_log, result.problems)
    found = [next(iter(result.values[part].values())) for part in ("public", "private", "all")]
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("columns", "metric", "names", "said"), [
    (LIST, '"dice"', "p", "dice: column p must have format 'rle'"),
    (NUMBER, '"levenshtein"', "p", "levenshtein: column p must be of type string"),
    (QUANTILES, '{ name = "quantile_loss", levels = { q50 = 0.5 } }', "q10,q90", "no submitted column q50"),
    (FVC, '{ name = "laplace_log_likelihood", spread = "sigma" }', "value,sure", "no submitted column sigma"),
])  # fmt: skip
def test_metric_that_does_not_fit_the_columns_is_the_organisers_fault(
    scorer: ScorerClient, tmp_path: Path, columns: str, metric: str, names: str, said: str
) -> None:
    challenge = load_challenge(folder(tmp_path / "essai", columns, metric, ["1", "2", "3", "4"], names))
    result = score_file(challenge, io.BytesIO(b"id\n"), scorer=scorer)
    assert (result.outcome, result.code) == ("failed", "scorer_error")
    assert said in result.private_log


@pytest.mark.parametrize(("metric", "said"), [
    ('{ name = "quantile_loss" }', "levels: quantile_loss needs it"),
    ('{ name = "quantile_loss", levels = { q10 = 2 } }', "levels: numbers of at most 1 expected"),
    ('{ name = "quantile_loss", levels = ["q10"] }', "levels: numbers by submitted column expected"),
    ('{ name = "map_boxes", thresholds = [] }', "thresholds: a list of numbers expected"),
    ('{ name = "map_boxes", thresholds = [0] }', "thresholds: numbers of more than 0 expected"),
    ('{ name = "laplace_log_likelihood", spread = 3 }', "spread: a submitted column expected"),
])  # fmt: skip
def test_unfit_parameter_is_told_with_its_line(tmp_path: Path, metric: str, said: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_challenge(folder(tmp_path / "essai", QUANTILES, metric, ["1", "2", "3", "4"], "q10,q90"))
    assert any(said in str(problem) for problem in caught.value.problems), [str(p) for p in caught.value.problems]


@pytest.mark.parametrize(
    "cell", ["u 0.5 0 0 1", "u x 0 0 1 1", "u 0.5 2 0 1 1", "u 0.5 0 0 1 1e999", "u 0 0 1 1", "0.5 0 0 1 1 1 1"]
)
def test_box_that_is_no_box_is_refused_with_its_line(scorer: ScorerClient, tmp_path: Path, cell: str) -> None:
    challenge = load_challenge(folder(tmp_path / "essai", BOXES, '"map_boxes"', ["u 0 0 1 1"] * 4))
    raw = f"id,p\na,u 1 0 0 1 1\nb,{cell}\nc,\nd,\n"
    result = score_file(challenge, io.BytesIO(raw.encode()), scorer=scorer)
    assert (result.outcome, result.code) == ("rejected", "format")
    assert (result.problems[0].line, result.problems[0].column, result.problems[0].expected) == (3, "p", "boxes")


@pytest.mark.parametrize(("columns", "metric", "truth", "names"), [
    (BOXES, '"map_boxes"', ["u 0 0 1 1; v 1 1 2 2", "", "v 0 0 3 3"], "p"),
    (MASKS, '{ name = "dice", both_empty = "zero" }', ["1 4", "", "9 2"], "p"),
    (LIST, '{ name = "ndcg_at_k", graded = true }', ["a:1 b:2", "", "c:1"], "p"),
    (QUANTILES, '{ name = "quantile_loss", levels = { q10 = 0.1 } }', ["1", "2", "4"], "q10,q90"),
])  # fmt: skip
def test_check_knows_what_the_truth_itself_gets(
    scorer: ScorerClient, tmp_path: Path, columns: str, metric: str, truth: list[str], names: str
) -> None:
    def score(challenge: Challenge, path: Path) -> ScoringOutcome:
        with path.open("rb") as file:
            return score_file(challenge, file, scorer=scorer)

    report = check(folder(tmp_path / "essai", columns, metric, [*truth, truth[0]], names), score=score)
    states = {run.name: run.state for run in report.checks}
    assert states["gold"] in {"passed", "skipped"}, [str(f) for f in report.findings]
    assert not [f for f in report.findings if "truth itself" in str(f)]


def test_true_boxes_are_handed_in_with_a_score(scorer: ScorerClient, tmp_path: Path) -> None:
    truth = ["u 0 0 1 1; v 1 1 2 2", "", "v 0 0 3 3", "u 1 1 5 5"]
    challenge = load_challenge(folder(tmp_path / "essai", BOXES, '"map_boxes"', truth))
    raw = truth_file(challenge)
    assert raw is not None
    result = score_file(challenge, io.BytesIO(raw), scorer=scorer)
    assert result.values["all"] == {"map_boxes": 1.0}, result
