"""How well scores put things in order; higher is better. Oracle: scikit-learn."""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row

_COMPARISONS = 4_000_000
"""Pairs of scores compared at once, to bound the memory."""


def roc_auc(inputs: Inputs) -> float:
    """Area under the ROC curve of a binary truth (0/1) and one score per row, in [0, 1]; higher is better.

    The chance that a random positive scores above a random negative, ties count one half. Any finite score will do,
    probabilities are not needed. Undefined without both classes. Equals ``sklearn.metrics.roc_auc_score``.
    """
    area = _area(_positives(inputs.truth), inputs.predicted)
    if area is None:
        raise Undefined("one class only")
    return area


def roc_auc_rows(inputs: Inputs) -> Floats:
    """Return what each row brings to ``roc_auc``, shape (rows, 1).

    For a positive twice the negatives scored below it, ties once; for a negative -1 minus twice the positives above.
    """
    positive, score = _positives(inputs.truth), inputs.predicted
    order = np.argsort(score)
    ranked = score[order]
    starts = np.append(0, np.flatnonzero(ranked[1:] != ranked[:-1]) + 1)
    alike = np.add.reduceat(np.column_stack((positive[order], ~positive[order])).astype(np.int64), starts)
    through = np.cumsum(alike, axis=0)
    below, above = 2 * through[:, 1] - alike[:, 1], 2 * (through[-1, 0] - through[:, 0]) + alike[:, 0]
    sizes = np.diff(np.append(starts, ranked.shape[0]))
    found = np.empty((ranked.shape[0], 1))
    found[order, 0] = np.where(positive[order], np.repeat(below, sizes), -1 - np.repeat(above, sizes))
    return found


def roc_auc_macro(inputs: Inputs) -> float:
    """Mean over columns of ``roc_auc``, in [0, 1]; higher is better. Equals ``roc_auc_score(average="macro")``.

    A column whose truth has one class only makes it undefined (``absent`` = "refuse") or is left out ("skip");
    undefined when none is left.
    """
    positive = _positives(inputs.truth)
    areas = [_area(positive[:, j], inputs.predicted[:, j]) for j in range(positive.shape[1])]
    there = [area for area in areas if area is not None]
    if not there or (len(there) < len(areas) and inputs.params["absent"] != "skip"):
        raise Undefined("one class only in a column")
    return float(np.mean(there))


def average_precision(inputs: Inputs) -> float:
    """Area under the precision-recall curve as a sum of steps, in (0, 1]; higher is better.

    Over the distinct scores from the highest: precision there times the recall gained. Undefined without both classes.
    Equals ``sklearn.metrics.average_precision_score``.
    """
    positive, score = _positives(inputs.truth), inputs.predicted
    total = int(np.count_nonzero(positive))
    if total in {0, positive.shape[0]}:
        raise Undefined("one class only")
    order = np.argsort(score)[::-1]
    ranked = score[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), ranked.shape[0] - 1)
    hits = np.cumsum(positive[order])[ends]
    return float(np.sum(np.diff(hits, prepend=0) * (hits / (ends + 1))) / total)


def _positives(truth: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    positive: npt.NDArray[np.bool_] = np.equal(truth, 1)
    if not np.all(positive | (truth == 0)):
        raise Undefined("the truth must be 0 or 1")
    return positive


def _area(positive: npt.NDArray[np.bool_], score: npt.NDArray[Any]) -> float | None:
    """Return the area under the ROC curve, None without both classes."""
    n_positive = int(np.count_nonzero(positive))
    n_negative = int(positive.shape[0]) - n_positive
    if n_positive == 0 or n_negative == 0:
        return None
    order = np.argsort(score)
    ranked = score[order]
    # Twice the mid-rank stays a whole number, so the sum is exact whatever the ties.
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]) + 1, ranked.shape[0])
    starts = np.append(0, ends[:-1])
    found = np.add.reduceat(positive[order].astype(np.int64), starts)
    twice = int(np.sum(found * (starts + ends + 1)))
    return (twice - n_positive * (n_positive + 1)) / (2 * n_positive * n_negative)


def lrap(inputs: Inputs) -> float:
    """Label ranking average precision of several label columns (truth 0/1), in (0, 1]; higher is better.

    For each true label of a row: of the labels scored at least as high, the share that is true; mean over the row's
    true labels, then over rows. A row with no true label or with all of them counts 1. Ties take the worst rank.
    ``weight``: weighted mean. Equals ``sklearn.metrics.label_ranking_average_precision_score``.
    """
    return float(np.mean(losses_by_row(_precisions(inputs), inputs.weight)))


def lrap_losses(inputs: Inputs) -> Floats:
    """1 minus the label ranking precision of each row, shape (rows,)."""
    return losses_by_row(1.0 - _precisions(inputs), inputs.weight)


def _precisions(inputs: Inputs) -> Floats:
    truth, score = inputs.truth, inputs.predicted
    if not np.all((truth == 1) | (truth == 0)):
        raise Undefined("the truth must be 0 or 1")
    step = max(1, _COMPARISONS // truth.shape[1] ** 2)
    rows = [_precision(truth[i : i + step] == 1, score[i : i + step]) for i in range(0, truth.shape[0], step)]
    return np.concatenate(rows)


def _precision(true: npt.NDArray[np.bool_], score: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the average precision of each row; memory grows with rows x columns squared."""
    as_high = score[:, None, :] >= score[:, :, None]
    among_all = np.count_nonzero(as_high, axis=2)
    among_true = np.count_nonzero(as_high & true[:, None, :], axis=2)
    n_true = np.count_nonzero(true, axis=1)
    found = np.sum(np.where(true, among_true / among_all, 0.0), axis=1) / np.maximum(n_true, 1)
    return np.where((n_true == 0) | (n_true == true.shape[1]), 1.0, found)
