"""Cases of the metrics that compare texts. Oracles: their definitions written the slow and plain way."""

import math
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import Case
from metric_inputs import BOTH_EMPTY, instead, mean_of, texts, told, unweighted, written
from sklearn.metrics import f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from scorers import Inputs


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


def _f1_tags(i: Inputs) -> float | None:
    truth, own = ([normal(text, dict(i.params)).split() for text in texts] for texts in (i.truth, i.predicted))
    known = {tag for tags in truth for tag in tags}
    if i.params.get("unknown", "drop") == "drop":
        own = [[tag for tag in tags if tag in known] for tags in own]
    weights = np.ones(len(truth)) if i.weight is None else i.weight
    if not any(tags and weight for tags, weight in zip(truth, weights, strict=True)):
        return None
    # Two tags that nobody has: scikit-learn takes a table of one column for two classes, not for one label.
    columns = MultiLabelBinarizer().fit([*truth, *own, [" ", "  "]])
    return float(
        f1_score(
            columns.transform(truth), columns.transform(own), average="micro", sample_weight=weights, zero_division=0
        )
    )


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
TEXT_EXAMPLE = Inputs(
    texts("le chat dort là-bas", "un été", "l'eau est bleue ici", "Non"),
    texts("le chien dort", "un e\u0301te\u0301", "l'eau est bleue", "non"),
)
TAGS_EXAMPLE = Inputs(
    texts("mer vent", "", "port", "vent nord"),
    texts("vent mer mer", "mer", "port jamais-vu", ""),
    np.array([1.0, 2.0, 1.0, 3.0]),
)
PLAIN_EXAMPLE = Inputs(
    texts("le chat dort sur le lit", "un chat dort ici", "le chien mange un os ici", "la pluie tombe sur nous"),
    texts("le chat dort sur un lit", "un chat mange ici", "le chien mange un os", "la neige tombe sur nous"),
)
NO_TEXT = (Inputs(texts("", ""), texts("a", "")),)

CASES = {
    "levenshtein": Case(TEXT_EXAMPLE, written(TEXT, **FORMS), mean_of(_levenshtein), undefined=(Inputs(texts(), texts()),)),
    "wer": Case(TEXT_EXAMPLE, unweighted(written(SENTENCE, **FORMS)), rate(str.split), undefined=NO_TEXT),
    "cer": Case(TEXT_EXAMPLE, unweighted(written(TEXT, **FORMS)), rate(lambda t: " ".join(t.split())), undefined=NO_TEXT),
    "jaccard_words": Case(
        TEXT_EXAMPLE, told(written(SENTENCE, **FORMS, both_empty=BOTH_EMPTY)), mean_of(_words),
        undefined=(Inputs(texts(" "), texts(""), params={"both_empty": "skip"}),),
    ),
    "f1_tags": Case(
        TAGS_EXAMPLE, written(SENTENCE, SENTENCE, **FORMS, unknown=st.sampled_from(["drop", "wrong"])), _f1_tags,
        undefined=(*NO_TEXT, Inputs(texts("a"), texts("a"), np.zeros(1)), Inputs(texts("a"), texts("a"), -np.ones(1))),
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
}  # fmt: skip
