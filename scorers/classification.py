"""Agreement of predicted classes; higher is better. Oracle: scikit-learn.

Values are compared as they are declared: text with text, numbers with numbers. ``weight`` weighs the rows.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined, sums
from scorers.weights import Floats, losses_by_row, total_of


def accuracy_losses(inputs: Inputs) -> Floats:
    """1 for each row whose class is wrong, 0 where it is right, shape (rows,); several columns: all must be right."""
    return losses_by_row(1.0 - _right(inputs), inputs.weight)


def accuracy(inputs: Inputs) -> float:
    """Share of rows whose class is right, in [0, 1]. Equals ``accuracy_score``.

    Several columns: a row counts when all of them are right (subset accuracy).
    """
    return float(np.mean(losses_by_row(_right(inputs), inputs.weight)))


def balanced_accuracy_losses(inputs: Inputs) -> Floats:
    """Rows over (classes x rows of the row's class) where the class is wrong, else 0, shape (rows,)."""
    weight = _weight(inputs)
    _, found = np.unique(inputs.truth, return_inverse=True)
    sizes = np.bincount(found, weights=weight)
    there = int(np.count_nonzero(sizes))
    if there < 2:
        raise Undefined("one class only")
    share = weight / np.where(sizes == 0, 1.0, sizes)[found]
    losses: Floats = (1.0 - _right(inputs)) * share * (weight.shape[0] / there)
    return losses


def balanced_accuracy(inputs: Inputs) -> float:
    """Mean over the classes of the truth of the share of their rows that are right, in [0, 1].

    Undefined when the truth has one class only. Equals ``balanced_accuracy_score``.
    """
    return 1.0 - float(np.mean(balanced_accuracy_losses(inputs)))


def f1(inputs: Inputs) -> float:
    """Harmonic mean of precision and recall of the class ``pos_label``, in [0, 1]. Equals ``f1_score``.

    0 when nothing is predicted positive; undefined when the truth has no positive.
    """
    return _fbeta(inputs, 1.0)


def fbeta(inputs: Inputs) -> float:
    """Like ``f1``, recall counting ``beta`` times as much as precision. Equals ``fbeta_score``."""
    return _fbeta(inputs, float(inputs.params["beta"]))


def f1_rows(inputs: Inputs) -> Floats:
    """Return what each row adds to numerator and denominator of ``f1``, shape (rows, 3): see ``sums``."""
    return _fbeta_rows(inputs, 1.0)


def fbeta_rows(inputs: Inputs) -> Floats:
    """Return what each row adds to numerator and denominator of ``fbeta``, shape (rows, 3): see ``sums``."""
    return _fbeta_rows(inputs, float(inputs.params["beta"]))


def f1_macro(inputs: Inputs) -> float:
    """Mean over classes of each class's F1, in [0, 1]. Equals ``f1_score(average="macro")`` over the declared classes.

    One column: over the declared classes; several: over the columns, ``pos_label`` being positive in each. A class
    that neither truth nor predictions hold counts 0 (``absent`` = "zero") or is left out ("skip").
    """
    true, claimed, hit = _counts(inputs)
    both = true + claimed
    if inputs.params["absent"] == "skip":
        kept = both > 0
        true, claimed, hit, both = true[kept], claimed[kept], hit[kept], both[kept]
        if not np.any(true):
            raise Undefined("no class is there")
    return float(np.mean(2 * hit / np.where(both == 0, 1.0, both)))


def f1_macro_rows(inputs: Inputs) -> Floats:
    """Return the cell of the table of classes and the weight of each row, shape (rows, 2)."""
    return _cells(inputs, skip=inputs.params["absent"] == "skip")


def f1_micro(inputs: Inputs) -> float:
    """F1 of all decisions together, in [0, 1]. Equals ``f1_score(average="micro")``.

    One column: equals ``accuracy``. Several columns: over all cells, ``pos_label`` being positive; undefined when the
    truth has no positive.
    """
    if inputs.truth.ndim == 1:
        return accuracy(inputs)
    true, claimed, hit = (float(np.sum(count)) for count in _counts(inputs))
    if true == 0:
        raise Undefined("no positive")
    return 2 * hit / (true + claimed)


def f1_micro_rows(inputs: Inputs) -> Floats:
    """Return what each row adds to numerator and denominator of ``f1_micro``, shape (rows, 3)."""
    weight = _weight(inputs)
    if inputs.truth.ndim == 1:
        return np.column_stack((weight * _right(inputs), weight, weight))
    true, claimed = _positive(inputs.truth, inputs), _positive(inputs.predicted, inputs)
    hits, there = np.sum(true & claimed, axis=1), np.sum(true, axis=1)
    return np.column_stack((weight * 2 * hits, weight * (there + np.sum(claimed, axis=1)), weight * there))


def quadratic_kappa(inputs: Inputs) -> float:
    """Cohen's kappa with quadratic weights on the declared classes in their order, in [-1, 1].

    1 is perfect, 0 what chance gives. Undefined when the truth has one class only. Equals ``cohen_kappa_score`` with
    ``weights="quadratic"`` and ``labels`` as declared.
    """
    table = _table(inputs)
    true, claimed = table.sum(axis=1), table.sum(axis=0)
    if np.count_nonzero(true) < 2:
        raise Undefined("one class only")
    place = np.arange(table.shape[0])
    cost = (place[:, None] - place[None, :]) ** 2.0
    return 1.0 - float(np.sum(cost * table) / np.sum(cost * np.outer(true, claimed / claimed.sum())))


def quadratic_kappa_rows(inputs: Inputs) -> Floats:
    """Return the cell of the table of classes and the weight of each row, shape (rows, 2)."""
    return _cells(inputs)


def mcc(inputs: Inputs) -> float:
    """Matthews correlation coefficient of any number of classes, in [-1, 1]; a constant prediction gives 0.

    Undefined when the truth has one class only. Equals ``matthews_corrcoef``.
    """
    table = _table(inputs)
    true, claimed, total = table.sum(axis=1), table.sum(axis=0), float(table.sum())
    if np.count_nonzero(true) < 2:
        raise Undefined("one class only")
    if np.count_nonzero(claimed) < 2:
        return 0.0
    true, claimed = true / total, claimed / total
    spread = np.sqrt((1 - np.sum(true**2)) * (1 - np.sum(claimed**2)))
    return float((np.trace(table) / total - np.sum(true * claimed)) / spread)


def mcc_rows(inputs: Inputs) -> Floats:
    """Return the cell of the table of classes and the weight of each row, shape (rows, 2)."""
    return _cells(inputs)


def _right(inputs: Inputs) -> Floats:
    right = np.equal(inputs.truth, inputs.predicted)
    shares: Floats = (right if right.ndim == 1 else np.all(right, axis=1)).astype(np.float64)
    return shares


def _fbeta(inputs: Inputs, beta: float) -> float:
    weight = _weight(inputs)
    true, claimed = _positive(inputs.truth, inputs), _positive(inputs.predicted, inputs)
    hit, missed, wrong = (float(np.sum(weight[rows])) for rows in (true & claimed, true & ~claimed, claimed & ~true))
    if hit + missed == 0:
        raise Undefined("no positive")
    # Divided by beta twice rather than squared: a large beta must not overflow.
    grown = hit * (1 / beta + beta)
    return grown / (grown + missed * beta + wrong / beta)


def _fbeta_rows(inputs: Inputs, beta: float) -> Floats:
    weight = _weight(inputs)
    true, claimed = _positive(inputs.truth, inputs), _positive(inputs.predicted, inputs)
    grown = weight * (true & claimed) * (1 / beta + beta)
    whole = grown + weight * ((true & ~claimed) * beta + (claimed & ~true) / beta)
    return np.column_stack((grown, whole, weight * true))


def _positive(values: npt.NDArray[Any], inputs: Inputs) -> npt.NDArray[np.bool_]:
    label = inputs.params["pos_label"]
    try:
        wanted = str(label) if values.dtype.kind in "US" else float(label)
    except ValueError:
        raise Undefined("pos_label is no number, the column holds numbers") from None
    positive: npt.NDArray[np.bool_] = np.equal(values, wanted)
    return positive


def _counts(inputs: Inputs) -> tuple[Floats, Floats, Floats]:
    """Return the weight of the rows that are, are said to be, and rightly are of each class (or positive in a column)."""
    if inputs.truth.ndim == 1:
        table = _table(inputs)
        return table.sum(axis=1), table.sum(axis=0), np.diagonal(table)
    weight = _weight(inputs)
    true, claimed = _positive(inputs.truth, inputs), _positive(inputs.predicted, inputs)
    true_weight, claimed_weight, hit_weight = (
        np.sum(np.where(rows, weight[:, None], 0.0), axis=0) for rows in (true, claimed, true & claimed)
    )
    return true_weight, claimed_weight, hit_weight


def _table(inputs: Inputs) -> Floats:
    """Return the weight of each pair of classes, shape (classes, classes): truth in rows, predictions in columns."""
    true, claimed, wide = _pairs(inputs)
    counts: Floats = np.bincount(true * wide + claimed, weights=_weight(inputs), minlength=wide * wide).astype(
        np.float64
    )
    return counts.reshape(wide, wide)


def _cells(inputs: Inputs, *, skip: bool = False) -> Floats:
    true, claimed, wide = _pairs(inputs)
    if wide >= sums.MOST_CLASSES:
        raise Undefined("too many classes")
    return np.column_stack((sums.cell(wide, true, claimed, skip=skip), _weight(inputs)))


def _pairs(inputs: Inputs) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return the place of each row's true and predicted class, and how many classes there are."""
    classes = inputs.classes
    if classes is None:
        classes = np.unique(np.concatenate((inputs.truth, inputs.predicted)))
    return _places(inputs.truth, classes), _places(inputs.predicted, classes), classes.shape[0]


def _places(values: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return where each value stands among ``classes``; raises Undefined for one that does not."""
    order = np.argsort(classes)
    found: npt.NDArray[np.int64] = order[
        np.minimum(np.searchsorted(classes, values, sorter=order), classes.shape[0] - 1)
    ]
    if not np.all(classes[found] == values):
        raise Undefined("a value is none of the declared classes")
    return found


def _weight(inputs: Inputs) -> Floats:
    if inputs.weight is None:
        return np.ones(inputs.truth.shape[0])
    total_of(inputs.weight)
    return inputs.weight
