"""Means over rows, plain or weighted."""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Undefined


def mean_by_row(values: npt.NDArray[Any], weight: npt.NDArray[np.float64] | None) -> float:
    """Return the mean of ``values`` (shape (rows,) or (rows, columns)), rows weighted by ``weight`` (>= 0).

    Raises Undefined without rows, with a negative or non-finite weight, or when the weights sum to zero.
    """
    if values.shape[0] == 0:
        raise Undefined("no rows")
    if weight is None:
        return float(np.mean(values))
    total = float(np.sum(weight))
    if not (np.all(weight >= 0) and np.isfinite(total) and total > 0):
        raise Undefined("weights must be zero or more and not all zero")
    return float(np.mean(np.average(values, axis=0, weights=weight)))
