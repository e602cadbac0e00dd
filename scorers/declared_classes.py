"""Declarations of the metrics that compare classes."""

from scorers.declaration import CLASSES, GROUP, POSITIVE, WEIGHT, Declaration, Param

_BETA = Param(
    "beta",
    "number",
    "how many times as much recall counts as precision",
    low=0.0,
    above=True,
    high=1000.0,
    required=True,
)
_ABSENT = Param(
    "absent", "choice", "a class in neither truth nor predictions counts 0 or is left out", "zero", ("zero", "skip")
)
_BOTH = (WEIGHT, GROUP)

ALL = (
    Declaration(
        "accuracy", "1", "higher", 0.0, 1.0, "classification",
        params=_BOTH, kinds=CLASSES, losses="rest",
        about="share of rows whose value equals the truth",
        edges="several columns: a row counts when all of them are right",
    ),
    Declaration(
        "balanced_accuracy", "1", "higher", 0.0, 1.0, "classification",
        columns="one", params=_BOTH, kinds=CLASSES, truth=("two_classes",), losses="rest",
        about="mean over the classes of the truth of the share of their rows that are right",
        edges="a part with one class only has no score",
    ),
    Declaration(
        "f1", "1", "higher", 0.0, 1.0, "classification",
        columns="one", params=(*_BOTH, POSITIVE), kinds=CLASSES, truth=("positives",), counted="ratio",
        about="harmonic mean of precision and recall of the positive class",
        edges="0 when nothing is predicted positive; a part without positives has no score",
    ),
    Declaration(
        "fbeta", "1", "higher", 0.0, 1.0, "classification",
        columns="one", params=(*_BOTH, POSITIVE, _BETA), kinds=CLASSES, truth=("positives",), counted="ratio",
        about="as `f1`, recall counting `beta` times as much as precision",
        edges="as `f1`",
    ),
    Declaration(
        "f1_macro", "1", "higher", 0.0, 1.0, "classification",
        params=(*_BOTH, POSITIVE, _ABSENT), kinds=CLASSES, needs=("classes",), counted="f1_macro",
        about="mean over the declared classes of their F1; several columns: over the columns",
        edges='a class that a part lacks counts 0 there, unless `absent = "skip"`',
    ),
    Declaration(
        "f1_micro", "1", "higher", 0.0, 1.0, "classification",
        params=(*_BOTH, POSITIVE), kinds=CLASSES, truth=("some_positives",), counted="ratio",
        about="F1 of all decisions together; one column: equals `accuracy`",
        edges="several columns: a part without positives has no score",
    ),
    Declaration(
        "quadratic_kappa", "1", "higher", -1.0, 1.0, "classification",
        columns="one", params=_BOTH, kinds=("integer", "category"), needs=("classes",), truth=("two_classes",), counted="kappa",
        about="Cohen's kappa, squared distances on the declared classes in their order",
        edges="a constant prediction gets 0; a part with one class only has no score",
    ),
    Declaration(
        "mcc", "1", "higher", -1.0, 1.0, "classification",
        columns="one", params=_BOTH, kinds=CLASSES, truth=("two_classes",), counted="mcc",
        about="Matthews correlation coefficient, any number of classes",
        edges="a constant prediction gets 0; a part with one class only has no score",
    ),
)  # fmt: skip
