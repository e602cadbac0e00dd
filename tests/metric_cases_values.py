"""Cases of the metrics that compare values, classes, probabilities and orders. Oracles: scikit-learn and SciPy."""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from metric_cases import SCORES, VALUES, WEIGHTS, Array, Case, by_group, column, drawn
from scipy import stats
from sklearn import metrics as sk

from scorers import Inputs

BINARY = st.sampled_from([0.0, 1.0])
LETTERS = st.sampled_from(["a", "b", "c"])
GRADES = st.sampled_from([0.0, 1.0, 2.0, 3.0])
GRID = st.integers(-12, 12).map(lambda whole: whole / 4)
POSITIVE = st.one_of(st.sampled_from([0.0, 1e-9, 1.0]), st.floats(0, 1e6))
NUMERIC: dict[str, Any] = {"wide": (1, 4), "weighted": True, "grouped": True}
ONE: dict[str, Any] = {"weighted": True, "grouped": True}
ABCD = np.array(["a", "b", "c", "d"])

NUMBERS = Inputs(column(3, 5, 2, 7, 1, 4), column(2.5, 5, 4, 8, 1.5, 3))
TWO_COLUMNS = Inputs(np.arange(12.0).reshape(6, 2) ** 1.5, np.arange(12.0).reshape(6, 2) * 2)
WORDS = Inputs(column("a", "b", "a", "a", "b", "a"), column("a", "a", "b", "a", "b", "b"), params={"pos_label": "a"})
ORDERED = Inputs(column(0, 1, 1, 0, 1, 0), column(0.5, 0.5, 0.25, 0, 1, 0.75))
BOXES = Inputs(
    np.array([[0, 1], [1, 0], [1, 1], [0, 0]] * 2, float), np.array([[0, 1], [1, 1], [0, 1], [0, 0]] * 2, float)
)
BAD_WEIGHTS = tuple(Inputs(column(0, 1), column(1, 1), column(*w)) for w in ((0, 0), (-1, 2), (math.nan, 1)))
NO_ROWS = Inputs(column(), column())
HUGE = Inputs(column(-1e308, 1e308), column(1.7e308, 0))
ALIKE = Inputs(column(1, 1, 1), column(0, 1, 2))
ONE_CLASS = tuple(Inputs(column(*truth), column(0, 1)) for truth in ((0, 0), (1, 1)))
NOT_BINARY = Inputs(column(0, 2), column(0, 1))


def _rows(values: Array) -> list[list[float]]:
    return [list(map(float, np.atleast_1d(row))) for row in values]


def _weighted(values: list[float], weight: Array | None) -> float:
    """Return the weighted mean, the slow way."""
    weights = [1.0] * len(values) if weight is None else [float(w) for w in weight]
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)


def _scored(function: Any, **more: Any) -> Any:
    """Return the oracle that calls scikit-learn with the weights."""
    return by_group(lambda i: float(function(i.truth, i.predicted, sample_weight=i.weight, **more)))


def _counted(inputs: Inputs) -> Array:
    """Return the truth of the rows that weigh something."""
    return inputs.truth if inputs.weight is None else inputs.truth[inputs.weight > 0]


def _varies(inputs: Inputs) -> bool:
    return bool(np.all(np.ptp(_counted(inputs).astype(float), axis=0) > 0))


def _log_mae(i: Inputs) -> float:
    return math.log(max(float(sk.mean_absolute_error(i.truth, i.predicted, sample_weight=i.weight)), 1e-9))


def _smape(i: Inputs) -> float:
    errors = [
        math.fsum(0.0 if t == p == 0 else 2 * abs(p - t) / (abs(p) + abs(t)) for t, p in zip(truth, guess, strict=True))
        / len(truth)
        for truth, guess in zip(_rows(i.truth), _rows(i.predicted), strict=True)
    ]
    return _weighted(errors, i.weight)


def _mape(i: Inputs) -> float | None:
    return None if np.any(i.truth == 0) else float(
        sk.mean_absolute_percentage_error(i.truth, i.predicted, sample_weight=i.weight)
    )  # fmt: skip


def _r2(i: Inputs) -> float | None:
    return float(sk.r2_score(i.truth, i.predicted, sample_weight=i.weight)) if _varies(i) else None


def _correlation(function: Any) -> Any:
    def mean(i: Inputs) -> float | None:
        truth, guess = (values.reshape(len(values), -1).T for values in (i.truth, i.predicted))
        if any(len(set(one)) < 2 for one in (*truth, *guess)):
            return None
        return float(np.mean([function(t, g).statistic for t, g in zip(truth, guess, strict=True)]))

    return by_group(mean)


