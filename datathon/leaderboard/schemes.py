"""Ways to bring scores of several components to one total. Pure.

Source: ranking specification 3 and 4.8. ``fixed``, ``geometric`` and ``lexicographic`` read each team alone: whoever
leaves or joins changes no order between the others. ``rank`` does not have this property, nor have min-max, z-scores,
Borda and points tables (``also_shown``), which is why those only ever stand beside a ranking.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext

from datathon.editions.rules import Component
from datathon.jury.grid import exact

Scores = Mapping[str, Mapping[str, float]]
"""team -> component -> score; a higher score is better."""

POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)

COMPARES_TEAMS = ("rank", "minmax", "zscore", "borda", "points")
"""Schemes whose totals depend on who else is there."""


def weighted_mean(components: Sequence[Component], scores: Mapping[str, float]) -> float:
    """Return sum(weight * score) / sum(weight), quantised to 1e-9; weights stay whole numbers.

    A component of weight 0 is as if it were not there. Raises KeyError when a score with a weight is missing.
    """
    weighted = [c for c in components if c.weight]
    shares = math.fsum(c.weight * scores[c.id] for c in weighted)
    return exact(shares / sum(c.weight for c in weighted))


def geometric_mean(components: Sequence[Component], scores: Mapping[str, float]) -> float:
    """Return the weighted geometric mean of scores from 0 to 100, quantised to 1e-9; one zero makes it zero.

    Computed with forty decimal digits, so that no machine's logarithm shows in the last published one.
    """
    weighted = [(c.weight, scores[c.id]) for c in components if c.weight]
    if any(score <= 0 for _, score in weighted):
        return 0.0
    with localcontext() as context:
        context.prec = 40
        total = sum((weight * Decimal(score).ln() for weight, score in weighted), Decimal(0))
        return exact(float((total / sum(weight for weight, _ in weighted)).exp()))


def in_order(components: Sequence[Component]) -> tuple[Component, ...]:
    """Return the components with a weight, the heaviest first, equal ones as they are listed."""
    return tuple(sorted((c for c in components if c.weight), key=lambda c: -c.weight))


def beaten(values: Mapping[str, float]) -> dict[str, float]:
    """Return how many others each team beats, half a point for each it equals: Borda's count."""
    given = list(values.values())
    return {t: sum(v < value for v in given) + (given.count(value) - 1) / 2 for t, value in values.items()}


def beaten_share(values: Mapping[str, float]) -> dict[str, float]:
    """Return ``beaten`` on 0 to 100: 100 for who beats everybody else; a team alone has 100."""
    others = len(values) - 1
    return {t: exact(100 * won / others) if others else 100.0 for t, won in beaten(values).items()}


def min_max(values: Mapping[str, float]) -> dict[str, float]:
    """Return 100 for the best and 0 for the worst, in a straight line; 50 for all when all are equal."""
    low, high = min(values.values()), max(values.values())
    return {t: 100 * (v - low) / (high - low) if high > low else 50.0 for t, v in values.items()}


def z_scores(values: Mapping[str, float]) -> dict[str, float]:
    """Return distances from the mean in population standard deviations; 0 for all when all are equal."""
    if min(values.values()) == max(values.values()):
        return dict.fromkeys(values, 0.0)
    mean = math.fsum(values.values()) / len(values)
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values.values()) / len(values))
    return {t: (v - mean) / sd for t, v in values.items()}


def points_table(values: Mapping[str, float]) -> dict[str, float]:
    """Return 25, 18, 15, … by place; teams that tie share the points of the places they fill."""
    ranks = {t: 1 + sum(other > v for other in values.values()) for t, v in values.items()}
    table = (*POINTS, *[0] * len(values))
    equals = list(ranks.values())
    return {t: sum(table[r - 1 : r - 1 + equals.count(r)]) / equals.count(r) for t, r in ranks.items()}


NORMALISED: Mapping[str, Callable[[Mapping[str, float]], dict[str, float]]] = {
    "minmax": min_max,
    "zscore": z_scores,
    "borda": beaten,
    "points": points_table,
}


def also_shown(scheme: str, components: Sequence[Component], scores: Scores) -> dict[str, float]:
    """Return the totals that a scheme of comparison gives to these teams; KeyError for a scheme that is not one."""
    if not scores:
        return {}
    weighted = [c for c in components if c.weight]
    whole = sum(c.weight for c in weighted)
    columns = {c.id: NORMALISED[scheme]({t: row[c.id] for t, row in scores.items()}) for c in weighted}
    return {t: exact(math.fsum(c.weight * columns[c.id][t] for c in weighted) / whole) for t in scores}
