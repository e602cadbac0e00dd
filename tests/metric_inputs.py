"""Inputs of text, and what oracles by row have in common."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from metric_cases import WEIGHTS, Array
from metric_cases_values import BAD_WEIGHTS

from scorers import Inputs

BOTH_EMPTY = st.sampled_from(["one", "zero", "skip"])
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