def _accuracy(i: Inputs) -> float:
    right = np.array([np.array_equal(t, p) for t, p in zip(i.truth, i.predicted, strict=True)])
    return float(sk.accuracy_score(np.ones(len(right), bool), right, sample_weight=i.weight))


def _two_classes(function: Any, **more: Any) -> Any:
    """Return the oracle of ``function`` where the rows that weigh something are of two classes at least."""
    return by_group(
        lambda i: (
            float(function(i.truth, i.predicted, sample_weight=i.weight, **more)) if len(set(_counted(i))) > 1 else None
        )
    )


def _fbeta(i: Inputs) -> float | None:
    label, beta = i.params.get("pos_label", 1.0), i.params.get("beta", 1.0)
    if label not in _counted(i):
        return None
    truth, guess = i.truth == label, i.predicted == label
    return float(sk.fbeta_score(truth, guess, beta=beta, sample_weight=i.weight, zero_division=0))


def _f1_macro(i: Inputs) -> float:
    absent = math.nan if i.params.get("absent") == "skip" else 0.0
    labels = i.classes if i.truth.ndim == 1 else None
    return float(
        sk.f1_score(i.truth, i.predicted, labels=labels, average="macro", sample_weight=i.weight, zero_division=absent)
    )


def _f1_macro_or_none(i: Inputs) -> float | None:
    if i.truth.ndim > 1 and i.params.get("absent") == "skip" and not np.any(_counted(i) == 1):
        return None
    return _f1_macro(i)


def _f1_micro(i: Inputs) -> float | None:
    if i.truth.ndim > 1 and not np.any(_counted(i) == 1):
        return None
    return float(sk.f1_score(i.truth, i.predicted, average="micro", sample_weight=i.weight, zero_division=0))


def _area(truth: Array, score: Array) -> float | None:
    return float(sk.roc_auc_score(truth, score)) if len(set(truth)) == 2 else None


def _roc_auc_macro(i: Inputs) -> float | None:
    areas = [_area(t, s) for t, s in zip(i.truth.T, i.predicted.T, strict=True)]
    there = [a for a in areas if a is not None]
    skips = i.params.get("absent") == "skip"
    return float(np.mean(there)) if there and (skips or len(there) == len(areas)) else None


def _average_precision(i: Inputs) -> float | None:
    return float(sk.average_precision_score(i.truth, i.predicted)) if len(set(i.truth)) == 2 else None


def _log_loss(i: Inputs) -> float:
    if "eps" in i.params:
        eps = i.params["eps"]
        stated = [
            (p[0] if t[0] == 1 else 1 - p[0]) if len(t) == 1 else p[t.index(1.0)]
            for t, p in zip(_rows(i.truth), _rows(i.predicted), strict=True)
        ]
        return _weighted([-math.log(min(max(p, eps), 1 - eps)) for p in stated], i.weight)
    return float(sk.log_loss(_class(i), y_proba=i.predicted, labels=_labels(i), sample_weight=i.weight))


def _brier(i: Inputs) -> float:
    many = {"labels": _labels(i)} if i.truth.ndim > 1 else {"pos_label": 1}
    return float(sk.brier_score_loss(_class(i), y_proba=i.predicted, sample_weight=i.weight, **many))


def _class(i: Inputs) -> Array:
    return i.truth if i.truth.ndim == 1 else np.argmax(i.truth, axis=1)


def _labels(i: Inputs) -> list[int]:
    return [0, 1] if i.truth.ndim == 1 else list(range(i.truth.shape[1]))


@st.composite
def _stated(draw: st.DrawFn) -> Inputs:
    """Draw classes and probabilities, one column or one per class, sure and impossible ones among them."""
    rows, wide = draw(st.integers(1, 20)), draw(st.integers(1, 4))
    weight = draw(st.one_of(st.none(), arrays.arrays(np.float64, rows, elements=WEIGHTS)))
    group = draw(st.one_of(st.none(), arrays.arrays("U1", rows, elements=st.sampled_from("ab"))))
    params = draw(st.sampled_from([{}, {}, {"eps": 1e-15}]))
    if wide == 1:
        truth = draw(arrays.arrays(np.float64, rows, elements=BINARY))
        return Inputs(truth, draw(arrays.arrays(np.float64, rows, elements=SCORES)), weight, params, group=group)
    right = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, wide - 1)))
    parts = draw(arrays.arrays(np.int64, (rows, wide), elements=st.integers(0, 8)))
    parts[:, 0] += parts.sum(axis=1) == 0
    return Inputs(np.eye(wide)[right], parts / parts.sum(axis=1, keepdims=True), weight, params, group=group)


