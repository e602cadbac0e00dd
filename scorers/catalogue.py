"""The shipped metrics as data: name, version, direction, range, what they need. Reading this imports no scorer."""

from scorers import declared_classes, declared_errors, declared_orders
from scorers.declaration import Declaration, Param

SHIPPED = {d.name: d for d in (*declared_errors.ALL, *declared_classes.ALL, *declared_orders.ALL)}
"""Shipped metrics by name."""


def declared(name: str) -> Declaration | None:
    """Return the declaration of a shipped metric, or None when no such metric is shipped."""
    return SHIPPED.get(name)


__all__ = ["SHIPPED", "Declaration", "Param", "declared"]
