"""A file through the real sandbox: known scores, refusals, failures, and nothing that leaks."""
# ruff: noqa: PD011 - an outcome has values of its own, pandas is not meant

import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sandboxed import GOOD, REFERENCE, REPOSITORY, make_challenge
from sklearn import metrics as oracle

from datathon.editions.catalogue import load_challenge
from datathon.editions.rules import Column, Limits, Metric, Split
from datathon.scoring.reference import prepare
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.stages import OPEN

CHALLENGES = REPOSITORY / "challenges"
KNOWN = [
    ("atelier/populations-2023", "sample_submission.csv", "mae", 1.338641, 1.318166),
    ("atelier/populations-2023", "baselines/last_year_trend.csv", "mae", 1.063761, 1.064131),
    ("2025/metiers-secteurs", "sample_submission.csv", "lrap", 0.025022046, 0.025162098),
    ("2025/metiers-secteurs", "baselines/frequency.csv", "lrap", 0.158735165, 0.160316885),
    ("atelier/marnage", "sample_submission.csv", "mae", 1.25525, 1.312611),
    ("atelier/marnage", "baselines/3nn.csv", "mae", 0.7645, 0.809778),
]


@pytest.mark.parametrize(("folder", "file", "metric", "public", "private"), KNOWN)
def test_known_submission_has_its_known_score(
    scorer: ScorerClient, folder: str, file: str, metric: str, public: float, private: float
) -> None:
    challenge = load_challenge(CHALLENGES / folder)
    path = challenge.folder / file
    with path.open("rb") as opened:
        result = score_file(challenge, opened, scorer=scorer)
    assert result.outcome == "scored"
    assert result.values["public"][metric] == pytest.approx(public, abs=1e-6)
    assert result.values["private"][metric] == pytest.approx(private, abs=1e-6)
    assert result.values["all"][metric] == pytest.approx(_by_scikit_learn(challenge.folder, path, metric), abs=1e-12)


def _by_scikit_learn(folder: Path, submission: Path, metric: str) -> float:
    import pandas as pd

    reference = pd.read_csv(next((folder / "reference").glob("*.csv")))
    given = pd.read_csv(submission)
    both = reference.merge(given, on=given.columns[0], suffixes=("", "_guess"))
    names = list(given.columns[1:])
    truth = both[names].to_numpy()
    guess = both[[f"{name}_guess" for name in names]].to_numpy()
    function = {"mae": oracle.mean_absolute_error, "lrap": oracle.label_ranking_average_precision_score}[metric]
    return float(function(truth, guess))


def test_outcome_says_what_it_depends_on(scorer: ScorerClient, tmp_path: Path) -> None:
    result = score_file(make_challenge(tmp_path), io.BytesIO(GOOD), scorer=scorer)
    told = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert (told["outcome"], told["code"], told["messages"]) == ("scored", None, [])
    assert told["values"]["public"]["mae"] == pytest.approx(0.15)
    assert told["sandbox"] in {"full", "container"}
    assert (told["scorer"]["name"], told["scorer"]["version"]) == ("mae", "1")
    for digest in (told["scorer"]["digest"], told["reference"], told["submission"], told["environment"]):
        assert digest.startswith("sha256:")
        assert len(digest) == 71
    assert set(told["timings_ms"]) == {"parse", "score", "total"}
    assert told["resources"]["max_rss_bytes"] > 1_000_000


def test_weight_of_a_metric_comes_from_the_reference(scorer: ScorerClient, tmp_path: Path) -> None:
    metrics = (Metric("mae", params={"weight": "weight"}), Metric("rmse"), Metric("accuracy"))
    result = score_file(make_challenge(tmp_path, metrics=metrics), io.BytesIO(GOOD), scorer=scorer)
    truth, guess, weight = np.array([1, 0, 1, 0]), np.array([0.9, 0.2, 0.8, 0.4]), np.array([2, 1, 1, 4])
    expected = oracle.mean_absolute_error(truth, guess, sample_weight=weight)
    assert result.values["all"]["mae"] == pytest.approx(expected, abs=1e-12)
    assert list(result.values["all"]) == ["mae", "rmse", "accuracy"]


def test_rows_in_another_order_have_the_same_score(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path, metrics=(Metric("roc_auc"),))
    header, *rows = GOOD.splitlines(keepends=True)
    turned = header + b"".join(reversed(rows))
    first = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    second = score_file(challenge, io.BytesIO(turned), scorer=scorer)
    assert first.values == second.values
    assert first.submission != second.submission


