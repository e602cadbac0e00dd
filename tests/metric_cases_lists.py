"""Cases of the metrics of masks, ranked lists, rankings of columns and boxes.

Oracles: scikit-learn where it has the metric, else its definition written the slow and plain way.
"""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import VALUES, Array, Case, by_group, drawn
from metric_cases_values import BINARY
from metric_inputs import BY_ROW, NO_WIDE, WIDE_WEIGHTS, instead, mean_of, texts, unweighted, written
from sklearn import metrics as sk

from scorers import Inputs

EMPTY = np.zeros((2, 2))


def pixels(text: str) -> set[int]:
    numbers = [int(n) for n in text.split()]
    return {p for s, n in zip(numbers[::2], numbers[1::2], strict=True) for p in range(s, s + n)}


def encoded(there: list[bool]) -> str:
    runs, start = [], None
    for i, one in enumerate([*there, False], start=1):
        if one and start is None:
            start = i
        if not one and start is not None:
            runs.append(f"{start} {i - start}")
            start = None
    return " ".join(runs)


def _dice(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    one, other = pixels(truth), pixels(guess)
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else instead(params.get("both_empty", "one"))


def _iou(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    one, other = pixels(truth), pixels(guess)
    return len(one & other) / len(one | other) if one | other else instead(params.get("both_empty", "one"))


MASKS = written(st.lists(st.booleans(), max_size=12).map(encoded), both_empty=st.sampled_from(["one", "zero", "skip"]))
MASK_EXAMPLE = Inputs(texts("1 3", "5 2 9 1", "", "2 2"), texts("2 3", "5 1 8 2", "1 1", "2 2"))
NO_MASK = (Inputs(texts("", ""), texts("", ""), params={"both_empty": "skip"}),)


def places(truth: str, guess: str, params: dict[str, Any]) -> tuple[set[str], list[str], float]:
    k = params.get("k", math.inf)
    given = guess.split()
    return set(truth.split()), given[: k if k < math.inf else None], k


def _apk(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    true, given, k = places(truth, guess, params)
    if not true:
        return 0.0 if params.get("without_truth", "skip") == "zero" else None
    hits, total = 0.0, 0.0
    for i, name in enumerate(given):
        if name in true and name not in given[:i]:
            hits += 1
            total += hits / (i + 1)
    return total / min(len(true), k)


def _rr(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    true, given, _ = places(truth, guess, params)
    if not true:
        return 0.0 if params.get("without_truth", "skip") == "zero" else None
    return max([1 / (i + 1) for i, name in enumerate(given) if name in true], default=0.0)


def _hit(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    found = _rr(truth, guess, params)
    return None if found is None else float(found > 0)


def _list_dcg(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    grades = dict.fromkeys(truth.split(), 1.0)
    if params.get("graded"):
        grades = {n.split(":")[0]: float(n.split(":")[1]) for n in truth.split()}
    gains = {n: 2**g - 1 if params.get("gain") == "exponential" else g for n, g in grades.items()}
    _, given, k = places(truth, guess, params)
    best = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(gains.values(), reverse=True)) if i < k)
    if best == 0:
        return 0.0 if params.get("without_truth", "skip") == "zero" else None
    return sum(gains.get(n, 0) / math.log2(i + 2) for i, n in enumerate(given) if n not in given[:i]) / best


LIST = st.lists(st.sampled_from("abcde"), max_size=6).map(" ".join)
K_PARAMS: dict[str, Any] = {"k": st.integers(1, 7), "without_truth": st.sampled_from(["skip", "zero"])}
LISTS = written(LIST, LIST, **K_PARAMS)
GRADED = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 3), max_size=5).map(
    lambda grades: " ".join(f"{n}:{g}" for n, g in grades.items())
)
LIST_EXAMPLE = Inputs(texts("a b", "c", "d e a", "b"), texts("b c a", "a b", "d d e", "b"), params={"k": 2})
NO_LIST = (Inputs(texts("", ""), texts("a", "b")),)


def _best_list(inputs: Inputs) -> Array:
    def ordered(text: str) -> str:
        graded = [item.rpartition(":") for item in text.split()]
        if not inputs.params.get("graded"):
            return " ".join(dict.fromkeys(text.split()))
        return " ".join(name for name, _, grade in sorted(graded, key=lambda g: -float(g[2])))

    return texts(*(ordered(text) for text in inputs.truth))


def _ndcg(i: Inputs) -> float | None:
    gain = 2.0**i.truth - 1 if i.params.get("gain") == "exponential" else i.truth
    weight = np.ones(len(i.truth)) if i.weight is None else i.weight
    if i.params.get("without_truth") == "skip":
        kept = gain.any(axis=1)
        if not weight[kept].sum():
            return None
        gain, predicted, weight = gain[kept], i.predicted[kept], weight[kept]
    else:
        predicted = i.predicted
    return float(sk.ndcg_score(gain, predicted, k=i.params.get("k"), sample_weight=weight))


def _top_k(i: Inputs) -> float | None:
    k, weight = i.params.get("k", 2), i.weight
    right = np.argmax(i.truth, axis=1)
    if i.params.get("ties") == "worst":
        hits = [sum(p >= row[r] for p in row) <= k for row, r in zip(i.predicted, right, strict=True)]
        return float(np.average(hits, weights=weight))
    wide = i.predicted.shape[1]
    if wide == 2:  # theirs then wants one score only
        hits = [r in np.argsort(row, kind="mergesort")[::-1][:k] for row, r in zip(i.predicted, right, strict=True)]
        return float(np.average(hits, weights=weight))
    return float(sk.top_k_accuracy_score(right, i.predicted, k=k, sample_weight=weight, labels=range(wide)))


def one_right(inputs: Inputs) -> Inputs:
    """Return the same with exactly one right column in each row."""
    truth = np.zeros_like(inputs.truth)
    truth[np.arange(len(truth)), np.argmax(inputs.truth, axis=1)] = 1
    return Inputs(truth, inputs.predicted, inputs.weight, inputs.params, group=inputs.group)


Box = tuple[float, float, float, float]


def box(words: list[str]) -> Box:
    left, top, right, bottom = map(float, words)
    return left, top, right, bottom


def _area(b: Box) -> float:
    return (b[2] - b[0]) * (b[3] - b[1])


def _share(a: Box, b: Box) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0.0) * max(high, 0.0)
    union = _area(a) + _area(b) - both
    return both / union if union > 0 else 0.0


def _one_class(name: str, i: Inputs, threshold: float) -> float:
    right: list[tuple[float, bool]] = []
    total = 0
    for truth, guess in zip(i.truth, i.predicted, strict=True):
        free = [box(w[1:]) for w in map(str.split, truth.split(";")) if w and w[0] == name]
        total += len(free)
        own = [(float(w[1]), box(w[2:])) for w in map(str.split, guess.split(";")) if w and w[0] == name]
        own.sort(key=lambda pair: -pair[0])
        for score, found in own[: i.params.get("most")]:
            shares = [_share(found, one) for one in free]
            hit = bool(shares) and max(shares) >= threshold
            if hit:
                free.pop(shares.index(max(shares)))
            right.append((score, hit))
    points = []
    for level in sorted({score for score, _ in right}, reverse=True):
        above = [hit for score, hit in right if score >= level]
        points.append((sum(above) / total, sum(above) / len(above)))
    if i.params.get("interpolation") == "coco":
        return float(np.mean([max((p for r, p in points if r >= n / 100 - 1e-15), default=0.0) for n in range(101)]))
    area, before = 0.0, 0.0
    for recall, _ in points:
        area += (recall - before) * max(p for r, p in points if r >= recall)
        before = recall
    return area


def _map_boxes(i: Inputs) -> float | None:
    names = {w.split()[0] for text in i.truth for w in text.split(";") if w.split()}
    thresholds = i.params.get("thresholds", [0.5])
    return float(np.mean([_one_class(n, i, t) for n in sorted(names) for t in thresholds])) if names else None


CORNERS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)).map(
    lambda c: f"{c[0]} {c[1]} {c[0] + c[2]} {c[1] + c[3]}"
)
TRUE_BOXES = st.lists(st.tuples(st.sampled_from("uv"), CORNERS).map(" ".join), max_size=3).map("; ".join)
FOUND_BOXES = st.lists(
    st.tuples(st.sampled_from("uvw"), st.sampled_from(["0.25", "0.5", "1"]), CORNERS).map(" ".join), max_size=4
).map(";".join)
BOX_EXAMPLE = Inputs(
    texts("u 0 0 2 2; v 1 1 3 3", "u 1 1 4 4", "v 0 0 1 1", "u 0 0 1 1"),
    texts("u 0.9 0 0 2 2; v 0.5 0 1 3 3; u 0.7 5 5 6 6", "u 0.5 1 1 4 3", "", "u 0.25 0 0 1 1; v 1 0 0 9 9"),
)


