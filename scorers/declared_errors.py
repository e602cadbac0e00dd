"""Declarations of the errors of numeric predictions."""

from scorers.declaration import GROUP, WEIGHT, Declaration

ALL = (
    Declaration(
        "mae", "1", "lower", 0.0, None, "regression",
        params=(WEIGHT, GROUP),
        losses="mean",
        about="mean absolute error",
        edges="several columns: their mean",
    ),
    Declaration(
        "rmse", "1", "lower", 0.0, None, "regression",
        params=(WEIGHT, GROUP),
        losses="root",
        about="root mean squared error",
        edges="several columns: mean of each column's root; an error too large for a double has no score",
    ),
)  # fmt: skip
