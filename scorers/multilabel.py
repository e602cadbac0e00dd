"""Agreement of several yes-or-no columns, or of whole rows. Oracle: scikit-learn."""

import numpy as np

from scorers import Inputs, Undefined
from scorers.rows import mean_share, rest_losses, without
from scorers.weights import Floats, losses_by_row


def hamming_loss(inputs: Inputs) -> float:
    """Share of cells that differ from the truth, in [0, 1]; lower is better.

    One column: the share of wrong rows. ``weight``: weighted by row. Equals ``sklearn.metrics.hamming_loss``.
    """
    return float(np.mean(hamming_loss_losses(inputs)))


def hamming_loss_losses(inputs: Inputs) -> Floats:
    """The share of wrong cells of each row, shape (rows,)."""
    return losses_by_row(np.not_equal(inputs.truth, inputs.predicted).astype(np.float64), inputs.weight)


def exact_match(inputs: Inputs) -> float:
    """Share of rows right in every column, in [0, 1]; higher is better. ``weight``: weighted share.

    Equals ``sklearn.metrics.accuracy_score`` of several columns.
    """
    return mean_share(_exact(inputs), inputs.weight)


def exact_match_losses(inputs: Inputs) -> Floats:
    """1 for each row with a wrong cell, shape (rows,)."""
    return rest_losses(_exact(inputs), inputs.weight)


def jaccard_samples(inputs: Inputs) -> float:
    """Mean over rows of the labels in both truth and prediction / in either, in [0, 1]; higher is better.

    Both are 0 or 1. ``both_empty``: a row without any label counts "zero", "one" or nothing ("skip"). ``weight``:
    weighted mean. Equals ``sklearn.metrics.jaccard_score(average="samples")``.
    """
    return mean_share(*_samples(inputs))


def jaccard_samples_losses(inputs: Inputs) -> Floats:
    """1 minus the share of each row, shape (rows,)."""
    return rest_losses(*_samples(inputs))


def jaccard_macro(inputs: Inputs) -> float:
    """Mean over columns of the rows labelled in both truth and prediction / in either, in [0, 1]; higher is better.

    Both are 0 or 1. ``both_empty``: a column without any label counts "zero", "one" or nothing ("skip"). ``weight``:
    rows weigh so much in each column. Equals ``sklearn.metrics.jaccard_score(average="macro")``.
    """
    both, either = _labels(inputs)
    weight = np.ones(both.shape[0]) if inputs.weight is None else losses_by_row(np.ones(both.shape[0]), inputs.weight)
    columns = Inputs(inputs.truth, inputs.predicted, params=inputs.params)
    return mean_share(*without(weight @ both, weight @ either, columns, "both_empty"))


def _exact(inputs: Inputs) -> Floats:
    right = np.equal(inputs.truth, inputs.predicted)
    shares: Floats = (right if right.ndim == 1 else np.all(right, axis=1)).astype(np.float64)
    return shares


def _samples(inputs: Inputs) -> tuple[Floats, Floats | None]:
    both, either = _labels(inputs)
    return without(np.sum(both, axis=1), np.sum(either, axis=1), inputs, "both_empty")


def _labels(inputs: Inputs) -> tuple[Floats, Floats]:
    """Return which cells are 1 in both and which in either, as numbers."""
    truth, guess = inputs.truth, inputs.predicted
    if not all(np.all((values == 0) | (values == 1)) for values in (truth, guess)):
        raise Undefined("labels must be 0 or 1")
    return (truth * guess).astype(np.float64), np.maximum(truth, guess).astype(np.float64)
