"""What the laws of tests/scorers/test_laws.py need to know of each shipped metric. Every metric has exactly one case."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scorers import Inputs

Array = npt.NDArray[Any]
VALUES = st.one_of(st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, 1e-9]), st.floats(-1e6, 1e6, width=32))
SCORES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
WEIGHTS = st.sampled_from([0.0, 0.125, 1.0, 3.0, 1000.0])


@dataclass(frozen=True)
class Case:
    """One metric: an example, inputs at random, and an independent way to its value.

    ``example`` has some rows of which any half has a value too (rows come in two equal halves). ``inputs`` draws
    anything PARSE lets through, degenerate parts among them. ``oracle`` returns the value by another road, or None
    where there is none. ``gold`` gives the predictions nobody can beat, the truth itself where it is not said
    otherwise. ``undefined`` are inputs that have no value; ``losses`` False where the example has no losses by row.
    """

    example: Inputs
    inputs: st.SearchStrategy[Inputs]
    oracle: Callable[[Inputs], float | None]
    gold: Callable[[Inputs], Array] = field(default=lambda inputs: inputs.truth)
    undefined: tuple[Inputs, ...] = ()


def drawn(
    truth: st.SearchStrategy[Any],
    predicted: st.SearchStrategy[Any],
    *,
    wide: tuple[int, int] = (1, 1),
    rows: tuple[int, int] = (1, 30),
    dtype: Any = np.float64,
    weighted: bool = False,
    grouped: bool = False,
    **more: Any,
) -> st.SearchStrategy[Inputs]:
    """Return inputs of ``rows`` rows and ``wide`` columns (from, to), their cells drawn from ``truth`` and ``predicted``."""

    def shaped(size: tuple[int, int]) -> st.SearchStrategy[Inputs]:
        shape = size if wide[1] > 1 and size[1] > 1 else size[:1]
        return st.builds(
            Inputs,
            truth=arrays.arrays(dtype, shape, elements=truth),
            predicted=arrays.arrays(dtype, shape, elements=predicted),
            weight=_maybe(arrays.arrays(np.float64, size[:1], elements=WEIGHTS), asked=weighted),
            group=_maybe(arrays.arrays("U1", size[:1], elements=st.sampled_from("ab")), asked=grouped),
            names=st.just(tuple(f"c{i}" for i in range(size[1]))),
            **{name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in more.items()},
        )

    return st.tuples(st.integers(*rows), st.integers(*wide)).flatmap(shaped)


def _maybe(strategy: st.SearchStrategy[Array], *, asked: bool) -> st.SearchStrategy[Array | None]:
    return st.one_of(st.none(), strategy) if asked else st.none()


def column(*values: Any) -> Array:
    """Return the values as a metric sees a column: text, or doubles."""
    return np.array(values) if values and isinstance(values[0], str) else np.array(values, np.float64)


def groups_of(inputs: Inputs) -> list[Inputs]:
    """Return the inputs of each group, one by one, or the inputs themselves where there are none."""
    if inputs.group is None:
        return [inputs]
    rows = [[i for i, name in enumerate(inputs.group) if name == group] for group in sorted(set(inputs.group))]
    return [
        Inputs(
            inputs.truth[r],
            inputs.predicted[r],
            None if inputs.weight is None else inputs.weight[r],
            inputs.params,
            inputs.classes,
            inputs.names,
        )
        for r in rows
    ]


def by_group(oracle: Callable[[Inputs], float | None]) -> Callable[[Inputs], float | None]:
    """Return the oracle of the mean over groups; no value as soon as one group has none, or weighs nothing."""

    def mean(inputs: Inputs) -> float | None:
        found = []
        for part in groups_of(inputs):
            value = None if part.weight is not None and part.weight.sum() == 0 else oracle(part)
            if value is None:
                return None
            found.append(value)
        return float(np.mean(found))

    return mean
