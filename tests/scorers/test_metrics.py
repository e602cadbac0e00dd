"""Shipped metrics against scikit-learn, to 1e-12, on random and degenerate inputs."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as oracle

from scorers import Inputs, Undefined, catalogue
from scorers.runner import functions

FUNCTIONS = functions()
ROWS = st.integers(1, 40)
VALUES = st.floats(-1e6, 1e6, allow_nan=False, width=64)
FEW_VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, -0.0, 1e-9])


def pairs(elements: st.SearchStrategy[float], *, columns: bool = False) -> st.SearchStrategy[tuple[Any, Any, Any]]:
    def shaped(rows: int, wide: int) -> st.SearchStrategy[tuple[Any, Any, Any]]:
        shape = (rows, wide) if columns else (rows,)
        return st.tuples(
            arrays.arrays(np.float64, shape, elements=elements),
            arrays.arrays(np.float64, shape, elements=elements),
            arrays.arrays(np.float64, rows, elements=st.floats(0.125, 1000)),
        )

    return st.tuples(ROWS, st.integers(2, 5)).flatmap(lambda size: shaped(*size))


def labelled(*, columns: bool) -> st.SearchStrategy[tuple[Any, Any]]:
    def shaped(rows: int, wide: int) -> st.SearchStrategy[tuple[Any, Any]]:
        shape = (rows, wide) if columns else (rows,)
        return st.tuples(
            arrays.arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0])),
            arrays.arrays(np.float64, shape, elements=st.one_of(FEW_VALUES, VALUES)),
        )

    return st.tuples(ROWS, st.integers(2, 8)).flatmap(lambda size: shaped(*size))


def close(ours: float, theirs: float) -> bool:
    return abs(ours - theirs) <= 1e-12 * max(1.0, abs(theirs))


@pytest.mark.parametrize(("name", "other"), [
    ("mae", oracle.mean_absolute_error), ("rmse", oracle.root_mean_squared_error),
])  # fmt: skip
@given(one=pairs(VALUES), many=pairs(VALUES, columns=True))
def test_regression_equals_scikit_learn(name: str, other: Callable[..., float], one: Any, many: Any) -> None:
    for truth, guess, weight in (one, many):
        assert close(FUNCTIONS[name](Inputs(truth, guess)), other(truth, guess))
        assert close(FUNCTIONS[name](Inputs(truth, guess, weight)), other(truth, guess, sample_weight=weight))


@given(one=pairs(FEW_VALUES))
def test_accuracy_equals_scikit_learn(one: Any) -> None:
    truth, guess, weight = (np.char.mod("%s", one[0]), np.char.mod("%s", one[1]), one[2])
    assert close(FUNCTIONS["accuracy"](Inputs(truth, guess)), oracle.accuracy_score(truth, guess))
    weighted = oracle.accuracy_score(truth, guess, sample_weight=weight)
    assert close(FUNCTIONS["accuracy"](Inputs(truth, guess, weight)), weighted)


@given(labelled(columns=False))
def test_roc_auc_equals_scikit_learn(case: Any) -> None:
    truth, guess = case
    assume(0 < truth.sum() < truth.shape[0])
    assert close(FUNCTIONS["roc_auc"](Inputs(truth, guess)), oracle.roc_auc_score(truth, guess))


@given(labelled(columns=True))
def test_lrap_equals_scikit_learn(case: Any) -> None:
    truth, guess = case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = oracle.label_ranking_average_precision_score(truth, guess)
    assert close(FUNCTIONS["lrap"](Inputs(truth, guess)), theirs)


@pytest.mark.parametrize("truth", [[0.0, 0.0], [1.0, 1.0], [0.0, 2.0], []])
def test_roc_auc_without_both_classes_is_undefined(truth: list[float]) -> None:
    with pytest.raises(Undefined):
        FUNCTIONS["roc_auc"](Inputs(np.array(truth), np.linspace(0, 1, len(truth))))


@pytest.mark.parametrize("name", ["mae", "rmse", "accuracy"])
@pytest.mark.parametrize("weight", [[0.0, 0.0], [-1.0, 2.0], [np.nan, 1.0]])
def test_metric_with_useless_weights_is_undefined(name: str, weight: list[float]) -> None:
    with pytest.raises(Undefined):
        FUNCTIONS[name](Inputs(np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array(weight)))


@pytest.mark.parametrize("name", ["mae", "rmse", "accuracy", "lrap"])
def test_metric_without_rows_is_undefined(name: str) -> None:
    empty = np.empty((0, 2)) if name == "lrap" else np.empty(0)
    with pytest.raises(Undefined):
        FUNCTIONS[name](Inputs(empty, empty))


def test_error_beyond_doubles_is_undefined() -> None:
    with pytest.raises(Undefined):
        FUNCTIONS["rmse"](Inputs(np.array([0.0]), np.array([1e308])))


@pytest.mark.parametrize("name", list(catalogue.SHIPPED))
def test_perfect_prediction_has_the_best_value_of_the_declared_range(name: str) -> None:
    declaration = catalogue.SHIPPED[name]
    truth = np.array([[0.0, 1.0], [1.0, 0.0]]) if declaration.columns == "many" else np.array([0.0, 1.0, 1.0])
    best = declaration.low if declaration.direction == "lower" else declaration.high
    assert FUNCTIONS[name](Inputs(truth, truth)) == best


@pytest.mark.parametrize("name", list(catalogue.SHIPPED))
def test_order_of_rows_does_not_change_the_score(name: str) -> None:
    draw = np.random.default_rng(3)
    shape = (50, 6) if catalogue.SHIPPED[name].columns == "many" else (50,)
    truth, guess = (draw.random(shape) < 0.3).astype(float), draw.integers(0, 5, shape) / 4
    order = draw.permutation(50)
    assert close(FUNCTIONS[name](Inputs(truth[order], guess[order])), FUNCTIONS[name](Inputs(truth, guess)))
