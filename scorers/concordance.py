"""How well scores keep the order of the truth, in the forms challenges ask for; higher is better."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined
from scorers.ranking import lrap
from scorers.weights import Floats

Ints = npt.NDArray[np.int64]


def gini(inputs: Inputs) -> float:
    """Normalised Gini coefficient of a truth of zero or more, in [-1, 1]; higher is better.

    The area between the diagonal and the share of the truth gathered from the highest score down, divided by that of
    the best order. Rows of equal score: with ``ties`` "average" they are gathered together, so that a binary truth
    gives 2 AUC - 1; with "index" one by one in the order of the public ids, as on Kaggle. Undefined without two
    different true values.
    """
    truth = inputs.truth
    if not np.all(truth >= 0) or np.ptp(truth) == 0:
        raise Undefined("the truth must be zero or more and not all equal")
    together = inputs.params["ties"] == "average"
    return _gini(truth, inputs.predicted, together=together) / _gini(truth, truth, together=False)


def kendall_tau(inputs: Inputs) -> float:
    """Kendall's tau-b, in [-1, 1]; higher is better. Equals ``scipy.stats.kendalltau``.

    Pairs of rows in the same order minus pairs in the opposite one, divided by the geometric mean of the pairs that
    differ in truth and in prediction. Undefined when either does not vary. Kendall (1945).
    """
    truth, guess = _ranks(inputs.truth), _ranks(inputs.predicted)
    rows = truth.shape[0]
    pairs = rows * (rows - 1) // 2
    same_truth, same_guess = _pairs(truth), _pairs(guess)
    same_both = _pairs(_ranks(truth * rows + guess))
    if pairs in {same_truth, same_guess}:
        raise Undefined("no order: all values are equal")
    order = np.lexsort((guess, truth))
    difference = pairs - same_truth - same_guess + same_both - 2 * _inversions(guess[order])
    tau = difference / np.sqrt(pairs - same_truth) / np.sqrt(pairs - same_guess)
    return float(np.clip(tau, -1.0, 1.0))


def pauc_above_tpr(inputs: Inputs) -> float:
    """Partial area under the ROC curve where the true positive rate is above ``min_tpr``; higher is better.

    Between the curve and its right end, from 0 to 1 - ``min_tpr`` (0.2 for the usual 0.8). Truth 0 or 1, equal scores
    joined by a straight line. Undefined without both classes.
    """
    truth = inputs.truth
    if not np.all((truth == 0) | (truth == 1)):
        raise Undefined("the truth must be 0 or 1")
    positives = np.count_nonzero(truth == 1)
    if positives in {0, truth.shape[0]}:
        raise Undefined("one class only")
    order = np.argsort(-inputs.predicted, kind="stable")
    ranked = inputs.predicted[order]
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), truth.shape[0] - 1)
    hits = np.cumsum(truth[order] == 1)[last]
    tpr = np.append(0.0, hits / positives)
    fpr = np.append(0.0, (last + 1 - hits) / (truth.shape[0] - positives))
    return _above(tpr, fpr, inputs.params["min_tpr"])


def lwlrap(inputs: Inputs) -> float:
    """Label-weighted label ranking average precision, in (0, 1]; higher is better.

    As ``lrap``, but every true label counts alike and not every row. Undefined without a true label.
    """
    return lrap(replace(inputs, weight=np.sum(inputs.truth, axis=1)))


def _gini(truth: Floats, score: Floats, *, together: bool) -> float:
    """Return the Gini coefficient of ``truth`` gathered by falling ``score``, the first row first among equals."""
    order = np.argsort(-score, kind="stable")
    gathered = truth[order].astype(np.float64)
    if together:
        ranked = score[order]
        group = np.cumsum(np.append(0, ranked[1:] != ranked[:-1]))
        gathered = (np.bincount(group, gathered) / np.bincount(group))[group]
    rows = gathered.shape[0]
    lifted = np.sum(np.cumsum(gathered)) / np.sum(gathered) - (rows + 1) / 2
    return float(lifted / rows)


def _above(tpr: Floats, fpr: Floats, floor: float) -> float:
    """Return the area right of the curve (1 - fpr over tpr) above ``floor``; both rise from 0 to 1."""
    start = int(np.searchsorted(tpr, floor, "right")) - 1
    step = tpr[start + 1] - tpr[start] if start + 1 < tpr.shape[0] else 1.0
    ahead = fpr[start + 1] - fpr[start] if start + 1 < tpr.shape[0] else 0.0
    high = np.append(floor, tpr[start + 1 :])
    far = np.append(fpr[start] + ahead * (floor - tpr[start]) / step, fpr[start + 1 :])
    return float(np.sum(np.diff(high) * (1 - (far[1:] + far[:-1]) / 2)))


def _ranks(values: npt.NDArray[np.generic]) -> Ints:
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def _pairs(ranks: Ints) -> int:
    """Return the number of pairs of equal rank."""
    counts = np.bincount(ranks)
    return int(np.sum(counts * (counts - 1) // 2))


def _inversions(ranks: Ints) -> int:
    """Return how many pairs stand in falling order.

    Two ranks differ first in some bit: bit by bit from the highest, among ranks alike so far, each 0 counts the 1s
    before it.
    """
    found = 0
    for bit in reversed(range(int(ranks.max()).bit_length())):
        prefix = ranks >> (bit + 1)
        one = (ranks >> bit) & 1
        before = np.cumsum(one) - one
        starts = np.flatnonzero(np.append(True, prefix[1:] != prefix[:-1]))
        sizes = np.diff(np.append(starts, ranks.shape[0]))
        found += int(np.sum((before - np.repeat(before[starts], sizes))[one == 0]))
        ranks = ranks[np.argsort(ranks >> bit, kind="stable")]
    return found
