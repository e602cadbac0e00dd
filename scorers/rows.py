"""Shares by row where some rows have none: what they count instead, the mean, the losses."""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row


def without(part: Floats, whole: Floats, inputs: Inputs, param: str) -> tuple[Floats, Floats | None]:
    """Return ``part`` / ``whole`` of each row and the rows' weights.

    A row whose ``whole`` is 0 counts 1 or 0 as the parameter ``param`` says ("one", "zero"), or nothing ("skip").
    """
    choice = inputs.params[param]
    none = whole == 0
    shares: Floats = np.where(none, 1.0 if choice == "one" else 0.0, part / np.where(none, 1.0, whole))
    if choice != "skip":
        return shares, inputs.weight
    if none.all():
        raise Undefined("no row counts")
    kept: Floats = np.where(none, 0.0, 1.0 if inputs.weight is None else inputs.weight)
    return shares, kept


def mean_share(shares: Floats, weight: Floats | None) -> float:
    """Return the mean of the rows' shares, weighted where there are weights; raises Undefined when they sum to zero."""
    return float(np.mean(losses_by_row(shares, weight)))


def rest_losses(shares: Floats, weight: Floats | None) -> Floats:
    """Return 1 minus each row's share, weighted so that their plain mean is 1 minus the mean share."""
    return losses_by_row(1.0 - shares, weight)
