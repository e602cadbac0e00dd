"""Cases of the metrics of masks, lists, boxes, texts, distributions and several labels.

Oracles: scikit-learn and SciPy where they have the metric, else its definition written the slow and plain way.
"""

import math
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import SCORES, VALUES, WEIGHTS, Array, Case, by_group, column, drawn, groups_of
from metric_cases_values import BAD_WEIGHTS, BINARY
from scipy import special, stats
from sklearn import metrics as sk

from scorers import Inputs

BY_ROW: dict[str, Any] = {"weighted": True, "grouped": True}
NO_WIDE = Inputs(np.empty((0, 2)), np.empty((0, 2)))
WIDE_WEIGHTS = tuple(Inputs(np.eye(2), np.eye(2), i.weight) for i in BAD_WEIGHTS)


def texts(*values: str) -> Array:
    """Return the values as a metric sees a column of text."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def written(truth: st.SearchStrategy[str], predicted: st.SearchStrategy[str] | None = None, *, rows: int = 8,
            **more: Any) -> st.SearchStrategy[Inputs]:  # fmt: skip
    """Return inputs of text, some rows of which are right."""
    guess = truth if predicted is None else predicted
    pair = (
        st.tuples(truth, guess)
        if predicted is not None
        else st.one_of(truth.map(lambda t: (t, t)), st.tuples(truth, guess))
    )

    def made(pairs: list[tuple[str, str]], weight: list[float], *, weighted: bool) -> Inputs:
        return Inputs(
            texts(*(t for t, _ in pairs)),
            texts(*(p for _, p in pairs)),
            np.array(weight[: len(pairs)]) if weighted else None,
        )

    weights = st.lists(WEIGHTS, min_size=rows, max_size=rows)
    plain = st.builds(made, st.lists(pair, min_size=1, max_size=rows), weights, weighted=st.booleans())
    return st.tuples(plain, st.fixed_dictionaries(more)).map(
        lambda both: Inputs(both[0].truth, both[0].predicted, both[0].weight, both[1])
    )


def unweighted(inputs: st.SearchStrategy[Inputs]) -> st.SearchStrategy[Inputs]:
    """Return the same without weights."""
    return inputs.map(lambda i: Inputs(i.truth, i.predicted, params=i.params))


def mean_of(share: Callable[[Any, Any, dict[str, Any]], float | None]) -> Callable[[Inputs], float | None]:
    """Return the weighted mean over rows of ``share``; a row that has none does not count."""

    def oracle(inputs: Inputs) -> float | None:
        weights = np.ones(len(inputs.truth)) if inputs.weight is None else inputs.weight
        found = [share(t, p, dict(inputs.params)) for t, p in zip(inputs.truth, inputs.predicted, strict=True)]
        kept = [(f, w) for f, w in zip(found, weights, strict=True) if f is not None]
        total = sum(w for _, w in kept)
        return sum(f * w for f, w in kept) / total if total else None

    return oracle


def told(inputs: st.SearchStrategy[Inputs]) -> st.SearchStrategy[Inputs]:
    """Return the same where nothing is skipped for want of a truth: the truth itself would have no value then."""

    def there(truth: Any) -> bool:
        return bool(truth.strip()) if isinstance(truth, str) else bool(truth.any())

    return inputs.filter(lambda i: i.params["both_empty"] != "skip" or all(map(there, i.truth)))


def instead(choice: str) -> float | None:
    """Return what a row without anything counts."""
    return {"one": 1.0, "zero": 0.0, "skip": None}[choice]


# masks


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

# ranked lists


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


# boxes

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


# texts


def normal(text: str, params: dict[str, Any], *, fold: bool = False) -> str:
    form = params.get("form", "nfc")
    text = text if form == "none" else unicodedata.normalize(form.upper(), text)
    return text.casefold() if params.get("fold", fold) else text


def edits(one: Any, other: Any) -> int:
    """Levenshtein's recursion, as everybody writes it down first."""

    @cache
    def left(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        same = left(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(same, left(i - 1, j) + 1, left(i, j - 1) + 1)

    return left(len(one), len(other))


def _levenshtein(truth: str, guess: str, params: dict[str, Any]) -> float:
    return float(edits(normal(truth, params), normal(guess, params)))


def rate(cut: Callable[[str], Any]) -> Callable[[Inputs], float | None]:
    def oracle(i: Inputs) -> float | None:
        pairs = [
            (cut(normal(t, dict(i.params))), cut(normal(p, dict(i.params))))
            for t, p in zip(i.truth, i.predicted, strict=True)
        ]
        total = sum(len(t) for t, _ in pairs)
        return sum(edits(t, p) for t, p in pairs) / total if total else None

    return oracle


def _words(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    one, other = (set(normal(text, params, fold=True).split()) for text in (truth, guess))
    return len(one & other) / len(one | other) if one | other else instead(params.get("both_empty", "one"))


def _rouge(truth: str, guess: str, params: dict[str, Any]) -> float | None:
    one, other = ("".join(c if c.isalnum() else " " for c in text.lower()).split() for text in (truth, guess))

    @cache
    def longest(i: int, j: int) -> int:
        if i == len(one) or j == len(other):
            return 0
        if one[i] == other[j]:
            return 1 + longest(i + 1, j + 1)
        return max(longest(i + 1, j), longest(i, j + 1))

    if not one and not other:
        return instead(params.get("both_empty", "zero"))
    return 2 * longest(0, 0) / (len(one) + len(other))


def _grams(items: Any, n: int) -> list[Any]:
    return [tuple(items[i : i + n]) for i in range(len(items) - n + 1)]


def _both(one: list[Any], other: list[Any]) -> int:
    return sum(min(one.count(g), other.count(g)) for g in set(one))


def _bleu(i: Inputs) -> float | None:
    pairs = [(t.split(), p.split()) for t, p in zip(i.truth, i.predicted, strict=True)]
    if i.params.get("fold"):
        pairs = [([w.lower() for w in t], [w.lower() for w in p]) for t, p in pairs]
    true, own = sum(len(t) for t, _ in pairs), sum(len(p) for _, p in pairs)
    if not true:
        return None
    hits = [sum(_both(_grams(t, n), _grams(p, n)) for t, p in pairs) for n in range(1, 5)]
    given = [sum(len(_grams(p, n)) for _, p in pairs) for n in range(1, 5)]
    if not any(hits) or 0 in given:
        return 0.0
    missed, product = 0, 1.0
    for h, g in zip(hits, given, strict=True):
        if h == 0:
            if i.params.get("smooth") == "none":
                return 0.0
            missed += 1
        product *= h / g if h else 0.5**missed / g
    return 100 * product**0.25 * min(1.0, math.exp(1 - true / own))


def _chrf(i: Inputs) -> float | None:
    sums: dict[Any, list[int]] = {}
    for t, p in zip(i.truth, i.predicted, strict=True):
        kinds: dict[Any, tuple[Any, Any]] = {("c", n): (t.replace(" ", ""), p.replace(" ", "")) for n in range(1, 7)}
        kinds |= {("w", n): (t.split(), p.split()) for n in range(1, i.params.get("words", 0) + 1)}
        for kind, (true, own) in kinds.items():
            one, other = _grams(true, kind[1]), _grams(own, kind[1])
            cells = sums.setdefault(kind, [0, 0, 0])
            for at, value in enumerate((_both(one, other), len(one), len(other) if one else 0)):
                cells[at] += value
    if not any(cells[1] for cells in sums.values()):
        return None
    used = [cells for cells in sums.values() if cells[1] and cells[2]]
    if not used:
        return 0.0
    precision, recall = (sum(c[0] / c[at] for c in used) / len(used) for at in (2, 1))
    return 100 * 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


TEXT = st.text("aAé e\u0301", max_size=8)
SENTENCE = st.lists(st.sampled_from(["le", "chat", "Chat", "dort", "un", "l"]), max_size=8).map(" ".join)
LONG_SENTENCE = st.lists(st.sampled_from(["le", "chat", "Chat", "dort", "un"]), min_size=4, max_size=8).map(" ".join)
FORMS: dict[str, Any] = {"form": st.sampled_from(["nfc", "nfkc", "none"]), "fold": st.booleans()}
BOTH_EMPTY = st.sampled_from(["one", "zero", "skip"])
TEXT_EXAMPLE = Inputs(
    texts("le chat dort là-bas", "un été", "l'eau est bleue ici", "Non"),
    texts("le chien dort", "un e\u0301te\u0301", "l'eau est bleue", "non"),
)
PLAIN_EXAMPLE = Inputs(
    texts("le chat dort sur le lit", "un chat dort ici", "le chien mange un os ici", "la pluie tombe sur nous"),
    texts("le chat dort sur un lit", "un chat mange ici", "le chien mange un os", "la neige tombe sur nous"),
)
NO_TEXT = (Inputs(texts("", ""), texts("a", "")),)

# distributions


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


# labels and orders


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


NONE = column()
ORDER = Inputs(column(0, 1, 1, 0), column(0.5, 0.5, 0.25, 0))
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
    "levenshtein": Case(TEXT_EXAMPLE, written(TEXT, **FORMS), mean_of(_levenshtein), undefined=(Inputs(texts(), texts()),)),
    "wer": Case(TEXT_EXAMPLE, unweighted(written(SENTENCE, **FORMS)), rate(str.split), undefined=NO_TEXT),
    "cer": Case(TEXT_EXAMPLE, unweighted(written(TEXT, **FORMS)), rate(lambda t: " ".join(t.split())), undefined=NO_TEXT),
    "jaccard_words": Case(
        TEXT_EXAMPLE, told(written(SENTENCE, **FORMS, both_empty=BOTH_EMPTY)), mean_of(_words),
        undefined=(Inputs(texts(" "), texts(""), params={"both_empty": "skip"}),),
    ),
    "rouge_l": Case(
        PLAIN_EXAMPLE, told(written(SENTENCE, both_empty=BOTH_EMPTY)), mean_of(_rouge),
        undefined=(Inputs(texts("…"), texts(""), params={"both_empty": "skip"}),),
    ),
    "bleu": Case(
        PLAIN_EXAMPLE, unweighted(written(LONG_SENTENCE, SENTENCE, smooth=st.sampled_from(["exp", "none"]), fold=st.booleans())), _bleu,
        undefined=NO_TEXT,
    ),
    "chrf": Case(PLAIN_EXAMPLE, unweighted(written(SENTENCE, words=st.integers(0, 2))), _chrf, undefined=NO_TEXT),
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
    ),
}  # fmt: skip