def test_split_without_usage_column_gives_both_parts(scorer: ScorerClient, tmp_path: Path) -> None:
    reference = "id,label\n" + "".join(f"r{i},{i % 2}\n" for i in range(40))
    sample = "id,p\n" + "".join(f"r{i},0.5\n" for i in range(40))
    challenge = make_challenge(
        tmp_path, reference=reference, sample=sample, usage=None, split=Split(public=0.3, stratify="label")
    )
    assert dict(prepare(challenge).parts) == {"public": 12, "private": 28, "all": 40}
    result = score_file(challenge, io.BytesIO(sample.encode()), scorer=scorer)
    assert result.values["private"] == {"mae": 0.5}


def test_changed_reference_is_prepared_again(tmp_path: Path) -> None:
    first = prepare(make_challenge(tmp_path))
    assert prepare(make_challenge(tmp_path)) is first
    second = prepare(make_challenge(tmp_path, reference=REFERENCE.replace("b,0,", "b,1,")))
    assert (second.digest != first.digest, second.labels != first.labels) == (True, True)


def test_weighted_metric_of_the_example_is_scikit_learns(scorer: ScorerClient) -> None:
    challenge = load_challenge(CHALLENGES / "atelier" / "populations-2023")
    with (challenge.folder / "baselines" / "last_year_trend.csv").open("rb") as opened:
        result = score_file(challenge, opened, scorer=scorer)
    import pandas as pd

    reference = pd.read_csv(challenge.folder / "reference" / "reference.csv")
    both = reference.merge(pd.read_csv(challenge.folder / "baselines" / "last_year_trend.csv"), on="commune")
    for part in ("Public", "Private"):
        rows = both[both["Usage"] == part]
        expected = oracle.mean_absolute_error(rows["growth_x"], rows["growth_y"], sample_weight=rows["weight"])
        assert result.values[part.lower()]["weighted_mae"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("raw", "code"), [
    (b"", "empty"),
    (GOOD.decode().encode("utf-16"), "encoding"),
    (GOOD.replace(b"0.9", b"0\0"), "not_csv"),
    (b"id\na\n", "header_missing"),
    (b"id,p,q\n", "header_unknown"),
    (b"id,p,p\n", "header_duplicate"),
    (GOOD.replace(b"b,0.2\n", b""), "id_missing"),
    (GOOD + b"b,0.2\n", "id_duplicate"),
    (GOOD + b"zz,0.2\n", "id_unknown"),
    (GOOD.replace(b"0.9", b"much"), "value_type"),
    (GOOD.replace(b"0.9", b"nan"), "value_not_finite"),
    (GOOD.replace(b"0.9", b"inf"), "value_not_finite"),
    (GOOD.replace(b"0.9", b"1e999"), "value_not_finite"),
    (b"id," + b"c," * 1_000_000 + b"p\n", "header_unknown"),
    (b"\x1f\x8b\x08" + bytes(50), "not_csv"),
    (b"PK\x03\x04" + bytes(50), "not_csv"),
])  # fmt: skip
def test_bad_file_is_rejected_with_its_code(scorer: ScorerClient, tmp_path: Path, raw: bytes, code: str) -> None:
    result = score_file(make_challenge(tmp_path), io.BytesIO(raw), scorer=scorer)
    assert (result.outcome, result.code, result.values) == ("rejected", code, {})
    assert result.problems[0].code == code
    assert result.submission.startswith("sha256:")


