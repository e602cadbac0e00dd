"""Shipped metrics at work: found by name, given their columns, taken group by group, never anything but a number."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined, catalogue
from scorers.declaration import Declaration
from scorers.sums import BY_ROW

Arrays = Mapping[str, npt.NDArray[Any]]
Floats = npt.NDArray[np.float64]

_MOST_CLASSES = 10_000
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Shipped:
    """A metric with its functions: the value over some rows, and what it is made of row by row.

    ``by_row`` gives losses where it is a mean of them, ``counted`` what each row brings to the sums it is made of.
    """

    declaration: Declaration
    function: Callable[[Inputs], float]
    by_row: Callable[[Inputs], Floats] | None = None
    counted: Callable[[Inputs], Floats] | None = None

    def value(self, inputs: Inputs) -> float:
        """Return the metric's value, finite and within its declared range; raises Undefined.

        With groups: the plain mean of the metric over them; undefined as soon as it is in one of them.
        """
        inputs = self._settled(inputs)
        if inputs.group is None:
            return self._one(inputs)
        found = [self._one(_rows(inputs, rows)) for rows in _groups(inputs.group)]
        if not found:
            raise Undefined("no rows")
        return self._finite(sum(value / len(found) for value in found))

    def brought(self, inputs: Inputs) -> Floats | None:
        """Return what each row brings to the value, shape (rows, numbers), as ``made_by`` of the declaration says.

        See ``scorers.sums``; None where it says "". Raises Undefined.
        """
        wide = 1 if inputs.truth.ndim == 1 else inputs.truth.shape[1]
        made_by = self.declaration.made_by(columns=wide, grouped=inputs.group is not None)
        if made_by in BY_ROW or not made_by:
            losses = self.losses(inputs)
            return None if losses is None else losses[:, None]
        inputs = self._settled(inputs)
        if inputs.group is None:
            with np.errstate(all="ignore"):
                return None if self.counted is None else self.counted(inputs)
        found = np.full((inputs.truth.shape[0], 1), np.nan)
        for rows in _groups(inputs.group):
            value = self._one(_rows(inputs, rows))
            found[rows[0]] = value if made_by == "groups" else 1 - value
        return found

    def losses(self, inputs: Inputs) -> Floats | None:
        """Return one loss per row, shape (rows,), lower is better; None where the value is not made of losses.

        The value is their plain mean, its square root or 1 minus it, as the declaration says: weights and the sizes of
        groups are already in the losses. Raises Undefined.
        """
        wide = 1 if inputs.truth.ndim == 1 else inputs.truth.shape[1]
        if self.by_row is None or not self.declaration.has_losses(columns=wide, grouped=inputs.group is not None):
            return None
        inputs = self._settled(inputs)
        with np.errstate(all="ignore"):
            if inputs.group is None:
                return self.by_row(inputs)
            found = np.empty(inputs.truth.shape[0])
            groups = _groups(inputs.group)
            for rows in groups:
                found[rows] = self.by_row(_rows(inputs, rows)) * (found.shape[0] / (len(groups) * rows.shape[0]))
            return found

    def _settled(self, inputs: Inputs) -> Inputs:
        """Return ``inputs`` with the defaults of the parameters filled in."""
        defaults = {p.name: p.default for p in self.declaration.params if p.default is not None}
        return replace(inputs, params={**defaults, **inputs.params})

    def _one(self, inputs: Inputs) -> float:
        if inputs.truth.shape[0] == 0:
            raise Undefined("no rows")
        with np.errstate(all="ignore"):
            return self._finite(float(self.function(inputs)))

    def _finite(self, value: float) -> float:
        if not np.isfinite(value):
            raise Undefined("the value cannot be written as a number")
        # Rounding in the last bits must not leave the declared range; anything more is for the other side to refuse.
        for bound in (self.declaration.low, self.declaration.high):
            if bound is not None and abs(value - bound) <= _ROUNDING:
                return bound if self._outside(value) else value
        return value

    def _outside(self, value: float) -> bool:
        low, high = self.declaration.low, self.declaration.high
        return (low is not None and value < low) or (high is not None and value > high)


def functions(*, full: bool = False) -> dict[str, Shipped]:
    """Return the shipped metrics by name, imported once by whoever starts the forks.

    ``full``: also those that need one of the large libraries' extras, where that is installed.
    """
    return {
        name: _load(declaration)
        for name, declaration in catalogue.SHIPPED.items()
        if declaration.extra is None or (full and importlib.util.find_spec(declaration.extra) is not None)
    }


def _load(declaration: Declaration) -> Shipped:
    module = importlib.import_module(f"scorers.{declaration.module}")
    by_row = getattr(module, f"{declaration.name}_losses") if declaration.losses else None
    counted = getattr(module, f"{declaration.name}_rows") if declaration.counted else None
    return Shipped(declaration, getattr(module, declaration.name), by_row, counted)


def inputs_of(declaration: Declaration, params: Mapping[str, Any], form: Mapping[str, Any], reference: Arrays,
              predicted: Arrays) -> Inputs:  # fmt: skip
    """Return what a metric is given: ``reference`` and ``predicted`` are the columns of one part.

    Columns of the reference that ``params`` name (weights, groups) go no further than the metric. Raises Undefined.
    """
    own = dict(params)
    columns = {
        p.kind: reference[f"column:{own.pop(p.name)}"]
        for p in declaration.params
        if p.kind in {"weight", "group"} and p.name in own
    }
    weight = columns.get("weight")
    truth = [reference[f"truth:{name}"] for name in form["truth"]]
    names = tuple(form["paired"])
    if declaration.whole:
        names = tuple(c["name"] for c in form["columns"])
    elif not names and declaration.spread:
        names = tuple(c["name"] for c in form["columns"])
        truth = _spread(truth[0], names)
    guess = [predicted[name] for name in names]
    return Inputs(
        truth=truth[0] if len(truth) == 1 else np.column_stack(truth),
        predicted=guess[0] if len(guess) == 1 else np.column_stack(guess),
        weight=None if weight is None else weight.astype(np.float64),
        params=own,
        classes=_classes([c for c in form["columns"] if c["name"] in names]),
        names=names,
        group=columns.get("group"),
    )


def _spread(truth: npt.NDArray[Any], names: tuple[str, ...]) -> list[Floats]:
    """Return one column of 0 and 1 for each of ``names``: 1 where ``truth`` says that name."""
    if truth.dtype.kind in "US":
        found = [np.equal(truth, name).astype(np.float64) for name in names]
    else:  # the classes of the reference look like numbers and were read as such
        found = [np.equal(truth, _as_number(name)).astype(np.float64) for name in names]
    if not np.all(np.sum(found, axis=0) == 1):
        raise Undefined("the truth holds a value that is the name of no submitted column")
    return found


def _as_number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return float("nan")


def _classes(columns: list[dict[str, Any]]) -> npt.NDArray[Any] | None:
    """Return the declared values that ``columns`` have in common, in their order; None when they declare none."""
    declared = [_declared(column) for column in columns]
    return np.array(declared[0]) if declared and declared[0] and all(d == declared[0] for d in declared) else None


def _declared(column: dict[str, Any]) -> list[str] | list[int]:
    if column["type"] == "category":
        return list(column["values"])
    low, high = column.get("min"), column.get("max")
    if column["type"] != "integer" or low is None or high is None or high - low >= _MOST_CLASSES:
        return []
    return list(range(int(np.ceil(low)), int(np.floor(high)) + 1))


def _groups(group: npt.NDArray[Any]) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each group, groups in the order of their values, rows in theirs."""
    order = np.argsort(group, kind="stable")
    ranked = group[order]
    return [rows for rows in np.split(order, np.flatnonzero(ranked[1:] != ranked[:-1]) + 1) if rows.shape[0]]


def _rows(inputs: Inputs, rows: npt.NDArray[np.int64]) -> Inputs:
    weight = None if inputs.weight is None else inputs.weight[rows]
    return replace(inputs, truth=inputs.truth[rows], predicted=inputs.predicted[rows], weight=weight, group=None)
