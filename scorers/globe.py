"""How far apart places on Earth are; lower is better."""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row

_RADIUS_KM = 6371.0088  # mean radius, IUGG (1980)


def haversine(inputs: Inputs) -> float:
    """Mean great-circle distance in kilometres, 0 to half the Earth's circumference; lower is better.

    Two columns in degrees; ``latitude`` names that of the latitude, the other one is the longitude. The Earth is a
    sphere of 6371.0088 km. ``weight``: weighted mean.
    """
    return float(np.mean(haversine_losses(inputs)))


def haversine_losses(inputs: Inputs) -> Floats:
    """The distance of each row in kilometres, shape (rows,)."""
    return losses_by_row(_distances(inputs), inputs.weight)


def haversine_percentile(inputs: Inputs) -> float:
    """Great-circle distance in kilometres that the share ``level`` of the rows stays below; lower is better.

    Between two rows on a straight line, as ``numpy.percentile`` does. Columns as for ``haversine``.
    """
    return float(np.quantile(_distances(inputs), inputs.params["level"]))


def _distances(inputs: Inputs) -> Floats:
    names = list(inputs.names)
    if len(names) != 2 or inputs.params["latitude"] not in names:
        raise Undefined("two columns are needed, one of them the latitude")
    at = names.index(inputs.params["latitude"])
    true, own = np.radians(inputs.truth), np.radians(inputs.predicted)
    up, along = (np.sin((own[:, j] - true[:, j]) / 2) ** 2 for j in (at, 1 - at))
    chord = up + np.cos(true[:, at]) * np.cos(own[:, at]) * along
    distances: Floats = 2 * _RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return distances