def test_huge_file_is_rejected_without_being_kept(scorer: ScorerClient, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with path.open("rb") as file:
        result = score_file(make_challenge(tmp_path / "c"), file, scorer=scorer)
    assert (result.outcome, result.code) == ("rejected", "too_large")
    assert result.as_json()["messages"][0]["expected"] == "at most 20000000 bytes"


def test_reference_is_in_no_message(scorer: ScorerClient, tmp_path: Path) -> None:
    reference = REFERENCE.replace(",1,2,", ",0.7318294,2,")
    challenge = make_challenge(tmp_path, reference=reference)
    for raw in (GOOD.replace(b"0.9", b"x"), b"id,p\na,1\n", GOOD.replace(b"a,", b"zz,")):
        result = score_file(challenge, io.BytesIO(raw), scorer=scorer)
        assert result.outcome == "rejected"
        assert "7318294" not in json.dumps(result.as_json())


def test_weights_and_groups_of_the_reference_stay_in_it(scorer: ScorerClient, tmp_path: Path) -> None:
    rows = "".join(
        f"{n},{y},8642.97531,groupe-91c4,{part}\n"
        for n, y, part in zip("abcd", "1011", ["Public"] * 2 + ["Private"] * 2, strict=True)
    )
    reference = "id,label,size,place,Usage\n" + rows
    told = []
    for name, end in (("mae", "scored"), ("roc_auc", "failed")):  # one class only in the private part
        metrics = (Metric(name, params={"weight": "size", "group": "place"}),)
        challenge = make_challenge(tmp_path / name, reference=reference, metrics=metrics)
        result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
        assert result.outcome == end, result.logs
        told += [
            json.dumps(result.as_json()),
            repr(result.problems),
            *(result.logs.get(s, "") for s in ("parse", "predict")),
        ]
    refused = score_file(challenge, io.BytesIO(GOOD.replace(b"0.9", b"x")), scorer=scorer)
    told += [json.dumps(refused.as_json()), repr(refused.problems), *refused.logs.values()]
    assert not any(secret in text for secret in ("8642", "groupe-91c4") for text in told)


@pytest.mark.parametrize(("truth", "metric"), [("1,2,Public\nb,1", "roc_auc"), ("1,0,Public\nb,0", "mae")])
def test_metric_without_a_value_fails_with_no_score(
    scorer: ScorerClient, tmp_path: Path, truth: str, metric: str
) -> None:
    weighted = {"weight": "weight"} if metric == "mae" else {}
    reference = f"id,label,weight,Usage\na,{truth},0,Public\nc,1,1,Private\nd,0,4,Private\n"
    challenge = make_challenge(tmp_path, reference=reference, metrics=(Metric(metric, params=weighted),))
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code, result.values) == ("failed", "no_score", {})
    assert f"{metric} (public)" in result.private_log


CUSTOM = """
import numpy as np

def score(y_true, y_pred, ctx):
    assert len(ctx.ids) == len(y_true["label"]) == len(ctx.columns["weight"])
    return {"mine": float(np.abs(y_true["label"] - y_pred["p"]).max()), "other": float(ctx.rng.random())}
"""
MINE = (Metric("mine", direction="lower"), Metric("other", direction="lower"))


def test_custom_scorer_gives_the_same_numbers_each_time(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path, scorer=CUSTOM, metrics=MINE)
    first, second = (score_file(challenge, io.BytesIO(GOOD), scorer=scorer) for _ in range(2))
    assert first.outcome == "scored", first.private_log
    assert first.values["public"]["mine"] == pytest.approx(0.2)
    assert first.values == second.values
    assert first.libraries["scikit-learn"]


def test_custom_parse_replaces_the_reading(scorer: ScorerClient, tmp_path: Path) -> None:
    source = (
        CUSTOM
        + """
import io
import pandas as pd
from scorers import Reject

def parse(file, ctx):
    frame = pd.read_json(io.BytesIO(file.read()), orient="index")
    if list(frame.index) != list(ctx.ids):
        raise Reject("format", "one entry per id, please", line=7, column="p")
    return {"p": frame["p"].to_numpy()}
"""
    )
    challenge = make_challenge(tmp_path, scorer=source, metrics=MINE)
    good = json.dumps({i: {"p": p} for i, p in zip("abcd", (0.9, 0.2, 0.8, 0.4), strict=True)}).encode()
    result = score_file(challenge, io.BytesIO(good), scorer=scorer)
    assert result.outcome == "scored", result.private_log
    refused = score_file(challenge, io.BytesIO(b'{"a": {"p": 1}}'), scorer=scorer)
    assert (refused.outcome, refused.code) == ("rejected", "format")
    assert refused.as_json()["messages"][0] == {
        "code": "format", "line": 7, "column": "p", "found": None, "expected": "one entry per id, please",
        "expected_key": "text", "params": {"text": "one entry per id, please"},
        "text": "Line 7, column p: the file does not have the expected form; expected: one entry per id, please.",
    }  # fmt: skip


