"""Cases of the metrics of distributions, of several labels and of orders.

Oracles: scikit-learn and SciPy where they have the metric, else its definition written the slow and plain way.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import SCORES, VALUES, Array, Case, by_group, column, drawn, groups_of
from metric_cases_values import BAD_WEIGHTS, BINARY, LETTERS
from metric_inputs import BOTH_EMPTY, BY_ROW, NO_WIDE, WIDE_WEIGHTS, instead, mean_of, told
from scipy import special, stats
from sklearn import metrics as sk

from scorers import Inputs


def _kl(i: Inputs) -> float:
    return float(np.average(special.rel_entr(i.truth, np.maximum(i.predicted, 1e-15)).sum(axis=1), weights=i.weight))


def shares(inputs: Inputs) -> Inputs:
    """Return the same with rows that sum to 1."""
    found = [values / values.sum(axis=1)[:, None] for values in (inputs.truth, inputs.predicted)]
    return Inputs(*found, inputs.weight, inputs.params, group=inputs.group)


def _pinball(i: Inputs) -> float:
    return float(sk.mean_pinball_loss(i.truth, i.predicted, alpha=i.params.get("level", 0.5), sample_weight=i.weight))


def whole(inputs: Inputs) -> Inputs:
    """Return the same with the first true column alone."""
    return Inputs(
        inputs.truth[:, 0], inputs.predicted, inputs.weight, inputs.params, names=inputs.names, group=inputs.group
    )


def _quantiles(i: Inputs) -> float:
    levels = i.params["levels"]
    return float(np.mean([
        sk.mean_pinball_loss(i.truth, i.predicted[:, i.names.index(name)], alpha=level, sample_weight=i.weight)
        for name, level in levels.items()
    ]))  # fmt: skip


def _ensemble(truth: float, members: Array, _: dict[str, Any]) -> float:
    near = np.mean([abs(m - truth) for m in members])
    return float(near - np.mean([abs(a - b) for a in members for b in members]) / 2)


def _laplace(i: Inputs) -> float:
    total, weights = 0.0, np.ones(len(i.truth)) if i.weight is None else i.weight
    for truth, (value, spread), weight in zip(i.truth, i.predicted, weights, strict=True):
        clipped = max(spread, 70)
        error = min(abs(value - truth), 1000)
        total += weight * (-math.sqrt(2) * error / clipped - math.log(math.sqrt(2) * clipped))
    return total / float(weights.sum())


def crossed(oracle: Callable[[Inputs], float | None]) -> Callable[[Inputs], float | None]:
    """Return the mean over groups of an oracle that tells columns apart by name."""

    def mean(i: Inputs) -> float | None:
        found = []
        for part in groups_of(i):
            if part.weight is not None and part.weight.sum() == 0:
                return None
            found.append(oracle(part))
        return None if None in found else float(np.mean(np.array(found, np.float64)))

    return mean


QUANTILES = Inputs(
    column(1, 5, 3, 4), np.array([[0, 1, 2], [3, 5, 6], [1, 2, 3], [4, 4, 5.0]]), names=("c0", "c1", "c2"),
    params={"levels": {"c2": 0.9, "c0": 0.1, "c1": 0.5}},
)  # fmt: skip
SPREAD = Inputs(
    column(2000, 2500, 3000, 1800), np.array([[2100, 80], [2500, 60], [1500, 300], [1790, 70.0]]),
    names=("c0", "c1"), params={"spread": "c1"},
)  # fmt: skip
SHARES = Inputs(
    np.array([[1, 0], [0.5, 0.5], [0.25, 0.75], [0, 1]]), np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5], [0.2, 0.8]])
)
LABELS = Inputs(
    np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1.0]]), np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 1, 0.0]])
)
EMPTY = np.zeros((2, 2))


def _repeated(i: Inputs) -> Array:
    return np.repeat(i.truth[:, None], i.predicted.shape[1], axis=1)


def _hamming(i: Inputs) -> float:
    wrong = np.reshape(i.truth != i.predicted, (len(i.truth), -1)).mean(axis=1)
    if i.truth.ndim == 2 and set(np.unique(np.append(i.truth, i.predicted))) <= {0.0, 1.0}:
        return float(sk.hamming_loss(i.truth, i.predicted, sample_weight=i.weight))
    return float(np.average(wrong, weights=i.weight))


def _exact(i: Inputs) -> float:
    right = [np.array_equal(t, p) for t, p in zip(i.truth, i.predicted, strict=True)]
    return float(sk.accuracy_score(np.ones(len(right), bool), right, sample_weight=i.weight))


def _jaccard(truth: Array, guess: Array, params: dict[str, Any]) -> float | None:
    either = np.maximum(truth, guess).sum()
    return float((truth * guess).sum() / either) if either else instead(params.get("both_empty", "zero"))


def _jaccard_samples(i: Inputs) -> float | None:
    ours = mean_of(_jaccard)(i)
    if i.params.get("both_empty", "zero") == "zero":
        theirs = sk.jaccard_score(i.truth, i.predicted, average="samples", zero_division=0, sample_weight=i.weight)
        assert ours is not None
        assert abs(ours - theirs) < 1e-12
    return ours


def _jaccard_macro(i: Inputs) -> float | None:
    choice = i.params.get("both_empty", "zero")
    each = sk.jaccard_score(i.truth, i.predicted, average=None, zero_division=0, sample_weight=i.weight)
    weight = np.ones(len(i.truth)) if i.weight is None else i.weight
    empty = weight @ np.maximum(i.truth, i.predicted) == 0
    kept = [v if not none else instead(choice) for v, none in zip(each, empty, strict=True)]
    there = [v for v in kept if v is not None]
    return float(np.mean(there)) if there else None


def _lwlrap(i: Inputs) -> float | None:
    labels = i.truth.sum(axis=1)
    if not labels.any():
        return None
    return float(sk.label_ranking_average_precision_score(i.truth, i.predicted, sample_weight=labels))


def _gini(i: Inputs) -> float | None:
    if len(set(i.truth)) < 2:
        return None
    if set(i.truth) == {0.0, 1.0}:
        return float(2 * sk.roc_auc_score(i.truth, i.predicted) - 1)

    def area(score: Array) -> float:
        total = lost = 0.0
        for level in sorted(set(score), reverse=True):
            rows = i.truth[score == level]
            for _ in rows:
                total += float(rows.mean())
                lost += total
        return lost / float(i.truth.sum()) - (len(i.truth) + 1) / 2

    return area(i.predicted) / area(i.truth)


def _kendall(i: Inputs) -> float | None:
    if len(set(i.truth)) < 2 or len(set(i.predicted)) < 2:
        return None
    return float(stats.kendalltau(i.truth, i.predicted).statistic)


def _pauc(i: Inputs) -> float | None:
    """The form of the ISIC challenge of 2024: both sides turned round, then the standardised partial area undone."""
    if len(set(i.truth)) < 2:
        return None
    most = 1 - i.params.get("min_tpr", 0.8)
    if most >= 1:
        return float(sk.roc_auc_score(i.truth, i.predicted))
    part = sk.roc_auc_score(np.abs(i.truth - 1), -i.predicted, max_fpr=most)
    return float(0.5 * most**2 + (most - 0.5 * most**2) / 0.5 * (part - 0.5))


def _sphere(truth: Array, guess: Array, _: dict[str, Any]) -> float:
    """The angle between two directions, by their cross and scalar products."""

    def direction(place: Array) -> Array:
        lon, lat = math.radians(place[0]), math.radians(place[1])
        return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])

    one, other = direction(truth), direction(guess)
    return 6371.0088 * math.atan2(float(np.linalg.norm(np.cross(one, other))), float(one @ other))


# steps of ten degrees: haversine loses digits next to the antipodes, where no prediction should be
DEGREES = st.sampled_from([-40.0, -10.0, 0.0, 10.0, 20.0, 45.0])
PLACES = Inputs(
    np.array([[2.35, 48.85], [-1.68, 48.11], [-4.49, 48.39], [5.37, 43.3]]),
    np.array([[2.3, 48.9], [-1.5, 48.0], [-4.0, 48.4], [5.4, 43.3]]),
    names=("c0", "c1"), params={"latitude": "c1"},
)  # fmt: skip
GROUPINGS = Inputs(column("a", "b", "b", "a", "c", "c"), column("b", "a", "a", "c", "c", "c"))
NONE = column()
ORDER = Inputs(column(0, 1, 1, 0), column(0.5, 0.5, 0.25, 0))

CASES = {
    "kl_divergence": Case(
        SHARES, drawn(st.floats(0.01, 1), st.sampled_from([0.0, 0.1, 1.0, 5.0]), wide=(2, 4), **BY_ROW).filter(
            lambda i: i.truth.ndim == 2 and bool((i.predicted.sum(axis=1) > 0).all())).map(shares),
        by_group(_kl),
        undefined=(NO_WIDE, *WIDE_WEIGHTS, Inputs(np.ones((2, 2)), np.eye(2)), Inputs(np.eye(2), np.ones((2, 2)))),
    ),
    "pinball": Case(
        Inputs(column(1, 2, 3, 4), column(2, 2, 1, 5), params={"level": 0.75}),
        drawn(VALUES, VALUES, wide=(1, 3), **BY_ROW, params=st.fixed_dictionaries({"level": st.sampled_from([0, 0.1, 0.5, 1])})),
        by_group(_pinball), undefined=(Inputs(NONE, NONE), *BAD_WEIGHTS),
    ),
    **{
        name: Case(
            QUANTILES,
            drawn(VALUES, VALUES, wide=(2, 2), **BY_ROW, params=st.just({"levels": {"c1": 0.75, "c0": 0.1}})).map(whole),
            crossed(lambda i, times=times: times * _quantiles(i)), gold=_repeated,  # type: ignore[misc]
            undefined=(Inputs(column(1), np.ones((1, 2)), names=("c0", "c1"), params={"levels": {"c2": 0.5}}),),
        )
        for name, times in (("quantile_loss", 1), ("crps_quantiles", 2))
    },
    "crps_ensemble": Case(
        QUANTILES, drawn(VALUES, VALUES, wide=(2, 5), **BY_ROW).filter(lambda i: i.truth.ndim == 2).map(whole),
        crossed(mean_of(_ensemble)), gold=_repeated,
        undefined=tuple(Inputs(i.truth, np.ones((2, 2)), i.weight) for i in BAD_WEIGHTS),
    ),
    "laplace_log_likelihood": Case(
        SPREAD, drawn(VALUES, VALUES, wide=(2, 2), **BY_ROW, params=st.just({"spread": "c1"})).map(whole),
        crossed(_laplace), gold=lambda i: np.column_stack([i.truth, np.zeros(len(i.truth))]),
        undefined=(Inputs(column(1), np.ones((1, 2)), names=("c0", "c1"), params={"spread": "c2"}),),
    ),
    "hamming_loss": Case(
        LABELS, st.one_of(drawn(BINARY, BINARY, wide=(1, 4), **BY_ROW), drawn(VALUES, VALUES, **BY_ROW)), by_group(_hamming),
        undefined=(NO_WIDE, *BAD_WEIGHTS),
    ),
    "exact_match": Case(
        LABELS, st.one_of(drawn(BINARY, BINARY, wide=(1, 4), **BY_ROW), drawn(VALUES, VALUES, **BY_ROW)), by_group(_exact),
        undefined=(NO_WIDE, *BAD_WEIGHTS),
    ),
    **{
        name: Case(
            LABELS,
            told(drawn(BINARY, BINARY, wide=(2, 4), **BY_ROW, params=st.fixed_dictionaries({"both_empty": BOTH_EMPTY})).filter(
                lambda i: i.truth.ndim == 2)),
            by_group(oracle),
            gold=lambda i: i.truth,
            undefined=(NO_WIDE, *WIDE_WEIGHTS, Inputs(np.full((2, 2), 2.0), EMPTY), Inputs(EMPTY, EMPTY, params={"both_empty": "skip"})),
        )
        for name, oracle in (("jaccard_samples", _jaccard_samples), ("jaccard_macro", _jaccard_macro))
    },
    "adjusted_rand": Case(
        GROUPINGS, st.one_of(drawn(LETTERS, LETTERS, dtype="U1", grouped=True), drawn(BINARY, VALUES)),
        by_group(lambda i: float(sk.adjusted_rand_score(i.truth, i.predicted))), undefined=(Inputs(NONE, NONE),),
    ),
    "v_measure": Case(
        GROUPINGS, st.one_of(drawn(LETTERS, LETTERS, dtype="U1", grouped=True), drawn(BINARY, VALUES)),
        by_group(lambda i: float(sk.v_measure_score(i.truth, i.predicted))), undefined=(Inputs(NONE, NONE),),
    ),
    "haversine": Case(
        PLACES, drawn(DEGREES, DEGREES, wide=(2, 2), **BY_ROW, params=st.just({"latitude": "c1"})), by_group(mean_of(_sphere)),
        undefined=(Inputs(np.eye(2), np.eye(2), params={"latitude": "x"}),),
    ),
    "haversine_percentile": Case(
        PLACES,
        drawn(DEGREES, DEGREES, wide=(2, 2), grouped=True,
              params=st.fixed_dictionaries({"latitude": st.just("c1"), "level": st.sampled_from([0, 0.5, 0.95, 1])})),
        by_group(lambda i: float(np.percentile([_sphere(t, p, {}) for t, p in zip(i.truth, i.predicted, strict=True)],
                                               100 * i.params.get("level", 0.5)))),
        undefined=(Inputs(np.eye(2), np.eye(2), params={"latitude": "x"}),),
    ),
    "lwlrap": Case(
        Inputs(np.eye(4), np.arange(16).reshape(4, 4) % 5 / 4), drawn(BINARY, VALUES, wide=(2, 6)).filter(lambda i: i.truth.ndim == 2), _lwlrap,
        undefined=(NO_WIDE, Inputs(EMPTY, EMPTY), Inputs(np.full((2, 2), 2.0), EMPTY)),
    ),
    "gini": Case(
        ORDER, st.one_of(drawn(BINARY, VALUES, grouped=True), drawn(st.sampled_from([0.0, 0.5, 2.0, 1e3]), SCORES)), by_group(_gini),
        undefined=(Inputs(NONE, NONE), Inputs(column(1, 1), column(0, 1)), Inputs(column(-1, 1), column(0, 1))),
    ),
    "kendall_tau": Case(
        Inputs(column(1, 2, 3, 4), column(2, 1, 5, 5.5)), drawn(VALUES, st.one_of(VALUES, SCORES), grouped=True), by_group(_kendall),
        undefined=(Inputs(NONE, NONE), Inputs(column(1, 1), column(0, 1)), Inputs(column(0, 1), column(1, 1)), Inputs(column(1), column(1))),
    ),
    "pauc_above_tpr": Case(
        ORDER, drawn(BINARY, VALUES, grouped=True, params=st.fixed_dictionaries({"min_tpr": st.sampled_from([0, 0.25, 0.8])})),
        by_group(_pauc), undefined=(Inputs(NONE, NONE), Inputs(column(1, 1), column(0, 1)), Inputs(column(0, 2), column(0, 1))),
    )}  # fmt: skip
