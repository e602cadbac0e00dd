"""How well whole distributions were foreseen: shares, quantiles, members of an ensemble, a value with its spread."""

import numpy as np

from scorers import Inputs, Undefined
from scorers.weights import Floats, losses_by_row

_SMALLEST = 1e-15
_TOLERANCE = 1e-6


def kl_divergence(inputs: Inputs) -> float:
    """Mean over rows of the Kullback-Leibler divergence from prediction to truth, 0 and up; lower is better.

    Of a row: the sum over columns of truth x ln(truth / prediction), predictions raised to 1e-15, a true 0 adding 0.
    Truth and prediction are zero or more and sum to 1 within 1e-6 in each row, else undefined. ``weight``: weighted
    mean. Equals the sum of ``scipy.special.rel_entr``. Kullback and Leibler (1951).
    """
    return float(np.mean(kl_divergence_losses(inputs)))


def kl_divergence_losses(inputs: Inputs) -> Floats:
    """The divergence of each row, shape (rows,)."""
    for values in (inputs.truth, inputs.predicted):
        if not (np.all(values >= 0) and np.all(np.abs(np.sum(values, axis=1) - 1) <= _TOLERANCE)):
            raise Undefined("each row must be zero or more and sum to 1")
    true = np.where(inputs.truth > 0, inputs.truth, 1.0)
    terms = inputs.truth * np.log(true / np.maximum(inputs.predicted, _SMALLEST))
    return losses_by_row(np.sum(terms, axis=1), inputs.weight)


def pinball(inputs: Inputs) -> float:
    """Mean pinball loss of one quantile, 0 and up; lower is better.

    An error counts ``level`` times where the prediction is too low, 1 - ``level`` times where it is too high. Several
    columns: their mean. ``weight``: weighted mean. Equals ``sklearn.metrics.mean_pinball_loss``. Koenker (1978).
    """
    return float(np.mean(pinball_losses(inputs)))


def pinball_losses(inputs: Inputs) -> Floats:
    """The pinball loss of each row, shape (rows,), mean over columns."""
    return losses_by_row(_pinball(inputs.truth, inputs.predicted, inputs.params["level"]), inputs.weight)


def quantile_loss(inputs: Inputs) -> float:
    """Mean pinball loss over several quantiles of one truth, 0 and up; lower is better.

    ``levels`` says of each submitted column, by name, which quantile it is: { q10 = 0.1, q50 = 0.5, q90 = 0.9 }.
    ``weight``: weighted mean over rows.
    """
    return float(np.mean(quantile_loss_losses(inputs)))


def quantile_loss_losses(inputs: Inputs) -> Floats:
    """The mean pinball loss over the quantiles of each row, shape (rows,)."""
    return losses_by_row(_quantiles(inputs), inputs.weight)


def crps_quantiles(inputs: Inputs) -> float:
    """Continuous ranked probability score from quantiles: twice their mean pinball loss, 0 and up; lower is better.

    ``levels`` as for ``quantile_loss``; with evenly spread levels it comes near the integral as they get more. Gneiting
    and Ranjan (2011).
    """
    return float(np.mean(crps_quantiles_losses(inputs)))


def crps_quantiles_losses(inputs: Inputs) -> Floats:
    """Twice the mean pinball loss over the quantiles of each row, shape (rows,)."""
    return losses_by_row(2 * _quantiles(inputs), inputs.weight)


def crps_ensemble(inputs: Inputs) -> float:
    """Continuous ranked probability score of an ensemble, one submitted column per member, 0 and up; lower is better.

    Of a row: the mean of |member - truth| minus half the mean of |member - member| over all ordered pairs, each member
    with itself too. ``weight``: weighted mean. Gneiting and Raftery (2007).
    """
    return float(np.mean(crps_ensemble_losses(inputs)))


def crps_ensemble_losses(inputs: Inputs) -> Floats:
    """The score of each row, shape (rows,)."""
    members = inputs.predicted if inputs.predicted.ndim == 2 else inputs.predicted[:, None]
    number = members.shape[1]
    ranked = np.sort(members, axis=1)
    # The sum of |a - b| over all ordered pairs, from each member's place alone.
    apart = 2 * np.sum((2 * np.arange(number) - number + 1) * ranked, axis=1)
    near = np.mean(np.abs(members - inputs.truth[:, None]), axis=1)
    return losses_by_row(near - apart / (2 * number**2), inputs.weight)


def laplace_log_likelihood(inputs: Inputs) -> float:
    """Mean log likelihood of a value given with its spread, under a Laplace law; higher is better.

    Of a row: -√2 e / s - ln(√2 s), s the larger of the submitted spread (column ``spread``) and ``spread_min``, e the
    smaller of |value - truth| and ``error_max``. The value is the other submitted column. The defaults 70 and 1000 are
    millilitres of breath, as in the OSIC challenge of 2020. ``weight``: weighted mean.
    """
    return 1.0 - float(np.mean(laplace_log_likelihood_losses(inputs)))


def laplace_log_likelihood_losses(inputs: Inputs) -> Floats:
    """1 minus the log likelihood of each row, shape (rows,)."""
    names = list(inputs.names)
    spread_name = inputs.params["spread"]
    if len(names) != 2 or spread_name not in names:
        raise Undefined("two submitted columns are needed, one of them the spread")
    at = names.index(spread_name)
    spread = np.maximum(inputs.predicted[:, at], inputs.params["spread_min"])
    error = np.minimum(np.abs(inputs.predicted[:, 1 - at] - inputs.truth), inputs.params["error_max"])
    likelihood = -np.sqrt(2) * error / spread - np.log(np.sqrt(2) * spread)
    return losses_by_row(1.0 - likelihood, inputs.weight)


def _pinball(truth: Floats, predicted: Floats, level: float | Floats) -> Floats:
    too_low = truth - predicted
    losses: Floats = np.maximum(level * too_low, (level - 1) * too_low)
    return losses


def _quantiles(inputs: Inputs) -> Floats:
    """Return the mean pinball loss of each row."""
    levels = inputs.params["levels"]
    places = {name: at for at, name in enumerate(inputs.names)}
    if not levels or not set(levels) <= set(places):
        raise Undefined("a level's column is not submitted")
    predicted = inputs.predicted if inputs.predicted.ndim == 2 else inputs.predicted[:, None]
    chosen = predicted[:, [places[name] for name in levels]]
    return np.asarray(
        np.mean(_pinball(inputs.truth[:, None], chosen, np.array([*levels.values()], np.float64)), axis=1)
    )