@pytest.mark.parametrize(("source", "code"), [
    ("def score(y_true, y_pred, ctx):\n    raise KeyError(float(y_true['label'][0]) + 0.7318294)", "scorer_error"),
    ("def score(y_true, y_pred, ctx):\n    return {'mine': float('nan'), 'other': 1.0}", "no_score"),
    ("def score(y_true, y_pred, ctx):\n    return {}", "scorer_error"),
    ("def score(y_true, y_pred, ctx):\n    return {'mine': 'x' * 100000, 'other': 1}", "scorer_error"),
    ("def score(y_true, y_pred, ctx):\n    while True: pass", "timeout"),
    ("def score(y_true, y_pred, ctx):\n    return bytearray(1 << 31)", "memory"),
    ("def score(y_true, y_pred, ctx):\n    import ctypes; ctypes.string_at(1)", "scorer_error"),
    ("def parse(file, ctx):\n    raise ValueError('broken')\ndef score(y_true, y_pred, ctx): pass", "scorer_error"),
    ("def parse(file, ctx):\n    return {'p': [1.0]}\ndef score(y_true, y_pred, ctx): pass", "scorer_error"),
    ("this is not Python", "scorer_error"),
    ("import something_absent\ndef score(y_true, y_pred, ctx): pass", "scorer_error"),
])  # fmt: skip
def test_fault_of_a_custom_scorer_fails_and_shows_the_team_nothing(
    scorer: ScorerClient, tmp_path: Path, source: str, code: str
) -> None:
    limits = Limits(cpu_s=1, wall_s=60, memory_mb=256)
    challenge = make_challenge(tmp_path, scorer=source, metrics=MINE, limits=limits)
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code, result.values, result.problems) == ("failed", code, {}, ())
    assert "7318294" not in json.dumps(result.as_json())
    assert result.private_log
    open_logs = [text for stage, text in result.logs.items() if stage in OPEN]
    assert "7318294" not in "".join(open_logs), "what may hold labels is kept apart"


def test_predictions_that_parse_cannot_have_let_through_are_rejected(scorer: ScorerClient, tmp_path: Path) -> None:
    source = CUSTOM + "\ndef parse(file, ctx):\n    return {'p': np.full(4, np.nan)}\n"
    result = score_file(make_challenge(tmp_path, scorer=source, metrics=MINE), io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code, result.problems[0].column) == ("rejected", "format", "p")


@pytest.mark.parametrize(("change", "said"), [
    ({"reference": REFERENCE.replace("d,0,4,Private\n", "")}, "not both here and in the sample"),
    ({"reference": REFERENCE.replace("b,0,1,Public", "b,0,1,Hidden")}, "reference.csv:3: 'Hidden'"),
    ({"reference": REFERENCE.replace("b,0,", "b,none,")}, "'none' is not a finite number"),
    ({"reference": REFERENCE.replace("b,0,1,Public", "b,0,1")}, "reference.csv:3: 3 values, expected 4"),
    ({"truth": ("other",)}, "reference.csv:1: no column other"),
    ({"metrics": (Metric("mystery"),)}, "unknown metric mystery"),
    ({"metrics": (Metric("mae", params={"wait": 1}),)}, "mae: wait: mae has no such parameter"),
    ({"metrics": ()}, "no metric"),
])  # fmt: skip
def test_fault_of_the_challenge_fails_and_names_the_place(
    scorer: ScorerClient, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    challenge = make_challenge(tmp_path, **change)  # type: ignore[arg-type]
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code) == ("failed", "scorer_error")
    assert said in result.private_log


def test_text_and_categories_reach_the_metric_as_text(scorer: ScorerClient, tmp_path: Path) -> None:
    reference = "id,kind,Usage\na,été,Public\nb,hiver,Public\nc,été,Private\nd,hiver,Private\n"
    sample = "id,kind\na,été\nb,été\nc,été\nd,été\n"
    for column in (Column("kind", "category", values=("été", "hiver")), Column("kind", "string")):
        challenge = make_challenge(
            tmp_path,
            reference=reference,
            sample=sample,
            columns=(column,),
            truth=("kind",),
            metrics=(Metric("accuracy"),),
        )
        result = score_file(challenge, io.BytesIO(sample.encode()), scorer=scorer)
        assert result.outcome == "scored", result
        assert result.values["all"] == {"accuracy": 0.5}


def test_no_service_raises_and_says_where(tmp_path: Path) -> None:
    client = ScorerClient(tmp_path / "absent.sock")
    assert not client.ready()
    with pytest.raises(ScorerUnavailable, match="not available"):
        score_file(make_challenge(tmp_path), io.BytesIO(GOOD), scorer=client)


