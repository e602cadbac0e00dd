"""Agreement of two ways to put rows into groups, whatever the groups are called; higher is better. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs
from scorers.weights import Floats


def adjusted_rand(inputs: Inputs) -> float:
    """Adjusted Rand index, in [-0.5, 1]; 0 is what chance gives; higher is better.

    Of all pairs of rows, those that both sides put together or apart, less what chance would give. Equals
    ``sklearn.metrics.adjusted_rand_score``. Hubert and Arabie (1985).
    """
    table = _table(inputs)
    both = _pairs(table)
    true, own, every = _pairs(np.sum(table, axis=1)), _pairs(np.sum(table, axis=0)), _pairs(np.sum(table))
    apart = every - true - own + both
    if true == own == both:
        return 1.0
    only_true, only_own = true - both, own - both
    below = true * (only_true + apart) + own * (only_own + apart)
    return float(2 * (both * apart - only_true * only_own) / below)


def v_measure(inputs: Inputs) -> float:
    """Harmonic mean of homogeneity and completeness, in [0, 1]; higher is better.

    Homogeneity is the share of the truth's entropy that the groups explain, completeness the share of the groups' entropy
    that the truth explains; each is 1 where there is nothing to explain. Equals the normalised mutual information with
    the arithmetic mean and ``sklearn.metrics.v_measure_score``. Rosenberg and Hirschberg (2007).
    """
    shares = _table(inputs) / inputs.truth.shape[0]
    true, own = _entropy(np.sum(shares, axis=1)), _entropy(np.sum(shares, axis=0))
    mutual = max(0.0, true + own - _entropy(shares.ravel()))
    if true + own == 0:
        return 1.0
    homogeneity, completeness = (mutual / one if one else 1.0 for one in (true, own))
    return 2 * homogeneity * completeness / (homogeneity + completeness) if homogeneity + completeness else 0.0


def _table(inputs: Inputs) -> Floats:
    """Return how many rows lie in each true and each submitted group, shape (true groups, submitted groups)."""
    true = np.unique(inputs.truth, return_inverse=True)[1]
    own = np.unique(inputs.predicted, return_inverse=True)[1]
    wide = int(own.max()) + 1
    counts = np.bincount(true * wide + own, minlength=(int(true.max()) + 1) * wide)
    return counts.reshape(-1, wide).astype(np.float64)


def _pairs(counts: Floats | np.float64) -> float:
    return float(np.sum(counts * (counts - 1)) / 2)


def _entropy(shares: Floats) -> float:
    there = shares[shares > 0]
    return float(max(0.0, -np.sum(there * np.log(there)))) if there.shape[0] > 1 else 0.0
