"""Errors of numeric predictions. Oracle: scikit-learn.

Everywhere: shapes (rows,) or (rows, columns), in the unit of the target; ``weight`` weighs the rows. A value too large
for a double is undefined, never infinite.
"""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row, total_of


def mae_losses(inputs: Inputs) -> Floats:
    """Absolute error of each row, shape (rows,); several columns: their mean."""
    return losses_by_row(np.abs(inputs.predicted - inputs.truth), inputs.weight)


def mae(inputs: Inputs) -> float:
    """Mean absolute error; >= 0, lower is better; several columns: their mean. Equals ``mean_absolute_error``."""
    return float(np.mean(mae_losses(inputs)))


def mse_losses(inputs: Inputs) -> Floats:
    """Squared error of each row, in the squared unit of the target, shape (rows,); several columns: their mean."""
    return losses_by_row(_squares(inputs), inputs.weight)


def mse(inputs: Inputs) -> float:
    """Mean squared error; >= 0, lower is better; several columns: their mean. Equals ``mean_squared_error``."""
    return float(np.mean(mse_losses(inputs)))


def rmse_losses(inputs: Inputs) -> Floats:
    """Squared error of each row, shape (rows,); one column only, a mean of several roots is not made of rows."""
    return mse_losses(inputs)


def rmse(inputs: Inputs) -> float:
    """Root mean squared error; >= 0, lower is better. Equals ``root_mean_squared_error``.

    Several columns: the mean over columns of each column's root.
    """
    return _mean_of_roots(_squares(inputs), inputs.weight)


def mcrmse(inputs: Inputs) -> float:
    """Mean over columns of each column's root mean squared error; >= 0, lower is better. Equals ``rmse``."""
    return rmse(inputs)


def rmsle_losses(inputs: Inputs) -> Floats:
    """Squared error of the logarithms of 1 + value, shape (rows,); one column only."""
    return losses_by_row(_log_squares(inputs), inputs.weight)


def rmsle(inputs: Inputs) -> float:
    """Root mean squared error of log(1 + value), natural logarithm; >= 0, lower is better.

    Undefined with a negative value in truth or predictions. Several columns: the mean over columns of each column's
    root. Equals ``root_mean_squared_log_error``.
    """
    return _mean_of_roots(_log_squares(inputs), inputs.weight)


def mape_losses(inputs: Inputs) -> Floats:
    """Absolute error over the absolute truth, as a share, shape (rows,); several columns: their mean."""
    if np.any(inputs.truth == 0):
        raise Undefined("a truth of zero has no relative error")
    return losses_by_row(np.abs((inputs.predicted - inputs.truth) / inputs.truth), inputs.weight)


def mape(inputs: Inputs) -> float:
    """Mean absolute percentage error as a share (0.1 is 10 %); >= 0, lower is better.

    Undefined as soon as one true value is zero. Equals ``mean_absolute_percentage_error`` elsewhere.
    """
    return float(np.mean(mape_losses(inputs)))


def smape_losses(inputs: Inputs) -> Floats:
    """2 |p - t| / (|p| + |t|) of each row, 0 where both are zero, shape (rows,); several columns: their mean."""
    largest = np.maximum(np.abs(inputs.truth), np.abs(inputs.predicted))
    scale = np.where(largest == 0, 1.0, largest)  # sums of two large values must not overflow
    truth, predicted = inputs.truth / scale, inputs.predicted / scale
    whole = np.abs(truth) + np.abs(predicted)
    errors = 2 * np.abs(predicted - truth) / np.where(whole == 0, 1.0, whole)
    return losses_by_row(errors, inputs.weight)


def smape(inputs: Inputs) -> float:
    """Symmetric mean absolute percentage error, mean of 2 |p - t| / (|p| + |t|), in [0, 2]; lower is better.

    The form of the M4 competition, as a share: 0.1 is 10 %. A row where both are zero counts 0.
    """
    return float(np.mean(smape_losses(inputs)))


def log_mae(inputs: Inputs) -> float:
    """Natural logarithm of the mean absolute error, which is taken as ``floor`` at least; lower is better.

    With ``group``: the mean over groups of each group's logarithm, so that a hard group does not drown the others.
    """
    return float(np.log(max(mae(inputs), float(inputs.params["floor"]))))


def r2_losses(inputs: Inputs) -> Floats:
    """Squared error of each row over the mean squared deviation of the truth from its mean, shape (rows,)."""
    rows = inputs.truth.shape[0]
    truth = inputs.truth.reshape(rows, -1).astype(np.float64)
    squares = _squares(inputs).reshape(rows, -1)
    weight = np.ones(rows) if inputs.weight is None else inputs.weight
    total = total_of(weight)
    counted = truth[weight > 0]
    if np.any(np.min(counted, axis=0) == np.max(counted, axis=0)):
        raise Undefined("the truth does not vary")
    center = np.sum(truth * weight[:, None], axis=0) / total
    spread = np.sum((truth - center) ** 2 * weight[:, None], axis=0)
    if not np.all(np.isfinite(spread) & (spread > 0)):
        raise Undefined("the truth's variance cannot be written as a number")
    losses: Floats = np.mean(squares * (weight[:, None] / spread), axis=1) * rows
    return losses


def r2(inputs: Inputs) -> float:
    """Share of the truth's variance that is explained; <= 1, higher is better; the mean predicted everywhere gives 0.

    Undefined where the truth does not vary (one row among it). Several columns: their mean. Equals ``r2_score``
    elsewhere.
    """
    return 1.0 - float(np.mean(r2_losses(inputs)))


def _squares(inputs: Inputs) -> Floats:
    difference: Floats = np.asarray(inputs.predicted - inputs.truth, np.float64)
    return difference * difference


def _log_squares(inputs: Inputs) -> Floats:
    if np.any(inputs.truth < 0) or np.any(inputs.predicted < 0):
        raise Undefined("a negative value has no logarithmic error")
    difference: Floats = np.log1p(inputs.predicted) - np.log1p(inputs.truth)
    return difference * difference


def _mean_of_roots(squares: Floats, weight: Floats | None) -> float:
    """Return the mean over columns of the root of each column's mean."""
    columns = squares.reshape(squares.shape[0], -1)
    means = [np.mean(losses_by_row(columns[:, j], weight)) for j in range(columns.shape[1])]
    return float(np.mean(np.sqrt(means)))
