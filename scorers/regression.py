"""Errors of numeric predictions; lower is better. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs
from scorers.weights import Floats, losses_by_row


def mae_losses(inputs: Inputs) -> Floats:
    """Absolute error of each row, in the unit of the target, shape (rows,); several columns: their mean."""
    return losses_by_row(np.abs(inputs.predicted - inputs.truth), inputs.weight)


def mae(inputs: Inputs) -> float:
    """Mean absolute error, in the unit of the target; >= 0, lower is better.

    Several columns: the plain mean over columns. ``weight``: weighted mean over rows. Equals
    ``sklearn.metrics.mean_absolute_error``.
    """
    return float(np.mean(mae_losses(inputs)))


def rmse_losses(inputs: Inputs) -> Floats:
    """Squared error of each row, in the squared unit of the target, shape (rows,)."""
    difference = inputs.predicted - inputs.truth
    return losses_by_row(difference * difference, inputs.weight)


def rmse(inputs: Inputs) -> float:
    """Root mean squared error, in the unit of the target; >= 0, lower is better.

    Several columns: the mean over columns of each column's root. ``weight``: weighted mean over rows. Equals
    ``sklearn.metrics.root_mean_squared_error``.
    """
    difference = inputs.predicted - inputs.truth
    squares = (difference * difference).reshape(difference.shape[0], -1)
    means = [np.mean(losses_by_row(squares[:, j], inputs.weight)) for j in range(squares.shape[1])]
    return float(np.mean(np.sqrt(means)))
