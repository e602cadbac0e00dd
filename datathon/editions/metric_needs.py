"""What a shipped metric asks of the columns of a challenge, before any value is read. Pure."""

from collections.abc import Sequence

from datathon.editions.rules import Column, Metric, Reference, SubmissionFormat
from scorers.catalogue import Declaration


def compared(form: SubmissionFormat, plan: Reference) -> dict[str, Column]:
    """Return which submitted column each truth column is compared with: the like-named one, or the only one."""
    by_name = {c.name: c for c in form.columns}
    if len(plan.truth) == len(form.columns) == 1:
        return {plan.truth[0]: form.columns[0]}
    return {name: by_name[name] for name in plan.truth if name in by_name}


def unmet(form: SubmissionFormat, plan: Reference, metric: Metric, asked: Declaration) -> str | None:
    """Return the first thing the challenge does not declare and ``metric`` needs, as a sentence, or None."""
    if asked.whole:
        return None
    pairs = compared(form, plan)
    spread = asked.spread and not pairs and len(plan.truth) == 1
    columns = tuple(form.columns) if spread else tuple(pairs.values())
    if asked.columns == "one" and len(columns) > 1:
        return f"{metric.name} takes one truth column, found {len(columns)}"
    if asked.columns == "many" and len(columns) < 2:
        return f"{metric.name} takes two truth columns or more, found {len(columns)}"
    return _bounds(columns, metric, asked) or _declared(form, columns, metric, asked)


def _bounds(columns: Sequence[Column], metric: Metric, asked: Declaration) -> str | None:
    low, high = asked.within
    for column in columns:
        if low is not None and (column.minimum is None or column.minimum < low):
            return f"{metric.name}: column {column.name} must declare min = {low:g} or more"
        if high is not None and (column.maximum is None or column.maximum > high):
            return f"{metric.name}: column {column.name} must declare max = {high:g} or less"
    return None


def _declared(form: SubmissionFormat, columns: Sequence[Column], metric: Metric, asked: Declaration) -> str | None:
    if "row_sum" in asked.needs and len(columns) > 1 and form.row_sum != 1:
        return f"{metric.name}: [submission] must declare row_sum = 1, or sums above 1 would pay"
    if "classes" in asked.needs and len(columns) == 1 and not _has_classes(columns[0]):
        return f"{metric.name}: column {columns[0].name} must declare values, or whole numbers with min and max"
    label = metric.params.get("pos_label", 1)
    if "pos_label" in asked.param_names and (len(columns) > 1 or "classes" not in asked.needs):
        several_only = asked.name in {"f1_micro", "f1_macro"} and len(columns) == 1
        odd = next((c for c in columns if c.type == "category" and str(label) not in c.values), None)
        if odd is not None and not several_only:
            return f"{metric.name}: pos_label {label!r} is none of the values of {odd.name}"
    return None


def _has_classes(column: Column) -> bool:
    whole = column.type == "integer" and column.minimum is not None and column.maximum is not None
    return column.type == "category" or whole
