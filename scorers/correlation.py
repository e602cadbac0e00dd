"""How predictions move with the truth, in [-1, 1]; higher is better. Oracle: SciPy.

Several columns: the plain mean over columns. Undefined where truth or predictions do not vary in a column.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined
from scorers.weights import Floats


def pearson(inputs: Inputs) -> float:
    """Pearson's correlation of predictions and truth. Equals ``scipy.stats.pearsonr``."""
    return _over_columns(inputs, lambda values: values.astype(np.float64))


def pearson_rows(inputs: Inputs) -> Floats:
    """Return truth and prediction of each row around their means, each column of length 1, shape (rows, 2)."""
    return np.column_stack([_direction(v.astype(np.float64)) for v in (inputs.truth, inputs.predicted)])


def spearman(inputs: Inputs) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank. Equals ``scipy.stats.spearmanr``."""
    return _over_columns(inputs, _ranks)


def _over_columns(inputs: Inputs, seen: Callable[[npt.NDArray[Any]], Floats]) -> float:
    rows = inputs.truth.shape[0]
    truth, predicted = inputs.truth.reshape(rows, -1), inputs.predicted.reshape(rows, -1)
    found = []
    for j in range(truth.shape[1]):
        one, other = truth[:, j], predicted[:, j]
        for column, whose in ((one, "the truth"), (other, "the prediction")):
            if np.min(column) == np.max(column):
                raise Undefined(f"{whose} does not vary")
        found.append(float(np.sum(_direction(seen(one)) * _direction(seen(other)))))
    return float(np.mean(found))


def _direction(values: Floats) -> Floats:
    """Return ``values`` around their mean, scaled to length 1.

    Sums rather than products of vectors, whose last bit depends on where the memory lies.
    """
    # To the size of 1 by a power of two, which rounds nothing: sums must neither overflow nor vanish, nor must squares.
    scaled = np.ldexp(values, -np.frexp(np.max(np.abs(values)))[1])
    centered: Floats = scaled - np.mean(scaled)
    centered = centered / np.max(np.abs(centered))
    return centered / float(np.sqrt(np.sum(centered * centered)))


def _ranks(values: npt.NDArray[Any]) -> Floats:
    """Return the rank of each value from 1, equal values sharing the mean of theirs."""
    order = np.argsort(values)
    ranked = values[order]
    starts = np.append(0, np.flatnonzero(ranked[1:] != ranked[:-1]) + 1)
    sizes = np.diff(np.append(starts, ranked.shape[0]))
    ranks = np.empty(ranked.shape[0])
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks
