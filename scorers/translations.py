"""How much of a true text's wording a submitted one has; one true text per row; higher is better.

``bleu`` and ``chrf`` are computed over all rows at once, on the scale 0 to 100 that papers use.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from scorers import Inputs, Undefined
from scorers.edits import common
from scorers.rows import mean_share, rest_losses, without
from scorers.weights import Floats

_BLEU_ORDER = 4
_WORD = re.compile(r"[^\W_]+")
_ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))
_APART = (
    (re.compile(r"([{-~\[-` -&(-+:-@/])"), r" \1 "),  # every ASCII mark but ' , - .
    (re.compile(r"([^0-9])([.,])"), r"\1 \2 "),  # a point or comma not after a digit
    (re.compile(r"([.,])([^0-9])"), r" \1 \2"),  # … or not before one
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),  # a dash after a digit
)
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def bleu(inputs: Inputs) -> float:
    """Corpus BLEU in [0, 100]: geometric mean of the n-gram precisions (n to 4) x brevity penalty; higher is better.

    Words are cut as by mteval-v13a; an n-gram counts at most as often as in the true text. ``smooth``: with "exp" the
    precisions that are 0 are 1/2, 1/4 … of one n-gram, with "none" the score is 0 then. ``fold``: case does not matter.
    Signature nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp. Papineni et al. (2002).
    """
    found, given = np.zeros(_BLEU_ORDER), np.zeros(_BLEU_ORDER)
    true_words = own_words = 0
    for truth, guess in zip(inputs.truth, inputs.predicted, strict=True):
        true, own = (words_13a(text.lower() if inputs.params["fold"] else text) for text in (truth, guess))
        true_words, own_words = true_words + len(true), own_words + len(own)
        for n in range(_BLEU_ORDER):
            both, _, counted = _shared(_grams(true, n + 1), _grams(own, n + 1))
            found[n] += both
            given[n] += counted
    if not true_words:
        raise Undefined("every true text is empty")
    if not found.any() or not given.all():
        return 0.0
    brevity = min(0.0, 1 - true_words / own_words)
    return 100 * math.exp(brevity) * _precision(found, given, smooth=inputs.params["smooth"] == "exp")


def chrf(inputs: Inputs) -> float:
    """Corpus chrF in [0, 100]: F2 of character n-grams (n to 6), averaged over n; higher is better.

    White space is dropped; what a row's true text is too short for does not count. ``words`` 2 adds n-grams of words to 2 (chrF++), punctuation at a word's edge cut off.
    Precision and recall are averaged over those n that both sides have. Signature
    nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no. Popović (2015, 2017).
    """
    words = int(inputs.params["words"])
    counts = np.zeros((6 + words, 3))
    for truth, guess in zip(inputs.truth, inputs.predicted, strict=True):
        for row, (true, own) in enumerate(zip(_pieces(truth, words), _pieces(guess, words), strict=True)):
            both, of_true, of_own = _shared(true, own)
            counts[row] += both, of_true, of_own if of_true else 0
    if not counts[:, 1].any():
        raise Undefined("every true text is empty")
    there = counts[(counts[:, 1] > 0) & (counts[:, 2] > 0)]
    if not there.shape[0]:
        return 0.0
    precision, recall = float(np.mean(there[:, 0] / there[:, 2])), float(np.mean(there[:, 0] / there[:, 1]))
    return 100 * 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def rouge_l(inputs: Inputs) -> float:
    """Mean over rows of ROUGE-L: F1 of the longest common subsequence of words, in [0, 1]; higher is better.

    Words are runs of letters and digits, lower case, accents kept, no stemming. ``both_empty``: a row of two texts
    without a word counts "zero", "one" or nothing ("skip"). ``weight``: weighted mean. Lin (2004).
    """
    return mean_share(*_rouge(inputs))


def rouge_l_losses(inputs: Inputs) -> Floats:
    """1 minus the F1 of each row, shape (rows,)."""
    return rest_losses(*_rouge(inputs))


def words_13a(text: str) -> list[str]:
    """Return the words of ``text`` as mteval-v13a cuts them."""
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, mark in _ENTITIES:
        text = text.replace(entity, mark)
    text = f" {text} "
    for pattern, replacement in _APART:
        text = pattern.sub(replacement, text)
    return text.split()


def _rouge(inputs: Inputs) -> tuple[Floats, Floats | None]:
    found = np.empty((inputs.truth.shape[0], 2))
    for row, (truth, guess) in enumerate(zip(inputs.truth, inputs.predicted, strict=True)):
        one, other = _WORD.findall(truth.lower()), _WORD.findall(guess.lower())
        found[row] = 2 * common(one, other), len(one) + len(other)
    return without(found[:, 0], found[:, 1], inputs, "both_empty")


def _grams(items: Sequence[str], n: int) -> Counter[Sequence[str]]:
    if isinstance(items, str):
        return Counter(items[i : i + n] for i in range(len(items) - n + 1))
    return Counter(tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def _shared(true: Counter[Sequence[str]], own: Counter[Sequence[str]]) -> tuple[int, int, int]:
    """Return how many n-grams are in both (as often as in the rarer), in the true text, in the submitted one."""
    return (true & own).total(), true.total(), own.total()


def _precision(found: Floats, given: Floats, *, smooth: bool) -> float:
    """Return the geometric mean of ``found`` / ``given``; a 0 is 1/2, 1/4 … of one n-gram, or makes it 0."""
    total, half = 0.0, 1.0
    for hits, of in zip(found.tolist(), given.tolist(), strict=True):
        if not hits and not smooth:
            return 0.0
        half = half if hits else half * 2
        total += math.log(hits / of if hits else 1 / (half * of))
    return math.exp(total / found.shape[0])


def _pieces(text: str, words: int) -> list[Counter[Sequence[str]]]:
    """Return the n-grams of characters (n to 6), then those of words (n to ``words``)."""
    letters = "".join(text.split())
    cut = [*itertools.chain.from_iterable(map(_edge, text.split()))] if words else []
    return [_grams(letters, n + 1) for n in range(6)] + [_grams(cut, n + 1) for n in range(words)]


def _edge(word: str) -> list[str]:
    """Return the word without one mark at its end, or else at its start, and that mark."""
    if len(word) > 1 and word[-1] in _PUNCTUATION:
        return [word[:-1], word[-1]]
    if len(word) > 1 and word[0] in _PUNCTUATION:
        return [word[0], word[1:]]
    return [word]
