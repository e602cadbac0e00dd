"""Losses and means over rows, plain or weighted."""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Undefined

Floats = npt.NDArray[np.float64]


def losses_by_row(values: npt.NDArray[Any], weight: Floats | None) -> Floats:
    """Return one loss per row, shape (rows,), whose plain mean is the mean of ``values`` weighted by ``weight`` (>= 0).

    ``values`` has shape (rows,) or (rows, columns): columns count alike. Raises Undefined with a negative or non-finite
    weight, or when the weights sum to zero.
    """
    losses: Floats = np.asarray(values if values.ndim == 1 else np.mean(values, axis=1), np.float64)
    return losses if weight is None else losses * (weight / (total_of(weight) / weight.shape[0]))


def total_of(weight: Floats) -> float:
    """Return the sum of ``weight``; raises Undefined unless all are finite, zero or more, and one is more."""
    total = float(np.sum(weight))
    if not (np.all(weight >= 0) and np.isfinite(total) and total > 0):
        raise Undefined("weights must be zero or more and not all zero")
    return total
