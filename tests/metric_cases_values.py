"""Cases of the metrics that compare values, classes and orders. Oracles: scikit-learn and SciPy."""

import warnings
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import VALUES, Case, by_group, column, drawn
from sklearn import metrics as sk

from scorers import Inputs

BINARY = st.sampled_from([0.0, 1.0])
LETTERS = st.sampled_from(["a", "b", "c"])
NUMBERS = Inputs(column(3, 5, 2, 7, 1, 4), column(2.5, 5, 4, 8, 1.5, 3))
NONE = column()
BAD_WEIGHTS = tuple(Inputs(column(0, 1), column(1, 1), column(*w)) for w in ((0, 0), (-1, 2), (float("nan"), 1)))
NO_ROWS = Inputs(NONE, NONE)
HUGE = Inputs(column(-1e308), column(1.7e308))


def _mae(i: Inputs) -> float:
    return float(sk.mean_absolute_error(i.truth, i.predicted, sample_weight=i.weight))


def _rmse(i: Inputs) -> float:
    return float(sk.root_mean_squared_error(i.truth, i.predicted, sample_weight=i.weight))


def _accuracy(i: Inputs) -> float:
    right = np.array([np.array_equal(t, p) for t, p in zip(i.truth, i.predicted, strict=True)])
    return float(sk.accuracy_score(np.ones(len(right), bool), right, sample_weight=i.weight))


def _roc_auc(i: Inputs) -> float | None:
    return float(sk.roc_auc_score(i.truth, i.predicted)) if len(set(i.truth)) == 2 else None


def _lrap(i: Inputs) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(sk.label_ranking_average_precision_score(i.truth, i.predicted))


NUMERIC: dict[str, Any] = {"wide": (1, 4), "weighted": True, "grouped": True}

CASES = {
    "mae": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), by_group(_mae), undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS)
    ),
    "rmse": Case(
        NUMBERS, drawn(VALUES, VALUES, **NUMERIC), by_group(_rmse), undefined=(NO_ROWS, HUGE, *BAD_WEIGHTS)
    ),
    "accuracy": Case(
        Inputs(column("a", "b", "a", "b"), column("a", "a", "b", "b")),
        st.one_of(drawn(LETTERS, LETTERS, dtype="U1", **NUMERIC), drawn(VALUES, VALUES, **NUMERIC)),
        by_group(_accuracy),
        undefined=(NO_ROWS, *BAD_WEIGHTS),
    ),
    "roc_auc": Case(
        Inputs(column(0, 1, 1, 0), column(0.5, 0.5, 0.25, 0)),
        drawn(BINARY, VALUES, grouped=True),
        by_group(_roc_auc),
        undefined=(
            NO_ROWS,
            Inputs(column(0, 0), column(0, 1)),
            Inputs(column(1, 1), column(0, 1)),
            Inputs(column(0, 2), column(0, 1)),
        ),
    ),
    "lrap": Case(
        Inputs(np.eye(4), np.arange(16).reshape(4, 4) % 5 / 4),
        drawn(BINARY, VALUES, wide=(2, 6)),
        _lrap,
        undefined=(Inputs(np.empty((0, 2)), np.empty((0, 2))), Inputs(np.full((2, 2), 2.0), np.zeros((2, 2)))),
    ),
}  # fmt: skip
