"""Metrics of texts, lists, masks and orders against numbers worked out elsewhere: papers, manuals, other programs."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorers import Inputs, sums
from scorers.edits import common, distance
from scorers.shipped import functions
from scorers.translations import words_13a

METRICS = functions()


def value(name: str, truth: list[Any], predicted: list[Any], **params: Any) -> float:
    kind = object if isinstance(truth[0], str) else np.float64
    return METRICS[name].value(Inputs(np.array(truth, kind), np.array(predicted, kind), params=params))


DOG = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
BITTEN = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
PRICE = [
    "Le prix était de 1 250,50 € (environ $1,300.25).",
    "C’est l’été à Saint-Malo &amp; à Dinan !",
    "Rien du tout.",
]
PAID = ["Le prix est de 1 250,50 € (env. $1,300.25).", "C’est l’été à Saint-Malo & Dinan &amp; Brest !", "Rien."]


@pytest.mark.parametrize(("name", "truth", "predicted", "params", "expected"), [
    # sacreBLEU 2.6.0
    ("bleu", DOG, BITTEN, {}, 45.06750632106114),
    ("bleu", PRICE, PAID, {}, 48.21437099253565),
    ("bleu", PRICE, PAID, {"fold": True, "smooth": "none"}, 48.21437099253565),
    ("bleu", ["le chien noir court"], ["le chat noir dort"], {}, 18.99589214128981),
    ("bleu", ["le chien noir court"], ["le chat noir dort"], {"smooth": "none"}, 0.0),
    ("bleu", ["un mot"], ["un mot"], {}, 0.0),
    ("chrf", DOG, BITTEN, {}, 50.043063606582294),
    ("chrf", DOG, BITTEN, {"words": 2}, 51.7309698503746),
    ("chrf", PRICE, PAID, {}, 66.73652788945611),
    ("chrf", PRICE, PAID, {"words": 2}, 64.91716074774807),
    # Lin (2004), section 3.1: F1 of 3/4 and 2/4 of "police killed the gunman"
    ("rouge_l", ["police killed the gunman"], ["police kill the gunman"], {}, 0.75),
    ("rouge_l", ["police killed the gunman"], ["the gunman kill police"], {}, 0.5),
    ("levenshtein", ["kitten", "saturday"], ["sitting", "sunday"], {}, 3.0),
    ("levenshtein", ["été"], ["e\u0301te\u0301"], {}, 0.0),
    ("levenshtein", ["été"], ["e\u0301te\u0301"], {"form": "none"}, 4.0),
    ("wer", ["the cat sat on the mat", "yes"], ["the cat sat mat", "oh yes"], {}, 3 / 7),
    ("wer", ["", "a b"], ["x", "a b"], {}, 0.5),
    ("cer", ["abc  d", " e"], ["abd d", "e "], {}, 1 / 6),
    ("jaccard_words", ["", "a"], ["", "A b"], {}, 0.75),
    ("jaccard_words", ["", "a"], ["", "A b"], {"fold": False, "both_empty": "zero"}, 0.0),
    # the usual examples of average precision at k
    ("map_at_k", ["1 2 3 4 5"], ["6 4 7 1 2"], {"k": 2}, 0.25),
    ("map_at_k", ["1 2 3 4 5"], ["1 1 1 1 1"], {"k": 5}, 0.2),
    ("map_at_k", ["1 2 3 4", "", "1 2"], ["1 2 3 4", "9", "9 9"], {"k": 3}, 0.5),
    ("map_at_k", ["1 2 3 4", "", "1 2"], ["1 2 3 4", "9", "9 9"], {"k": 3, "without_truth": "zero"}, 1 / 3),
    ("mrr", ["cats", "tori", "viruses"], ["catten cati cats", "torii tori toruses", "viruses virii viri"], {}, 11 / 18),
    ("hit_at_k", ["a", "b"], ["x a", "x y b"], {"k": 2}, 0.5),
    ("ndcg_at_k", ["a:3 b:2 c:3 d:0 e:1 f:2"], ["a b c d e f"], {"graded": True}, 0.9608081943360616),
    ("ndcg", [[3, 2, 3, 0, 1, 2]], [[6, 5, 4, 3, 2, 1]], {}, 0.9608081943360616),
    ("dice", ["1 3 10 5", ""], ["2 3 12 2", ""], {}, (8 / 13 + 1) / 2),
    ("dice", ["1 3", ""], ["1 3", ""], {"both_empty": "zero"}, 0.5),
    ("iou", ["1 3 10 5"], ["2 3 12 2"], {}, 4 / 9),
    ("iou", ["1 1000000000000"], ["500000000001 1000000000000"], {}, 1 / 3),
    # one of two boxes found: all points, and 51 of the 101 recalls
    ("map_boxes", ["u 0 0 1 1; u 2 2 3 3"], ["u 1 0 0 1 1"], {}, 0.5),
    ("map_boxes", ["u 0 0 1 1; u 2 2 3 3"], ["u 1 0 0 1 1"], {"interpolation": "coco"}, 51 / 101),
    ("map_boxes", ["u 0 0 2 1"], ["u 1 0 0 1 1"], {"thresholds": [0.5]}, 1.0),
    ("map_boxes", ["u 0 0 2 1"], ["u 1 0 0 1 1"], {"thresholds": [0.5, 0.51]}, 0.5),
    ("map_boxes", ["u 0 0 1 1", ""], ["u 0.5 0 0 1 1", "u 0.9 0 0 1 1; v 1 0 0 1 1"], {}, 0.5),
    # the form used on Kaggle, where equal scores keep the order of the rows
    ("gini", [1, 2, 3], [0, 0, 0], {"ties": "index"}, -1.0),
    ("gini", [3, 2, 1], [0, 0, 0], {"ties": "index"}, 1.0),
    ("gini", [1, 2, 4, 3], [0, 0, 0, 0], {"ties": "index"}, -0.8),
    ("gini", [0, 20, 40, 0, 10], [40, 40, 10, 5, 5], {"ties": "index"}, 0.0),
    ("gini", [40, 0, 20, 0, 10], [1_000_000, 40, 40, 5, 5], {"ties": "index"}, 0.6),
    ("gini", [1, 1, 0, 1], [0.86, 0.26, 0.52, 0.32], {}, -1 / 3),
    ("gini", [1, 2, 3], [0, 0, 0], {}, 0.0),
    ("kendall_tau", [12, 2, 1, 12, 2], [1, 4, 7, 1, 0], {}, -0.47140452079103173),
    ("kl_divergence", [[9 / 25, 12 / 25, 4 / 25]], [[1 / 3, 1 / 3, 1 / 3]], {}, 0.0852996013183706),
    ("pauc_above_tpr", [0, 1, 0, 1], [0, 1, 0.5, 0.75], {}, 0.2),
])  # fmt: skip
def test_value_is_the_one_worked_out_elsewhere(
    name: str, truth: list[Any], predicted: list[Any], params: dict[str, Any], expected: float
) -> None:
    assert value(name, truth, predicted, **params) == pytest.approx(expected, abs=1e-12)


def test_shared_words_of_sixty_tweets() -> None:
    truth = [" ".join(f"w{n}" for n in range(k % 5, k % 5 + 3)) for k in range(60)]
    guess = ["" if k % 10 == 9 else " ".join(f"W{n}" for n in range(k % 4, k % 4 + 3)) for k in range(60)]
    assert value("jaccard_words", truth, guess) == pytest.approx(0.4000000000000001, abs=1e-15)


def test_sure_and_right_value_has_the_likelihood_of_the_smallest_spread() -> None:
    inputs = Inputs(np.array([2000.0]), np.array([[2000.0, 1.0]]), names=("fvc", "sure"), params={"spread": "sure"})
    assert METRICS["laplace_log_likelihood"].value(inputs) == pytest.approx(-math.log(math.sqrt(2) * 70))


@pytest.mark.parametrize(("text", "words"), [
    ("Hello, world!", "Hello , world !"),
    ("1,000.50 and v.2", "1,000.50 and v . 2"),
    ("10-year e-mail", "10 - year e-mail"),
    ("&lt;b&gt; &quot;x&quot;", '< b > " x "'),
    ("l'été", "l'été"),
    ("", ""),
])  # fmt: skip
def test_words_are_cut_as_mteval_cuts_them(text: str, words: str) -> None:
    assert words_13a(text) == words.split()


TEXT = st.text("abc", max_size=80)


@given(TEXT, TEXT)
@settings(max_examples=150, deadline=None)
def test_bits_and_table_agree_on_edits_and_on_what_is_common(one: str, other: str) -> None:
    edits, same = list(range(len(other) + 1)), [0] * (len(other) + 1)
    for i, a in enumerate(one, start=1):
        above, shared = edits, same
        edits, same = [i], [0]
        for j, b in enumerate(other, start=1):
            edits.append(min(above[j] + 1, edits[j - 1] + 1, above[j - 1] + (a != b)))
            same.append(max(shared[j], same[j - 1], shared[j - 1] + (a == b)))
    assert (distance(one, other), common(one, other)) == (edits[-1], same[-1])
    assert (distance(other, one), common(other, one)) == (edits[-1], same[-1])


def test_long_texts_are_compared_in_reasonable_steps() -> None:
    one, other = "abcdefghij" * 500, "bcdefghija" * 500
    assert distance(one, other) == 2
    assert distance(one, other[::-1]) > 1000


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1.0, 1e300, 1.7e308])
def test_correlation_of_any_size_is_the_same(size: float) -> None:
    truth = np.array([0.0, 1.0] * 5)
    for said, expected in ((truth * size, 1.0), ((1 - truth) * size, -1.0)):
        for inputs in (Inputs(truth, said), Inputs(said, truth)):
            assert METRICS["pearson"].value(inputs) == pytest.approx(expected, abs=1e-12)
            brought = METRICS["pearson"].brought(inputs)
            assert brought is not None
            assert sums.of_rows("pearson", brought.reshape(-1).tolist()) == pytest.approx(expected, abs=1e-12)
