"""How well ranked lists and rankings by score put the right things first; higher is better.

A list is text: ids with white space between them, the best first. The true ids stand in any order.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined
from scorers.rows import mean_share, rest_losses, without
from scorers.weights import Floats

Ints = npt.NDArray[np.int64]


def map_at_k(inputs: Inputs) -> float:
    """Mean average precision of the first ``k`` ids, in [0, 1]; higher is better.

    Of a row: the sum over the true ids found of (true ids found so far / place), divided by min(true ids, ``k``). An id
    given twice counts at its first place and takes up the second. ``without_truth``: a row without a true id is left
    out ("skip") or counts 0 ("zero"). ``weight``: weighted mean.
    """
    return mean_share(*_lists(inputs, _precisions))


def map_at_k_losses(inputs: Inputs) -> Floats:
    """1 minus the average precision of each row, shape (rows,)."""
    return rest_losses(*_lists(inputs, _precisions))


def mrr(inputs: Inputs) -> float:
    """Mean over rows of 1 / the place of the first true id among the first ``k``, 0 without one; higher is better.

    In [0, 1]. Other parameters as for ``map_at_k``.
    """
    return mean_share(*_lists(inputs, _reciprocal))


def mrr_losses(inputs: Inputs) -> Floats:
    """1 minus the reciprocal rank of each row, shape (rows,)."""
    return rest_losses(*_lists(inputs, _reciprocal))


def hit_at_k(inputs: Inputs) -> float:
    """Share of rows with a true id among the first ``k``, in [0, 1]; higher is better.

    Other parameters as for ``map_at_k``.
    """
    return mean_share(*_lists(inputs, _hit))


def hit_at_k_losses(inputs: Inputs) -> Floats:
    """1 for each row without a true id among its first ``k``, shape (rows,)."""
    return rest_losses(*_lists(inputs, _hit))


def ndcg_at_k(inputs: Inputs) -> float:
    """Mean over rows of the discounted gain of the first ``k`` ids / that of the best list, in [0, 1]; higher is better.

    The gain at place i is divided by log2(i + 1). Every true id gains 1; with ``graded`` it is written "id:grade" and
    gains its grade (``gain`` "linear") or 2^grade - 1 ("exponential"). Other parameters as for ``map_at_k``. Järvelin
    and Kekäläinen (2002).
    """
    return mean_share(*_lists(inputs, _discounted))


def ndcg_at_k_losses(inputs: Inputs) -> Floats:
    """1 minus the normalised discounted gain of each row, shape (rows,)."""
    return rest_losses(*_lists(inputs, _discounted))


def ndcg(inputs: Inputs) -> float:
    """Mean over rows of the discounted cumulative gain by score / the best possible, in [0, 1]; higher is better.

    ``truth`` holds each column's relevance, zero or more, ``predicted`` its score; both (rows, columns). Columns of
    equal score share their places' mean gain. ``k``: only the first ``k`` places gain. ``gain``: "linear", or
    "exponential" (2^relevance - 1). ``without_truth``: a row without relevance counts 0 ("zero") or nothing ("skip").
    Equals ``sklearn.metrics.ndcg_score`` by default.
    """
    return mean_share(*_ndcg(inputs))


def ndcg_losses(inputs: Inputs) -> Floats:
    """1 minus the normalised discounted gain of each row, shape (rows,)."""
    return rest_losses(*_ndcg(inputs))


def top_k_accuracy(inputs: Inputs) -> float:
    """Share of rows whose right column is among the ``k`` of highest score, in [0, 1]; higher is better.

    ``truth`` is 1 in the right column and 0 elsewhere. Columns of equal score: with ``ties`` "last" the later column
    comes first, as in ``sklearn.metrics.top_k_accuracy_score``; with "worst" the right one comes last. ``weight``:
    weighted share.
    """
    return mean_share(_among_first(inputs), inputs.weight)


def top_k_accuracy_losses(inputs: Inputs) -> Floats:
    """1 for each row whose right column is not among the ``k`` of highest score, shape (rows,)."""
    return rest_losses(_among_first(inputs), inputs.weight)


_List = Callable[[list[str], dict[str, float], int], float]


def _lists(inputs: Inputs, share: _List) -> tuple[Floats, Floats | None]:
    """Return each row's share and weight; ``share`` gets the first ids, the gains of the true ones, and k."""
    k = inputs.params.get("k")
    found, counted = np.zeros(inputs.truth.shape[0]), np.zeros(inputs.truth.shape[0])
    for row, (truth, guess) in enumerate(zip(inputs.truth, inputs.predicted, strict=True)):
        true, ids = _gains(truth, inputs), guess.split()
        if true:
            counted[row] = 1.0
            found[row] = share(ids if k is None else ids[:k], true, max(len(ids), len(true)) if k is None else k)
    return without(found, counted, inputs, "without_truth")


