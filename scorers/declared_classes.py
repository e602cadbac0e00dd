"""Declarations of the metrics that compare classes."""

from scorers.declaration import CLASSES, GROUP, WEIGHT, Declaration

ALL = (
    Declaration(
        "accuracy", "1", "higher", 0.0, 1.0, "classification",
        params=(WEIGHT, GROUP),
        kinds=CLASSES,
        losses="rest",
        about="share of rows whose value equals the truth",
        edges="several columns: a row counts when all of them are right",
    ),
)  # fmt: skip