STATED = Inputs(column(1, 0, 1, 0), column(0.75, 0.5, 0.25, 0.125))
NOT_STATED = (
    Inputs(column(0, 1), column(0, 1.5)),
    Inputs(column(0, 2), column(0, 1)),
    Inputs(np.eye(2), np.full((2, 2), 0.6)),
    Inputs(np.ones((2, 2)), np.full((2, 2), 0.5)),
    NO_ROWS,
    *BAD_WEIGHTS,
)

ERRORS = {
    "mae": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), _scored(sk.mean_absolute_error), undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS)
    ),
    "mse": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), _scored(sk.mean_squared_error), undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS)
    ),
    "rmse": Case(
        TWO_COLUMNS,
        drawn(VALUES, VALUES, **NUMERIC),
        _scored(sk.root_mean_squared_error),
        undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS),
    ),
    "mcrmse": Case(
        TWO_COLUMNS,
        drawn(VALUES, VALUES, wide=(2, 5), weighted=True, grouped=True),
        _scored(sk.root_mean_squared_error),
        undefined=(HUGE, *BAD_WEIGHTS),
    ),
    "rmsle": Case(
        NUMBERS,
        drawn(POSITIVE, POSITIVE, **NUMERIC),
        _scored(sk.root_mean_squared_log_error),
        undefined=(NO_ROWS, Inputs(column(-0.5), column(1)), Inputs(column(1), column(-0.5)), *BAD_WEIGHTS),
    ),
    "mape": Case(
        NUMBERS,
        drawn(st.one_of(st.just(0.0), st.floats(1e-9, 100), st.floats(-100, -1)), VALUES, **NUMERIC),
        by_group(_mape),
        undefined=(NO_ROWS, Inputs(column(1, 0), column(1, 0)), HUGE, Inputs(column(1e-308), column(1e300))),
    ),
    "smape": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), by_group(_smape), undefined=(NO_ROWS, *BAD_WEIGHTS)
    ),
    "log_mae": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), by_group(_log_mae), undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS)
    ),
    "r2": Case(
        NUMBERS,
        drawn(GRID, GRID, **NUMERIC),
        by_group(_r2),
        undefined=(NO_ROWS, HUGE, ALIKE, Inputs(column(1), column(1)), Inputs(column(0.1, 0.1, 0.1), column(0, 1, 2)),
                   Inputs(column(1, 1, 5), column(1, 2, 3), column(1, 1, 0))),
    ),
    "pearson": Case(
        NUMBERS,
        drawn(GRID, GRID, wide=(1, 3), grouped=True),
        _correlation(stats.pearsonr),
        undefined=(NO_ROWS, ALIKE, Inputs(ALIKE.predicted, ALIKE.truth), Inputs(column(0.1, 0.1, 0.1), column(0, 1, 2))),
    ),
    "spearman": Case(
        NUMBERS,
        drawn(GRID, VALUES, wide=(1, 3), grouped=True),
        _correlation(stats.spearmanr),
        undefined=(NO_ROWS, ALIKE, Inputs(ALIKE.predicted, ALIKE.truth), Inputs(column(1), column(1))),
    ),
    "log_loss": Case(STATED, _stated(), by_group(_log_loss), undefined=NOT_STATED),
    "brier": Case(STATED, _stated(), by_group(_brier), undefined=NOT_STATED),
}  # fmt: skip

