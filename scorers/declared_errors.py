"""Declarations of the errors of numeric predictions, of stated probabilities and of correlations."""

from scorers.declaration import GROUP, WEIGHT, Declaration, Param

_EPS = Param("eps", "number", "probabilities are clipped to [eps, 1 - eps]", 2.0**-52, low=0.0, above=True, high=1e-10)
_FLOOR = Param("floor", "number", "smallest mean error that is told apart", 1e-9, low=0.0, above=True, high=1.0)
_BOTH = (WEIGHT, GROUP)

ALL = (
    Declaration(
        "mae", "1", "lower", 0.0, None, "regression",
        params=_BOTH, losses="mean",
        about="mean absolute error",
        edges="several columns: their mean",
    ),
    Declaration(
        "mse", "1", "lower", 0.0, None, "regression",
        params=_BOTH, losses="mean",
        about="mean squared error",
        edges="several columns: their mean; an error too large for a double has no score, here and below",
    ),
    Declaration(
        "rmse", "1", "lower", 0.0, None, "regression",
        params=_BOTH, losses="root",
        about="root mean squared error",
        edges="several columns: the mean of each column's root",
    ),
    Declaration(
        "mcrmse", "1", "lower", 0.0, None, "regression",
        columns="many", params=_BOTH,
        about="mean over columns of the root mean squared error",
        edges="columns are matched by name",
    ),
    Declaration(
        "rmsle", "1", "lower", 0.0, None, "regression",
        params=_BOTH, within=(0.0, None), truth=("not_negative",), losses="root",
        about="root mean squared error of log(1 + value)",
        edges="columns must declare `min = 0`; several columns: the mean of each column's root",
    ),
    Declaration(
        "mape", "1", "lower", 0.0, None, "regression",
        params=_BOTH, truth=("nonzero",), losses="mean",
        about="mean absolute percentage error as a share: 0.1 is 10 %",
        edges="no score as soon as one true value is zero",
    ),
    Declaration(
        "smape", "1", "lower", 0.0, 2.0, "regression",
        params=_BOTH, losses="mean",
        about="mean of 2·abs(p − t) / (abs(p) + abs(t)), the M4 form as a share",
        edges="a row where both are zero counts 0",
    ),
    Declaration(
        "log_mae", "1", "lower", None, None, "regression",
        params=(*_BOTH, _FLOOR),
        about="natural logarithm of the mean absolute error; with `group`, the mean of the groups' logarithms",
        edges="a mean error under `floor` counts as `floor`",
    ),
    Declaration(
        "r2", "1", "higher", None, 1.0, "regression",
        params=_BOTH, truth=("varied",), losses="rest",
        about="share of the truth's variance that is explained; 0 for its mean predicted everywhere",
        edges="several columns: their mean; no score where the truth does not vary",
    ),
    Declaration(
        "log_loss", "1", "lower", 0.0, None, "probability",
        params=(*_BOTH, _EPS), within=(0.0, 1.0), spread=True, needs=("row_sum",), truth=("one_hot",), losses="mean",
        about="mean of −log(probability given to what came true), natural logarithm",
        edges="columns declare `min = 0, max = 1`; one column: the probability of 1; several: `row_sum = 1`",
    ),
    Declaration(
        "brier", "1", "lower", 0.0, 2.0, "probability",
        params=_BOTH, within=(0.0, 1.0), spread=True, needs=("row_sum",), truth=("one_hot",), losses="mean",
        about="mean squared difference of probability and truth",
        edges="columns as for `log_loss`; three classes or more: summed over classes, up to 2",
    ),
    Declaration(
        "pearson", "1", "higher", -1.0, 1.0, "correlation",
        params=(GROUP,), truth=("varied",), varied=True, counted="pearson",
        about="Pearson's correlation",
        edges="several columns: their mean; no score where truth or predictions do not vary in a column",
    ),
    Declaration(
        "spearman", "1", "higher", -1.0, 1.0, "correlation",
        params=(GROUP,), truth=("varied",), varied=True,
        about="Spearman's rank correlation; equal values share their mean rank",
        edges="as `pearson`",
    ),
)  # fmt: skip
