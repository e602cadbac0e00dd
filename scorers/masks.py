"""How well masks cover each other, row by row; higher is better.

A mask is text: pairs "start length" of runs (``scorers.written``), so that the image's size never matters.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scorers import Inputs
from scorers.rows import mean_share, rest_losses, without
from scorers.weights import Floats
from scorers.written import runs

Runs = npt.NDArray[np.int64]


def dice(inputs: Inputs) -> float:
    """Mean over rows of the Dice coefficient 2|A and B| / (|A| + |B|), in [0, 1]; higher is better (Dice, 1945).

    ``both_empty`` says what a row counts whose two masks are empty: "one", "zero" or "skip" (the row counts nothing).
    ``weight``: weighted mean. Undefined when no row counts.
    """
    return mean_share(*_dice(inputs))


def dice_losses(inputs: Inputs) -> Floats:
    """1 minus the Dice coefficient of each row, shape (rows,)."""
    return rest_losses(*_dice(inputs))


def iou(inputs: Inputs) -> float:
    """Mean over rows of the intersection over union |A and B| / |A or B|, in [0, 1]; higher is better (Jaccard, 1901).

    Parameters as for ``dice``.
    """
    return mean_share(*_iou(inputs))


def iou_losses(inputs: Inputs) -> Floats:
    """1 minus the intersection over union of each row, shape (rows,)."""
    return rest_losses(*_iou(inputs))


def _dice(inputs: Inputs) -> tuple[Floats, Floats | None]:
    both, total = _pixels(inputs)
    return without(2 * both, total, inputs, "both_empty")


def _iou(inputs: Inputs) -> tuple[Floats, Floats | None]:
    both, total = _pixels(inputs)
    return without(both, total - both, inputs, "both_empty")


def _pixels(inputs: Inputs) -> tuple[Floats, Floats]:
    """Return for each row the pixels in both masks, and those of the two together counted twice where they overlap."""
    found = np.array([*_counted(inputs)], np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _counted(inputs: Inputs) -> Iterator[tuple[int, int]]:
    for truth, guess in zip(inputs.truth, inputs.predicted, strict=True):
        one, other = _runs(truth), _runs(guess)
        total = int(one[:, 1].sum() + other[:, 1].sum())
        yield (total // 2 if truth == guess else _overlap(one, other)), total


def _runs(text: str) -> Runs:
    return np.array(runs(text), np.int64).reshape(-1, 2)


def _overlap(one: Runs, other: Runs) -> int:
    """Return the pixels that two masks share; shape (runs, 2) each: first pixel and length, by first pixel."""
    if not one.shape[0] or not other.shape[0]:
        return 0
    before = np.append(0, np.cumsum(other[:, 1]))

    def covered(pixel: Runs) -> Runs:
        """How many pixels of ``other`` lie before each ``pixel``."""
        at = np.searchsorted(other[:, 0], pixel, "right") - 1
        inside = np.minimum(pixel - other[at, 0], other[at, 1])
        return np.where(at < 0, 0, before[at] + inside)

    return int(np.sum(covered(one[:, 0] + one[:, 1]) - covered(one[:, 0])))
