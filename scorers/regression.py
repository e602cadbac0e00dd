"""Errors of numeric predictions; lower is better. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import mean_by_row


def mae(inputs: Inputs) -> float:
    """Mean absolute error, in the unit of the target; >= 0, lower is better.

    Several columns: the plain mean over columns. ``weight``: weighted mean over rows. No row, weights that sum to
    zero, or an error too large for a double: undefined. Equals ``sklearn.metrics.mean_absolute_error``.
    """
    with np.errstate(over="ignore"):
        return _finite(mean_by_row(np.abs(inputs.predicted - inputs.truth), inputs.weight))


def rmse(inputs: Inputs) -> float:
    """Root mean squared error, in the unit of the target; >= 0, lower is better.

    Several columns: the mean over columns of each column's root. ``weight``: weighted mean over rows. Undefined as
    for ``mae``. Equals ``sklearn.metrics.root_mean_squared_error``.
    """
    with np.errstate(over="ignore"):
        difference = inputs.predicted - inputs.truth
        squares = difference * difference
        if squares.ndim == 1:
            return _finite(float(np.sqrt(mean_by_row(squares, inputs.weight))))
        roots = [np.sqrt(mean_by_row(squares[:, j], inputs.weight)) for j in range(squares.shape[1])]
        return _finite(float(np.mean(roots)))


def _finite(value: float) -> float:
    if not np.isfinite(value):
        raise Undefined("the error is too large to be written as a number")
    return value