CLASSES = {
    "accuracy": Case(
        WORDS_PLAIN := Inputs(WORDS.truth, WORDS.predicted),
        st.one_of(drawn(LETTERS, LETTERS, dtype="U1", **NUMERIC), drawn(VALUES, VALUES, **NUMERIC)),
        by_group(_accuracy),
        undefined=(NO_ROWS, *BAD_WEIGHTS),
    ),
    "balanced_accuracy": Case(
        WORDS_PLAIN,
        st.one_of(drawn(LETTERS, LETTERS, dtype="U1", **ONE), drawn(GRADES, GRADES, **ONE)),
        _two_classes(sk.balanced_accuracy_score),
        undefined=(NO_ROWS, *ONE_CLASS, *BAD_WEIGHTS),
    ),
    "f1": Case(
        WORDS,
        st.one_of(
            drawn(LETTERS, LETTERS, dtype="U1", params={"pos_label": "b"}, **ONE), drawn(BINARY, GRADES, **ONE)
        ),
        by_group(_fbeta),
        undefined=(NO_ROWS, ONE_CLASS[0], Inputs(column(0, 1), column(0, 1), params={"pos_label": "yes"}), *BAD_WEIGHTS),
    ),
    "fbeta": Case(
        Inputs(WORDS.truth, WORDS.predicted, params={"pos_label": "a", "beta": 2}),
        drawn(BINARY, BINARY, params=st.sampled_from([{"beta": 0.5}, {"beta": 2}, {"beta": 1000.0}]), **ONE),
        by_group(_fbeta),
        undefined=(Inputs(column(0, 0), column(0, 1), params={"beta": 2}),),
    ),
    "f1_macro": Case(
        Inputs(WORDS.truth, WORDS.predicted, classes=np.array(["a", "b"])),
        st.one_of(
            drawn(LETTERS, LETTERS, dtype="U1", classes=ABCD, params=st.sampled_from([{}, {"absent": "skip"}]), **ONE),
            drawn(BINARY, BINARY, wide=(2, 4), params=st.sampled_from([{}, {"absent": "skip"}]), **ONE),
        ),
        by_group(_f1_macro_or_none),
        undefined=(
            NO_ROWS,
            Inputs(column(0, 3), column(0, 0), classes=np.arange(2)),
            Inputs(np.zeros((2, 2)), np.zeros((2, 2)), params={"absent": "skip"}),
            *BAD_WEIGHTS,
        ),
    ),
    "f1_micro": Case(
        BOXES,
        st.one_of(drawn(LETTERS, LETTERS, dtype="U1", **ONE), drawn(BINARY, BINARY, wide=(2, 4), **ONE)),
        by_group(_f1_micro),
        undefined=(NO_ROWS, Inputs(np.zeros((2, 2)), np.ones((2, 2))), *BAD_WEIGHTS),
    ),
    "quadratic_kappa": Case(
        Inputs(column(0, 1, 2, 3, 1, 0), column(0, 2, 2, 2, 1, 1), classes=np.arange(5)),
        drawn(GRADES, GRADES, classes=np.arange(5), **ONE),
        _two_classes(sk.cohen_kappa_score,
                     weights="quadratic", labels=list(range(5))),
        undefined=(NO_ROWS, *ONE_CLASS, Inputs(column(0, 9), column(0, 1), classes=np.arange(2)), *BAD_WEIGHTS),
    ),
    "mcc": Case(
        WORDS_PLAIN,
        st.one_of(drawn(LETTERS, LETTERS, dtype="U1", **ONE), drawn(GRADES, GRADES, **ONE)),
        _two_classes(sk.matthews_corrcoef),
        undefined=(NO_ROWS, *ONE_CLASS, *BAD_WEIGHTS),
    ),
}  # fmt: skip

ORDERS = {
    "roc_auc": Case(
        ORDERED,
        drawn(BINARY, VALUES, grouped=True),
        by_group(lambda i: _area(i.truth, i.predicted)),
        undefined=(NO_ROWS, *ONE_CLASS, NOT_BINARY),
    ),
    "roc_auc_macro": Case(
        Inputs(BOXES.truth, np.arange(16).reshape(8, 2) % 5 / 4),
        drawn(BINARY, VALUES, wide=(2, 4), grouped=True, params=st.sampled_from([{}, {"absent": "skip"}])),
        by_group(_roc_auc_macro),
        undefined=(
            Inputs(np.array([[0, 0], [1, 0.0]]), np.zeros((2, 2))),
            Inputs(np.zeros((2, 2)), np.zeros((2, 2)), params={"absent": "skip"}),
        ),
    ),
    "average_precision": Case(
        ORDERED,
        drawn(BINARY, VALUES, grouped=True),
        by_group(_average_precision),
        undefined=(NO_ROWS, *ONE_CLASS, NOT_BINARY),
    ),
    "lrap": Case(
        Inputs(np.eye(4), np.arange(16).reshape(4, 4) % 5 / 4),
        drawn(BINARY, VALUES, wide=(2, 6), weighted=True),
        lambda i: float(sk.label_ranking_average_precision_score(i.truth, i.predicted, sample_weight=i.weight)),
        undefined=(Inputs(np.empty((0, 2)), np.empty((0, 2))), Inputs(np.full((2, 2), 2.0), np.zeros((2, 2)))),
    ),
}  # fmt: skip

CASES = {**ERRORS, **CLASSES, **ORDERS}
