"""Declarations of the metrics that look at how scores order rows or labels."""

from scorers.declaration import GROUP, WEIGHT, Declaration, Param

_ABSENT = Param(
    "absent", "choice", "a column with one class only leaves no score or is left out", "refuse", ("refuse", "skip")
)

ALL = (
    Declaration(
        "roc_auc", "1", "higher", 0.0, 1.0, "ranking",
        columns="one", params=(GROUP,), truth=("binary", "two_classes"), counted="auc",
        about="area under the ROC curve; any finite score will do, equal scores count one half",
        edges="truth 0 or 1; a part with one class only has no score",
    ),
    Declaration(
        "roc_auc_macro", "1", "higher", 0.0, 1.0, "ranking",
        columns="many", params=(GROUP, _ABSENT), spread=True, truth=("binary", "two_classes"),
        about="mean over columns of `roc_auc`",
        edges='columns are matched by name; one class only in a column: no score, unless `absent = "skip"`',
    ),
    Declaration(
        "average_precision", "1", "higher", 0.0, 1.0, "ranking",
        columns="one", params=(GROUP,), truth=("binary", "two_classes"),
        about="area under the precision-recall curve, summed by steps",
        edges="truth 0 or 1; a part with one class only has no score",
    ),
    Declaration(
        "lrap", "1", "higher", 0.0, 1.0, "ranking",
        columns="many", params=(WEIGHT,), truth=("binary",), losses="rest",
        about="label ranking average precision over several columns",
        edges="truth 0 or 1; a row with no true label or all of them counts 1; ties take the worst rank",
    ),
)  # fmt: skip
