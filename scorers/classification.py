"""Agreement of predicted classes; higher is better. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs
from scorers.weights import mean_by_row


def accuracy(inputs: Inputs) -> float:
    """Share of rows whose class is right, in [0, 1]; higher is better.

    Several columns: a row counts when all of them are right (subset accuracy). ``weight``: weighted share. No row:
    undefined. Equals ``sklearn.metrics.accuracy_score``.
    """
    right = np.equal(inputs.truth, inputs.predicted)
    if right.ndim > 1:
        right = np.all(right, axis=1)
    return min(1.0, mean_by_row(right.astype(np.float64), inputs.weight))
