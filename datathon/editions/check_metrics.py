"""Check that every metric has a value in each part, whatever teams submit: columns, classes, zeros, weights."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from datathon.editions.check_report import Notebook
from datathon.editions.metric_needs import compared, unmet
from datathon.editions.parts import PRIVATE, PUBLIC, parts_of
from datathon.editions.rules import Challenge, Metric, Reference, SubmissionFormat
from datathon.editions.sheet import Sheet
from scorers.catalogue import Declaration, declared

_DRAWN = {PUBLIC: "the public part that the split gives", PRIVATE: "the private part that the split gives"}


@dataclass(frozen=True, slots=True)
class _Part:
    """Some rows: their name for people ("Public", "Private, region Nord") and their numbers from 0."""

    name: str
    rows: Sequence[int]


def check_metrics(challenge: Challenge, reference: Sheet, notes: Notebook) -> None:
    """Note each metric that lacks a declaration, and each part or group where it would have no value."""
    form, plan = challenge.submission, challenge.reference
    if challenge.scorer is not None or form is None or plan is None:
        notes.skipped("metrics", "the challenge has a scorer of its own")
        return
    since = len(notes.findings)
    config = challenge.folder / "challenge.toml"
    for metric in challenge.metrics:
        asked = declared(metric.function)
        if asked is None:
            continue
        lack = unmet(form, plan, metric, asked)
        if lack is not None:
            notes.error(config, lack, _line(config.read_text(encoding="utf-8"), metric.name))
            continue
        _check_values(_Look(form, plan, reference, metric, asked, notes))
    notes.ran("metrics", since, ", ".join(m.name for m in challenge.metrics))


def _line(text: str, name: str) -> int:
    """Return the line of ``challenge.toml`` where a metric is named."""
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, start=1) if f'"{name}"' in line), 1)


@dataclass(frozen=True, slots=True)
class _Look:
    """One metric and what it is looked at with."""

    form: SubmissionFormat
    plan: Reference
    sheet: Sheet
    metric: Metric
    asked: Declaration
    notes: Notebook

    def error(self, message: str, row: int | None = None) -> None:
        """Note a value that leaves no score, at its line of the reference."""
        self.notes.error(self.sheet.path, message, 0 if row is None else self.sheet.lines[row])

    def parts(self) -> Iterator[_Part]:
        """Give the rows of each part, and of each group in it where the metric has groups."""
        whole = range(len(self.sheet.rows))
        found = [_Part("the reference", whole)]
        if self.plan.usage is not None or self.plan.split is not None:
            given = [part.strip().lower() for part in parts_of(self.form, self.plan, self.sheet)]
            found = [
                _Part(part if self.plan.usage is not None else drawn, [r for r in whole if given[r] == part.lower()])
                for part, drawn in _DRAWN.items()
            ]
        name = self.metric.params.get("group")
        for part in found:
            if not isinstance(name, str):
                yield part
                continue
            groups: dict[str, list[int]] = {}
            for row, value in zip(part.rows, (self.sheet.column(name)[r] for r in part.rows), strict=True):
                groups.setdefault(value, []).append(row)
            yield from (_Part(f"{part.name}, {name} {value}", rows) for value, rows in sorted(groups.items()))


def _check_values(look: _Look) -> None:
    if not _weights_fit(look):
        return
    spread = look.asked.spread and not compared(look.form, look.plan) and len(look.plan.truth) == 1
    if spread:
        _check_spread(look)
        return
    truth = {name: look.sheet.column(name) for name in look.plan.truth}
    for need in look.asked.truth:
        if need in _BY_CELL:
            _check_cells(look, truth, need)
    parts = [part for part in look.parts() if part.rows]
    for part in parts:
        for need in look.asked.truth:
            said = _LACKS[need](look, {n: [cells[r] for r in part.rows] for n, cells in truth.items()}) \
                if need in _LACKS else ""  # fmt: skip
            if said:
                look.error(f"{said} in {part.name}, {look.metric.name} has no value there")
                return


def _weights_fit(look: _Look) -> bool:
    name = look.metric.params.get("weight")
    if not isinstance(name, str):
        return True
    weights = [_number(cell) for cell in look.sheet.column(name)]
    for row, weight in enumerate(weights):
        if not (math.isfinite(weight) and weight >= 0):
            look.error(f"{name}: a weight of zero or more expected, found {look.sheet.column(name)[row]!r}", row)
            return False
    for part in look.parts():
        if part.rows and not any(weights[r] > 0 for r in part.rows):
            look.error(f"{name}: no weight above zero in {part.name}, {look.metric.name} has no value there")
            return False
    return True


def _check_spread(look: _Look) -> None:
    name, names = look.plan.truth[0], {c.name for c in look.form.columns}
    cells = look.sheet.column(name)
    for row, cell in enumerate(cells):
        if cell not in names:
            look.error(f"{name}: the name of a submitted column expected, found {cell!r}", row)
            return
    if "two_classes" not in look.asked.truth:
        return
    for part in look.parts():
        there = {cells[r] for r in part.rows}
        if part.rows and (len(there) < 2 or (len(there) < len(names) and not _skips(look))):
            look.error(f"{name}: not every class is in {part.name}, {look.metric.name} has no value there")
            return


def _check_cells(look: _Look, truth: dict[str, tuple[str, ...]], need: str) -> None:
    expected, fits = _BY_CELL[need]
    for name, cells in truth.items():
        for row, cell in enumerate(cells):
            if not fits(_number(cell)):
                look.error(f"{name}: {look.metric.name} needs {expected}, found {cell!r}", row)
                break


def _skips(look: _Look) -> bool:
    return look.metric.params.get("absent") == "skip"


def _one_class(look: _Look, truth: dict[str, list[str]]) -> str:
    single = [name for name, cells in truth.items() if len({_value(c) for c in cells}) < 2]
    if not single or (_skips(look) and len(single) < len(truth)):
        return ""
    return f"{single[0]}: one class only"


def _no_positive(look: _Look, truth: dict[str, list[str]]) -> str:
    wanted = _value(str(look.metric.params.get("pos_label", 1)))
    lacking = [name for name, cells in truth.items() if wanted not in {_value(c) for c in cells}]
    return f"{lacking[0]}: no positive" if lacking else ""


def _no_positive_at_all(look: _Look, truth: dict[str, list[str]]) -> str:
    if len(truth) == 1:
        return ""
    wanted = _value(str(look.metric.params.get("pos_label", 1)))
    return "" if any(_value(c) == wanted for cells in truth.values() for c in cells) else "no positive"


def _constant(_look: _Look, truth: dict[str, list[str]]) -> str:
    alike = [name for name, cells in truth.items() if len({_value(c) for c in cells}) < 2]
    return f"{alike[0]}: the same value everywhere" if alike else ""


def _no_single_one(_look: _Look, truth: dict[str, list[str]]) -> str:
    rows = zip(*truth.values(), strict=True)
    if len(truth) == 1 or all(sum(_value(c) == 1.0 for c in row) == 1 for row in rows):
        return ""
    return "a row without exactly one 1 in its columns"


def _no_word(_look: _Look, truth: dict[str, list[str]]) -> str:
    empty = [name for name, cells in truth.items() if not any(cell.split() for cell in cells)]
    return f"{empty[0]}: no text" if empty else ""


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _value(cell: str) -> float | str:
    """Return the cell as a number where it is one: "1" and "1.0" are one class."""
    number = _number(cell)
    return number if math.isfinite(number) else cell


def _is_binary(number: float) -> bool:
    return number in {0.0, 1.0}


_BY_CELL: dict[str, tuple[str, Callable[[float], bool]]] = {
    "binary": ("0 or 1", _is_binary),
    "one_hot": ("0 or 1", _is_binary),
    "nonzero": ("a truth other than zero", lambda number: number != 0),
    "not_negative": ("zero or more", lambda number: number >= 0),
}
_LACKS: dict[str, Callable[[_Look, dict[str, list[str]]], str]] = {
    "two_classes": _one_class,
    "positives": _no_positive,
    "some_positives": _no_positive_at_all,
    "varied": _constant,
    "one_hot": _no_single_one,
    "words": _no_word,
}
TRUTH_NEEDS = frozenset(_BY_CELL) | frozenset(_LACKS)
"""Every need of the truth that a declaration may name."""
