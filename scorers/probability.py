"""How good stated probabilities are; lower is better. Oracle: scikit-learn.

One column: the probability that the truth (0 or 1) is 1. Several: one probability per class, which sum to 1 in each
row; the truth is 1 in the column of the right class and 0 elsewhere.
"""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row

SUM_TOLERANCE = 1.5e-6
"""How far from 1 the probabilities of a row may sum; reading the file is stricter by a third."""


def log_loss_losses(inputs: Inputs) -> Floats:
    """Minus the natural logarithm of the probability of what came true, at least ``eps``, shape (rows,)."""
    _check(inputs)
    eps = float(inputs.params["eps"])
    if inputs.truth.ndim == 1:
        stated = np.where(inputs.truth == 1, inputs.predicted, 1 - inputs.predicted)
    else:
        stated = np.sum(np.where(inputs.truth == 1, inputs.predicted, 0.0), axis=1)
    return losses_by_row(-np.log(np.clip(stated, eps, 1 - eps)), inputs.weight)


def log_loss(inputs: Inputs) -> float:
    """Mean of minus the natural logarithm of the probability given to what came true; >= 0, lower is better.

    Probabilities are clipped to [``eps``, 1 - ``eps``] first. Undefined outside [0, 1], or where the classes of a row
    do not sum to 1. Equals ``sklearn.metrics.log_loss`` with all classes as ``labels``.
    """
    return float(np.mean(log_loss_losses(inputs)))


def brier_losses(inputs: Inputs) -> Floats:
    """Squared difference of probability and truth, summed over three or more classes, shape (rows,)."""
    _check(inputs)
    squares = (inputs.predicted - inputs.truth) ** 2
    if squares.ndim > 1:
        squares = np.sum(squares, axis=1) * (0.5 if squares.shape[1] < 3 else 1.0)
    return losses_by_row(squares, inputs.weight)


def brier(inputs: Inputs) -> float:
    """Mean squared difference of probability and truth; lower is better, in [0, 1], [0, 2] for three classes or more.

    Undefined as ``log_loss``. Equals ``sklearn.metrics.brier_score_loss``.
    """
    return float(np.mean(brier_losses(inputs)))


def _check(inputs: Inputs) -> None:
    if not np.all((inputs.truth == 0) | (inputs.truth == 1)):
        raise Undefined("the truth must be 0 or 1")
    if not np.all((inputs.predicted >= 0) & (inputs.predicted <= 1)):
        raise Undefined("a probability is not between 0 and 1")
    if inputs.truth.ndim == 1:
        return
    if not np.all(np.sum(inputs.truth, axis=1) == 1):
        raise Undefined("the truth must be 1 in one column of each row")
    if not np.all(np.abs(np.sum(inputs.predicted, axis=1) - 1) <= SUM_TOLERANCE):
        raise Undefined("the probabilities of a row do not sum to 1")
