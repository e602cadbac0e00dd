"""The shipped metrics as data: name, version, direction, range, what they need. Reading this imports no scorer."""

from scorers import declared_classes, declared_errors, declared_lists, declared_orders, declared_spreads, declared_texts
from scorers.declaration import Declaration, Param

_VALUES = (*declared_errors.ALL, *declared_classes.ALL, *declared_orders.ALL)
_SETS = (*declared_spreads.ALL, *declared_lists.ALL, *declared_texts.ALL)

SHIPPED = {d.name: d for d in (*_VALUES, *_SETS)}
"""Shipped metrics by name."""


def declared(name: str) -> Declaration | None:
    """Return the declaration of a shipped metric, or None when no such metric is shipped."""
    return SHIPPED.get(name)


__all__ = ["SHIPPED", "Declaration", "Param", "declared"]
