"""Agreement of predicted classes; higher is better. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs
from scorers.weights import Floats, losses_by_row


def accuracy_losses(inputs: Inputs) -> Floats:
    """1 for each row whose class is wrong, 0 where it is right, shape (rows,); several columns: all must be right."""
    return losses_by_row(1.0 - _right(inputs), inputs.weight)


def accuracy(inputs: Inputs) -> float:
    """Share of rows whose class is right, in [0, 1]; higher is better.

    Several columns: a row counts when all of them are right (subset accuracy). ``weight``: weighted share. Equals
    ``sklearn.metrics.accuracy_score``.
    """
    return float(np.mean(losses_by_row(_right(inputs), inputs.weight)))


def _right(inputs: Inputs) -> Floats:
    right = np.equal(inputs.truth, inputs.predicted)
    shares: Floats = (right if right.ndim == 1 else np.all(right, axis=1)).astype(np.float64)
    return shares