def test_mutated_files_are_scored_or_rejected_and_never_fail(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path)
    draw = random.Random(5)  # noqa: S311 - the same files every time
    pieces = [b"", b",", b"\n", b'"', b"\0", b"\r", b"e", b"-", b"9" * 400, b"nan", b"\xff", b";", b"\xef\xbb\xbf"]
    for _ in range(60):
        raw = bytearray(GOOD)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(raw) + 1)
            raw[at : at + draw.randint(0, 3)] = draw.choice(pieces)
        result = score_file(challenge, io.BytesIO(bytes(raw)), scorer=scorer)
        assert result.outcome in {"scored", "rejected"}, (bytes(raw), result.private_log)
        assert bool(result.problems) == (result.outcome == "rejected")


# Metrics that custom scorers are likely to call, none of them called before the seal unless the service did.
LIBRARY = """
import numpy as np
import pandas as pd
from scipy import stats
from sklearn import metrics

def values(truth, guess):
    hard = (guess > 0.5).astype(int)
    two = np.column_stack([truth, 1 - truth]), np.column_stack([guess, 1 - guess])
    found = {
        name: getattr(metrics, name)(truth, guess) for name in (
            "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "r2_score", "median_absolute_error",
            "max_error", "explained_variance_score", "mean_pinball_loss", "d2_absolute_error_score",
            "mean_absolute_percentage_error", "mean_squared_log_error", "root_mean_squared_log_error", "roc_auc_score",
            "average_precision_score", "log_loss", "brier_score_loss", "d2_pinball_score")
    }
    found |= {
        name: getattr(metrics, name)(truth, hard) for name in (
            "accuracy_score", "balanced_accuracy_score", "f1_score", "precision_score", "recall_score", "jaccard_score",
            "matthews_corrcoef", "cohen_kappa_score", "hamming_loss", "zero_one_loss", "v_measure_score",
            "adjusted_rand_score", "normalized_mutual_info_score", "adjusted_mutual_info_score",
            "fowlkes_mallows_score", "homogeneity_score", "completeness_score", "mutual_info_score")
    }
    found |= {
        name: getattr(metrics, name)(*two) for name in (
            "label_ranking_average_precision_score", "coverage_error", "label_ranking_loss", "ndcg_score", "dcg_score")
    }
    found["fbeta"] = metrics.fbeta_score(truth, hard, beta=2)
    found["confusion"] = metrics.confusion_matrix(truth, hard)[0, 0]
    found["report"] = metrics.classification_report(truth, hard, output_dict=True)["accuracy"]
    found["curve"] = metrics.auc(*metrics.roc_curve(truth, guess)[:2])
    found["spearman"], found["pearson"] = stats.spearmanr(truth, guess)[0], stats.pearsonr(truth, guess)[0]
    found["kendall"], found["entropy"] = stats.kendalltau(truth, guess)[0], stats.entropy(truth + 1, guess + 1)
    found["wasserstein"] = stats.wasserstein_distance(truth, guess)
    found["ks"] = stats.ks_2samp(truth, guess).statistic
    frame = pd.DataFrame({"t": truth, "g": guess})
    found["grouped"] = frame.groupby("t")["g"].mean().diff().iloc[-1]
    found["correlation"] = frame.corr(method="spearman").iloc[0, 1]
    return {name: float(value) for name, value in found.items()}

def score(y_true, y_pred, ctx):
    return values(y_true["label"], y_pred["p"])
"""


def test_library_metrics_run_sealed_and_give_the_same_bits(scorer: ScorerClient, tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(LIBRARY, names)  # noqa: S102 - our own text, to know what it gives unsealed
    truth, guess = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.2, 0.4, 0.6])
    expected = names["values"](truth, guess)
    reference = "id,label,Usage\n" + "".join(f"{i},{int(t)},Public\n" for i, t in zip("abcd", truth, strict=True))
    raw = "id,p\n" + "".join(f"{i},{g}\n" for i, g in zip("abcd", guess, strict=True))
    metrics = tuple(Metric(name, direction="higher") for name in expected)
    challenge = make_challenge(tmp_path, reference=reference, scorer=LIBRARY, metrics=metrics)
    result = score_file(challenge, io.BytesIO(raw.encode()), scorer=scorer)
    assert result.outcome == "scored", result.private_log
    assert result.values["public"] == expected
    assert result.values["private"] == {}
