"""Check the data of a prediction challenge: ids, labels, parts. Source of the rules: product.md's pre-flight linter."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from datathon.editions.check_report import Notebook
from datathon.editions.noise import noise_table
from datathon.editions.parts import PRIVATE, PUBLIC, parts_of
from datathon.editions.rules import Challenge, Column, Reference, SubmissionFormat
from datathon.editions.sheet import Floats, NotATable, Sheet, read_sheet
from scorers.catalogue import declared

CLASSES = 20
"""Most classes of a text label that are looked at one by one."""

_SMALL_PART = 10
_GAP_SD = 0.25
_GAP_Z = 4.0

Mask = npt.NDArray[np.bool_]


def read_pair(challenge: Challenge, notes: Notebook) -> tuple[Sheet, Sheet] | None:
    """Return the reference and the sample, or None after noting that one cannot be read."""
    if challenge.reference is None or challenge.sample is None:
        return None
    found = []
    for path in (challenge.reference.file, challenge.folder / challenge.sample):
        try:
            found.append(read_sheet(path))
        except NotATable as error:
            notes.error(path, str(error), error.line)
    return (found[0], found[1]) if len(found) == 2 else None


def check_columns(challenge: Challenge, reference: Sheet, sample: Sheet, notes: Notebook) -> bool:
    """Note missing columns; return whether the other checks have what they need."""
    since = len(notes.findings)
    form, plan = _form(challenge)
    wanted = {form.id: "the id", **dict.fromkeys(plan.truth, "the truth")}
    if plan.usage:
        wanted[plan.usage] = "the usage"
    for metric in challenge.metrics:
        for key in ("weight", "group"):
            if isinstance(metric.params.get(key), str):
                wanted[str(metric.params[key])] = f"the {key} of {metric.name}"
    if plan.split is not None:
        wanted.update({n: "the split" for n in (plan.split.stratify, plan.split.group) if n})
    for name, what in wanted.items():
        if name not in reference.header:
            notes.error(reference.path, f"no column {name!r} ({what}); found {', '.join(reference.header[:8])}", 1)
    expected = [form.id, *(c.name for c in form.columns)]
    missing = [name for name in expected if name not in sample.header]
    if missing:
        notes.error(sample.path, f"no column {missing[0]!r}", 1)
    notes.ran("columns", since)
    return not any(f.severity == "error" for f in notes.findings[since:])


def check_ids(challenge: Challenge, reference: Sheet, sample: Sheet, notes: Notebook) -> bool:
    """Note doubled ids and ids that stand in one file only; return whether sample and reference agree."""
    since = len(notes.findings)
    form, _ = _form(challenge)
    for sheet in (reference, sample):
        seen: dict[str, int] = {}
        for line, value in zip(sheet.lines, sheet.column(form.id), strict=True):
            if not value:
                notes.error(sheet.path, f"empty {form.id}", line)
            elif value in seen:
                notes.error(sheet.path, f"{form.id} {value!r} stands already on line {seen[value]}", line)
            seen.setdefault(value, line)
    hidden, asked = set(reference.column(form.id)), set(sample.column(form.id))
    for path, lacking, other in (
        (sample.path, hidden - asked, "the reference"),
        (reference.path, asked - hidden, "the sample"),
    ):
        if lacking:
            notes.error(path, f"{len(lacking)} {form.id} of {other} are missing here, such as {min(lacking)!r}")
    if not reference.rows:
        notes.error(reference.path, "no rows")
    notes.ran("ids", since, f"{len(hidden)} ids")
    return len(notes.findings) == since


def check_labels(challenge: Challenge, reference: Sheet, notes: Notebook) -> None:
    """Note hidden values that no submission could equal: not a number, out of bounds, not a category."""
    since = len(notes.findings)
    form, plan = _form(challenge)
    columns = {c.name: c for c in form.columns}
    if len(plan.truth) == 1 and len(form.columns) == 1:
        columns = {plan.truth[0]: form.columns[0]}
    for name in plan.truth:
        column = columns.get(name)
        if column is None:
            continue
        for line, cell in zip(reference.lines, reference.column(name), strict=True):
            why = _unfit(cell, column)
            if why:
                notes.error(reference.path, f"{name}: {why}, found {cell!r}", line)
                break
    notes.ran("labels", since)


def _unfit(cell: str, column: Column) -> str:
    """Return what was expected where no submission could equal ``cell``, else ""."""
    if column.type == "category":
        return "" if cell in column.values else f"one of {', '.join(column.values)} expected"
    if column.type == "string":
        return _unfit_text(cell, column)
    try:
        value = float(cell)
    except ValueError:
        return "a number expected"
    expected = ""
    if "_" in cell or not cell.isascii():  # 1_0, or digits of another script
        expected = "a number expected"
    elif not np.isfinite(value):
        expected = "a finite number expected"
    elif column.type == "integer" and value != int(value):
        expected = "a whole number expected"
    elif column.minimum is not None and value < column.minimum:
        expected = f"at least {column.minimum:g} expected"
    elif column.maximum is not None and value > column.maximum:
        expected = f"at most {column.maximum:g} expected"
    return expected


def _unfit_text(cell: str, column: Column) -> str:
    if not cell:
        return "" if column.empty else "a text expected (or empty = true for this column)"
    if len(cell) > column.max_length:
        return f"at most {column.max_length} characters expected (max_length of this column)"
    return ""


def check_parts(challenge: Challenge, reference: Sheet, notes: Notebook) -> None:
    """Note usage values other than Public and Private, an empty or tiny part, and parts that differ in their labels.

    Where the platform splits the rows, its parts are looked at.
    """
    form, plan = _form(challenge)
    since = len(notes.findings)
    usage = parts_of(form, plan, reference)
    for line, value in zip(reference.lines, usage, strict=True):
        if value not in {PUBLIC, PRIVATE}:
            notes.error(reference.path, f"{plan.usage}: {PUBLIC} or {PRIVATE} expected, found {value!r}", line)
            break
    public = np.array([value == PUBLIC for value in usage], dtype=bool)
    private = np.array([value == PRIVATE for value in usage], dtype=bool)
    for name, mask in ((PUBLIC, public), (PRIVATE, private)):
        if not mask.any():
            notes.error(reference.path, f"no row is {name}")
        elif mask.sum() < _SMALL_PART:
            notes.warning(reference.path, f"only {mask.sum()} rows are {name}: scores will be mostly noise")
    if public.any() and private.any():
        _check_balance(challenge, reference, public, private, notes)
    notes.ran("split", since, f"{public.sum()} public, {private.sum()} private")
    if public.any():
        notes.ran("noise", len(notes.findings), _expected_noise(int(public.sum())))
        if challenge.board.ladder:
            _check_ladder(challenge, reference, int(public.sum()), notes)


def _check_ladder(challenge: Challenge, reference: Sheet, rows: int, notes: Notebook) -> None:
    """Say by which steps the shown score moves, and warn where the labels are too small a scale for them."""
    since, step = len(notes.findings), 1 / rows
    made = declared(challenge.metrics[0].function)
    spreads = [float(values.std()) for _, values in label_columns(reference, _form(challenge)[1].truth)]
    # An error is at most about as large as the labels vary; its square where the metric is a root.
    largest = max(spreads, default=1.0) ** (2 if made is not None and made.losses == "root" else 1)
    if 0 < largest < 10 * step:
        notes.warning(
            reference.path,
            f"the ladder moves in steps of 1/{rows} = {step:.2g}, errors are about {largest:.2g}: it would hardly move; "
            "bring the labels to a larger scale",
        )
    notes.ran("ladder", since, f"the mean error that is shown moves in steps of 1/{rows} = {step:.2g}")


def _expected_noise(rows: int) -> str:
    """Return what chance does on the public part, as a line for organisers."""
    said = "; ".join(f"{one.gap:.2f} ±{one.error:.3f}, wrong order {one.wrong:.0%}" for one in noise_table(rows))
    return f"if two submissions differ on 1 row in 10, a true gap of {said}"


def _check_balance(challenge: Challenge, reference: Sheet, public: Mask, private: Mask, notes: Notebook) -> None:
    _, plan = _form(challenge)
    for name, values in label_columns(reference, plan.truth):
        gap = _gap(values, public, private)
        if gap > _GAP_SD:
            notes.warning(
                reference.path,
                f"{name}: the means of the two parts differ by {gap:.2f} standard deviations; "
                "the provisional ranking may mislead",
            )


def _gap(values: npt.NDArray[np.float64], public: Mask, private: Mask) -> float:
    """Return the difference of means in pooled standard deviations; 0 where it is within chance or not a number."""
    here, there = values[public], values[private]
    spread = float(values.std())
    if not np.isfinite(spread) or spread == 0 or min(len(here), len(there)) < _SMALL_PART:
        return 0.0
    gap = abs(float(here.mean() - there.mean())) / spread
    chance = float(np.sqrt(1 / len(here) + 1 / len(there)))
    return gap if gap / chance > _GAP_Z else 0.0


def _form(challenge: Challenge) -> tuple[SubmissionFormat, Reference]:
    if challenge.submission is None or challenge.reference is None:  # pragma: no cover - callers hold both
        raise ValueError(f"{challenge.id} takes no predictions")
    return challenge.submission, challenge.reference


def truth_of(challenge: Challenge) -> Sequence[str]:
    """Return the truth columns of a prediction challenge."""
    return _form(challenge)[1].truth


def label_columns(reference: Sheet, names: Sequence[str]) -> Iterator[tuple[str, Floats]]:
    """Yield each label as numbers, shape (rows,); a text label with few classes as one 0/1 column per class."""
    for name in names:
        values = reference.numbers(name)
        if np.isfinite(values).all():
            yield name, values
            continue
        cells = np.array(reference.column(name))
        classes = np.unique(cells)
        if len(classes) <= CLASSES:
            for value in classes:
                yield f"{name} = {value}", (cells == value).astype(np.float64)
