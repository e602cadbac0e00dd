"""How a value comes from what each row brings: mean losses, or sums from which the value is made again.

``WIDTHS`` are the numbers a row brings by kind. "mean", "root", "rest": one loss. "groups", "groups_rest": one loss for
each group of rows, nan in all rows but the group's first. "ratio": numerator, denominator and what must
be there at all. "mcc", "kappa",
"f1_macro": the cell of the confusion table (see ``cell``) and the row's weight. "auc": for a positive twice the
negatives it stands above, ties once; for a negative -1 minus twice the positives above it. "pearson": truth and
prediction around their means. Standard library only.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from operator import mul
from typing import Any

WIDTHS = {"mean": 1, "root": 1, "rest": 1, "groups": 1, "groups_rest": 1,
          "ratio": 3, "mcc": 2, "kappa": 2, "f1_macro": 2, "auc": 1, "pearson": 2}  # fmt: skip
BY_ROW = frozenset({"mean", "root", "rest"})
BY_GROUP = {"groups": "mean", "groups_rest": "rest"}
CELLS = frozenset({"mcc", "kappa", "f1_macro"})
MOST_CLASSES = 4096

_FLAT = 1e-12

Known = Any
"""What the rows of a team have in common: see ``known``."""


def cell(classes: int, true: Any, claimed: Any, *, skip: bool = False) -> Any:
    """Return the number of a cell of a table of ``classes`` classes; ``skip``: classes that are nowhere do not count."""
    return ((int(skip) * MOST_CLASSES + classes) * MOST_CLASSES + true) * MOST_CLASSES + claimed


def known(kind: str, rows: int, cells: Iterable[float], auc: tuple[float, float, float] = (0, 0, 0)) -> Known:
    """Return what ``value`` needs besides the sums: ``cells`` that occur, ``rows``, or, for "auc", from ``auc``.

    ``auc``: how many positives and negatives there are, and the sum of what the positives bring.
    """
    if kind in CELLS:
        parts = [(*divmod(int(number), MOST_CLASSES),) for number in cells]
        places = [(rest % MOST_CLASSES, claimed) for rest, claimed in parts]
        skip, classes = divmod(parts[0][0] // MOST_CLASSES, MOST_CLASSES) if parts else (0, 0)
        return places, classes, bool(skip)
    if kind == "auc":
        positives, negatives, above = auc
        return positives, negatives, above / (2 * positives * negatives) if positives and negatives else math.nan
    return rows


def value(kind: str, common: Known, sums: Sequence[float]) -> float | None:
    """Return the value that ``sums`` make, None where they make none.

    "ratio": of its three numbers. Cells: the weight in each. "auc": positives, what they bring, negatives, what
    they bring (positive numbers). "pearson": sums of x, y, their squares and their product.
    """
    return _VALUES[kind](common, sums)


def of_rows(kind: str, numbers: Sequence[float]) -> float | None:
    """Return the value of all rows, ``numbers`` row after row."""
    if kind in CELLS:
        weights: dict[float, float] = {}
        for number, weight in zip(numbers[::2], numbers[1::2], strict=True):
            weights[number] = weights.get(number, 0.0) + weight
        return value(kind, known(kind, 0, weights), list(weights.values()))
    if kind == "ratio":
        return value(kind, None, [math.fsum(numbers[at::3]) for at in range(3)])
    if kind == "auc":
        above = [number for number in numbers if number >= 0]
        negatives = len(numbers) - len(above)
        one = sum(above)  # whole numbers: exact, and quicker than by parts
        other = one - sum(numbers) - negatives
        return value(kind, known(kind, 0, (), (len(above), negatives, one)), (len(above), one, negatives, other))
    xs, ys = numbers[::2], numbers[1::2]
    products = (math.fsum(a * b for a, b in zip(*pair, strict=True)) for pair in ((xs, xs), (ys, ys), (xs, ys)))
    return value(kind, len(xs), (math.fsum(xs), math.fsum(ys), *products))


def _ratio(_: Known, sums: Sequence[float]) -> float | None:
    return sums[0] / sums[1] if sums[1] > 0 and sums[2] > 0 else None


def _auc(common: Known, sums: Sequence[float]) -> float | None:
    """Return the area to the first order: what each row brings is taken from all rows (DeLong's placements)."""
    positives, negatives, area = common
    if not (sums[0] > 0 and sums[2] > 0):
        return None
    return float(sums[1] / (2 * sums[0] * negatives) + sums[3] / (2 * sums[2] * positives) - area)


def _pearson(rows: Known, sums: Sequence[float]) -> float | None:
    x, y, xx, yy, xy = sums
    one, other = xx - x * x / rows, yy - y * y / rows
    return float((xy - x * y / rows) / math.sqrt(one * other)) if one > _FLAT * xx and other > _FLAT * yy else None


def _margins(common: Known, sums: Sequence[float]) -> tuple[list[float], list[float], list[float]]:
    """Return the weight of the rows that are, are said to be, and rightly are of each class."""
    places, classes, _ = common
    true, claimed, hit = [0.0] * classes, [0.0] * classes, [0.0] * classes
    for (i, j), weight in zip(places, sums, strict=True):
        true[i] += weight
        claimed[j] += weight
        if i == j:
            hit[i] += weight
    return true, claimed, hit


def _there(margin: list[float]) -> int:
    return len(margin) - margin.count(0.0)


def _mcc(common: Known, sums: Sequence[float]) -> float | None:
    true, claimed, hit = _margins(common, sums)
    if _there(true) < 2:
        return None
    if _there(claimed) < 2:
        return 0.0
    total = sum(true)
    chance = sum(map(mul, true, claimed)) / total**2
    left = (1 - sum(map(mul, true, true)) / total**2) * (1 - sum(map(mul, claimed, claimed)) / total**2)
    return float((sum(hit) / total - chance) / math.sqrt(left)) if left > 0 else None


def _kappa(common: Known, sums: Sequence[float]) -> float | None:
    true, claimed, _ = _margins(common, sums)
    if _there(true) < 2:
        return None
    found = sum((i - j) ** 2 * weight for (i, j), weight in zip(common[0], sums, strict=True))
    total, places = sum(true), range(len(true))
    one, other = (sum(map(mul, places, margin)) / total for margin in (true, claimed))
    spread = sum((i - one) ** 2 * weight for i, weight in zip(places, true, strict=True))
    spread += sum((j - other) ** 2 * weight for j, weight in zip(places, claimed, strict=True))
    return float(1 - found / (spread + total * (one - other) ** 2))


def _f1_macro(common: Known, sums: Sequence[float]) -> float | None:
    _, classes, skip = common
    true, claimed, hit = _margins(common, sums)
    if skip and not any(true):
        return None
    both = [a + b for a, b in zip(true, claimed, strict=True)]
    shares = [2 * right / whole for right, whole in zip(hit, both, strict=True) if whole]
    return math.fsum(shares) / (len(shares) if skip else classes)


_VALUES: dict[str, Callable[[Known, Sequence[float]], float | None]] = {
    "ratio": _ratio, "mcc": _mcc, "kappa": _kappa, "f1_macro": _f1_macro, "auc": _auc, "pearson": _pearson,
}  # fmt: skip