def _true_boxes(i: Inputs) -> Array:
    """Return the true boxes with a score; one that is a point overlaps nothing, not even itself."""
    return texts(
        *("; ".join(f"{w[0]} 1 {' '.join(w[1:])}" for w in map(str.split, t.split(";")) if w) for t in i.truth)
    )


CASES = {
    "dice": Case(MASK_EXAMPLE, MASKS, mean_of(_dice), undefined=NO_MASK),
    "iou": Case(MASK_EXAMPLE, MASKS, mean_of(_iou), undefined=NO_MASK),
    "map_boxes": Case(
        BOX_EXAMPLE,
        unweighted(written(TRUE_BOXES, FOUND_BOXES, rows=4, most=st.integers(1, 4),
                           interpolation=st.sampled_from(["voc", "coco"]),
                           thresholds=st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=1, max_size=2))),
        _map_boxes, gold=_true_boxes, undefined=(Inputs(texts(""), texts("u 1 0 0 1 1")),),
    ),
    "map_at_k": Case(LIST_EXAMPLE, LISTS, mean_of(_apk), gold=_best_list, undefined=NO_LIST),
    "mrr": Case(LIST_EXAMPLE, LISTS, mean_of(_rr), gold=_best_list, undefined=NO_LIST),
    "hit_at_k": Case(LIST_EXAMPLE, LISTS, mean_of(_hit), gold=_best_list, undefined=NO_LIST),
    "ndcg_at_k": Case(
        LIST_EXAMPLE,
        st.one_of(LISTS, written(GRADED, LIST, **K_PARAMS, graded=st.just(True),
                                 gain=st.sampled_from(["linear", "exponential"]))),
        mean_of(_list_dcg), gold=_best_list,
        undefined=(*NO_LIST, Inputs(texts("a", "b:x"), texts("a", "b"), params={"graded": True})),
    ),
    "ndcg": Case(
        Inputs(np.array([[3, 0, 1], [0, 2, 0], [1, 1, 0], [0, 0, 2.0]]), np.array([[1, 2, 3], [0, 1, 1], [1, 0, 2], [0, 0, 1.0]])),
        drawn(st.sampled_from([0.0, 1.0, 2.0, 3.0]), VALUES, wide=(2, 5), **BY_ROW,
              params=st.fixed_dictionaries({"gain": st.sampled_from(["linear", "exponential"]),
                                            "without_truth": st.sampled_from(["zero", "skip"])},
                                           optional={"k": st.integers(1, 6)})),
        by_group(_ndcg),
        undefined=(NO_WIDE, *WIDE_WEIGHTS, Inputs(-np.eye(2), np.eye(2)), Inputs(EMPTY, EMPTY, params={"without_truth": "skip"}),
                   Inputs(np.full((2, 2), 2000.0), EMPTY, params={"gain": "exponential"})),
    ),
    "top_k_accuracy": Case(
        Inputs(np.eye(4), np.arange(16.0).reshape(4, 4) % 5 / 4),
        drawn(BINARY, VALUES, wide=(2, 6), **BY_ROW, params=st.fixed_dictionaries(
            {"k": st.integers(1, 4), "ties": st.sampled_from(["last", "worst"])})).filter(lambda i: i.truth.ndim == 2).map(one_right),
        by_group(_top_k), undefined=(NO_WIDE, *WIDE_WEIGHTS, Inputs(np.ones((2, 2)), EMPTY), Inputs(EMPTY, EMPTY)),
    ),
}  # fmt: skip