def _gains(text: str, inputs: Inputs) -> dict[str, float]:
    """Return what each true id gains; one that gains nothing is no true id."""
    if not inputs.params.get("graded"):
        return dict.fromkeys(text.split(), 1.0)
    gains = {}
    for item in text.split():
        name, _, grade = item.rpartition(":")
        try:
            value = float(grade)
        except ValueError:
            raise Undefined("a true id is not written id:grade") from None
        if not (name and 0 <= value < np.inf):
            raise Undefined("a true id is not written id:grade, grade zero or more")
        if value:
            gains[name] = float(_gain(np.array([value]), inputs)[0])
    return gains


def _found(ids: list[str], true: dict[str, float]) -> list[int]:
    """Return the places, from 0, of the true ids; of one given twice the first."""
    first = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))
    return sorted(place for name, place in first.items() if name in true)


def _precisions(ids: list[str], true: dict[str, float], k: int) -> float:
    return sum((n + 1) / (place + 1) for n, place in enumerate(_found(ids, true))) / min(len(true), k)


def _reciprocal(ids: list[str], true: dict[str, float], k: int) -> float:
    del k
    return next((1 / (i + 1) for i, name in enumerate(ids) if name in true), 0.0)


def _hit(ids: list[str], true: dict[str, float], k: int) -> float:
    del k
    return float(any(name in true for name in ids))


def _discounted(ids: list[str], true: dict[str, float], k: int) -> float:
    best = sorted(true.values(), reverse=True)[:k]
    gained = sum(true[ids[place]] / np.log2(place + 2) for place in _found(ids, true))
    return float(gained / sum(gain / np.log2(i + 2) for i, gain in enumerate(best)))


def _ndcg(inputs: Inputs) -> tuple[Floats, Floats | None]:
    if not np.all(inputs.truth >= 0):
        raise Undefined("relevance must be zero or more")
    gain = _gain(inputs.truth, inputs)
    rows, columns = gain.shape
    k = min(inputs.params.get("k") or columns, columns)
    discount = np.where(np.arange(columns) < k, 1 / np.log2(np.arange(columns) + 2.0), 0.0)
    best: Floats = -np.sort(-gain, axis=1) @ discount
    order = np.argsort(-inputs.predicted, axis=1, kind="stable")
    ranked = np.take_along_axis(inputs.predicted, order, axis=1)
    new = np.ones((rows, columns), bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    group = np.cumsum(new.ravel()) - 1
    mean = np.bincount(group, np.take_along_axis(gain, order, axis=1).ravel()) / np.bincount(group)
    gained = np.sum((mean[group] * np.tile(discount, rows)).reshape(rows, columns), axis=1)
    return without(gained, best, inputs, "without_truth")


def _gain(grade: Floats, inputs: Inputs) -> Floats:
    gain: Floats = np.exp2(grade) - 1 if inputs.params["gain"] == "exponential" else grade
    if not np.all(np.isfinite(gain)):
        raise Undefined("a gain is too large to be written as a number")
    return gain


def _among_first(inputs: Inputs) -> Floats:
    truth, score = inputs.truth, inputs.predicted
    if not (np.all((truth == 0) | (truth == 1)) and np.all(np.sum(truth, axis=1) == 1)):
        raise Undefined("the truth must be 1 in one column and 0 elsewhere")
    right = np.argmax(truth, axis=1)[:, None]
    own = np.take_along_axis(score, right, axis=1)
    columns = np.arange(score.shape[1])[None, :]
    tied = (score == own) & ((columns != right) if inputs.params["ties"] == "worst" else (columns > right))
    ahead = np.count_nonzero((score > own) | tied, axis=1)
    among: Floats = (ahead < inputs.params["k"]).astype(np.float64)
    return among
