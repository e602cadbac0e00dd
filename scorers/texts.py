"""How near submitted texts are to the true ones: edits, words in common."""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from scorers import Inputs, Undefined
from scorers.edits import distance
from scorers.rows import mean_share, rest_losses, without
from scorers.weights import Floats, losses_by_row


def levenshtein(inputs: Inputs) -> float:
    """Mean number of characters inserted, removed or replaced from text to truth, 0 and up; lower is better.

    Both texts are put in the Unicode form ``form`` first ("nfc", "nfkc" or "none"); ``fold``: upper and lower case are
    the same. ``weight``: weighted mean. Levenshtein (1966).
    """
    return float(np.mean(levenshtein_losses(inputs)))


def levenshtein_losses(inputs: Inputs) -> Floats:
    """The edit distance of each row, shape (rows,)."""
    return losses_by_row(_edits(inputs, list)[0], inputs.weight)


def wer(inputs: Inputs) -> float:
    """Word error rate: edits between words over all rows / words of the truth, 0 and up; lower is better.

    Words stand between white space; ``form`` and ``fold`` as for ``levenshtein``. A row whose truth is empty adds its
    words to the edits and nothing to the words. Undefined when no row's truth has a word.
    """
    return float(np.mean(wer_losses(inputs)))


def wer_losses(inputs: Inputs) -> Floats:
    """Each row's edits between words x rows / all true words: their mean is the rate."""
    return _rated(*_edits(inputs, str.split))


def cer(inputs: Inputs) -> float:
    """Character error rate: edits between characters over all rows / characters of the truth; lower is better.

    As ``wer``; white space at both ends is dropped and counts one character elsewhere.
    """
    return float(np.mean(cer_losses(inputs)))


def cer_losses(inputs: Inputs) -> Floats:
    """Each row's edits between characters x rows / all true characters: their mean is the rate."""
    return _rated(*_edits(inputs, lambda text: " ".join(text.split())))


def jaccard_words(inputs: Inputs) -> float:
    """Mean over rows of the words in both texts / the words in either, in [0, 1]; higher is better.

    Words stand between white space and count once; upper and lower case are the same unless ``fold`` is false.
    ``both_empty``: a row without any word counts "one", "zero", or nothing ("skip"). ``weight``: weighted mean.
    """
    return mean_share(*_jaccard_words(inputs))


def jaccard_words_losses(inputs: Inputs) -> Floats:
    """1 minus the share of words in common of each row, shape (rows,)."""
    return rest_losses(*_jaccard_words(inputs))


def f1_tags(inputs: Inputs) -> float:
    """F1 of all tags of all rows together (micro), in [0, 1]; higher is better.

    Tags stand between white space, in any order, and count once a row; an empty text has none. ``unknown``: a submitted
    tag that no truth of the rows at hand has is dropped ("drop") or counts as a wrong one ("wrong"). ``weight``: a row's
    tags count so much. Undefined when no truth has a tag. Equals ``f1_score(average="micro")`` of scikit-learn on the
    tags as columns (``MultiLabelBinarizer``, which drops what it does not know).
    """
    truth, claimed = (
        [set(settled(text, inputs).split()) for text in texts] for texts in (inputs.truth, inputs.predicted)
    )
    if inputs.params["unknown"] == "drop":
        known = set().union(*truth)
        claimed = [tags & known for tags in claimed]
    weight = losses_by_row(np.ones(len(truth)), inputs.weight)
    counts = np.array([(len(t), len(c), len(t & c)) for t, c in zip(truth, claimed, strict=True)], np.float64)
    true, own, hit = weight @ counts
    if true == 0:
        raise Undefined("no true tag")
    return float(2 * hit / (true + own))


def settled(text: str, inputs: Inputs) -> str:
    """Return ``text`` in the Unicode form and the case the parameters ``form`` and ``fold`` ask for."""
    form = inputs.params["form"]
    if form != "none":
        text = unicodedata.normalize("NFC" if form == "nfc" else "NFKC", text)
    return text.casefold() if inputs.params["fold"] else text


def _edits(inputs: Inputs, cut: Callable[[str], Sequence[str]]) -> tuple[Floats, Floats]:
    """Return each row's edits and the length of its truth, in the pieces ``cut`` makes."""
    found = np.empty((inputs.truth.shape[0], 2))
    for row, (truth, guess) in enumerate(zip(inputs.truth, inputs.predicted, strict=True)):
        true = cut(settled(truth, inputs))
        found[row] = distance(true, cut(settled(guess, inputs))), len(true)
    return found[:, 0], found[:, 1]


def _rated(edits: Floats, lengths: Floats) -> Floats:
    total = float(np.sum(lengths))
    if total == 0:
        raise Undefined("every true text is empty")
    rates: Floats = edits * (edits.shape[0] / total)
    return rates


def _jaccard_words(inputs: Inputs) -> tuple[Floats, Floats | None]:
    pairs = [
        (set(settled(truth, inputs).split()), set(settled(guess, inputs).split()))
        for truth, guess in zip(inputs.truth, inputs.predicted, strict=True)
    ]
    both = np.array([len(one & other) for one, other in pairs], np.float64)
    either = np.array([len(one | other) for one, other in pairs], np.float64)
    return without(both, either, inputs, "both_empty")
