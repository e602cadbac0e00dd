"""The shipped metrics as data: name, version, direction, range. Reading this imports no scorer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Declaration:
    """One shipped metric.

    ``direction`` is "lower" or "higher" (is better); values lie in [``low``, ``high``], None: unbounded. ``module``
    of ``scorers`` holds the function of the same name. ``columns`` is "one", "many" (two at least) or "any".
    ``params`` are the parameters ``challenge.toml`` may give; ``weight`` names a column of the reference.
    """

    name: str
    version: str
    direction: str
    low: float | None
    high: float | None
    module: str
    columns: str = "any"
    params: tuple[str, ...] = ("weight",)


_ALL = (
    Declaration("mae", "1", "lower", 0.0, None, "regression"),
    Declaration("rmse", "1", "lower", 0.0, None, "regression"),
    Declaration("accuracy", "1", "higher", 0.0, 1.0, "classification"),
    Declaration("roc_auc", "1", "higher", 0.0, 1.0, "ranking", columns="one", params=()),
    Declaration("lrap", "1", "higher", 0.0, 1.0, "ranking", columns="many", params=()),
)

SHIPPED = {declaration.name: declaration for declaration in _ALL}
"""Shipped metrics by name."""


def declared(name: str) -> Declaration | None:
    """Return the declaration of a shipped metric, or None when no such metric is shipped."""
    return SHIPPED.get(name)
