"""Declarations of the metrics of distributions, of several labels, of groupings, places and orders."""

from scorers.declaration import CLASSES, GROUP, WEIGHT, Declaration, Param

_BY_ROW = (WEIGHT, GROUP)
_LEVELS = Param(
    "levels",
    "levels",
    "which quantile each submitted column is: { q10 = 0.1, q90 = 0.9 }",
    low=0,
    high=1,
    required=True,
)
_LATITUDE = Param(
    "latitude", "submitted", "submitted column of the latitude; the other one is the longitude", required=True
)
_NO_LABEL = Param("both_empty", "choice", "what counts where nobody has a label", "zero", ("zero", "one", "skip"))

ALL = (
    Declaration(
        "kl_divergence", "1", "lower", 0.0, None, "distributions",
        columns="many", params=_BY_ROW, within=(0.0, 1.0), needs=("row_sum",), losses="mean",
        about="Kullback-Leibler divergence from predicted to true shares",
        edges="rows sum to 1; predictions are raised to 1e-15, a true 0 adds nothing",
    ),
    Declaration(
        "pinball", "1", "lower", 0.0, None, "distributions",
        params=(Param("level", "number", "the quantile that is predicted", 0.5, low=0, high=1), *_BY_ROW), losses="mean",
        about="mean pinball loss of one quantile",
        edges="an error counts `level` times where the prediction is too low, 1 - `level` times where it is too high",
    ),
    Declaration(
        "quantile_loss", "1", "lower", 0.0, None, "distributions",
        columns="one", whole=True, params=(_LEVELS, *_BY_ROW), losses="mean",
        about="mean pinball loss of several quantiles of one truth, each in a column of its own",
        edges="columns are told apart by their names in `levels`, never by their order",
    ),
    Declaration(
        "crps_quantiles", "1", "lower", 0.0, None, "distributions",
        columns="one", whole=True, params=(_LEVELS, *_BY_ROW), losses="mean",
        about="continuous ranked probability score from quantiles: twice their mean pinball loss",
        edges="as `quantile_loss`; levels evenly spread",
    ),
    Declaration(
        "crps_ensemble", "1", "lower", 0.0, None, "distributions",
        columns="one", whole=True, params=_BY_ROW, losses="mean",
        about="continuous ranked probability score of an ensemble, one submitted column per member",
        edges="mean abs(member - truth) minus half the mean abs(member - member) over all pairs",
    ),
    Declaration(
        "laplace_log_likelihood", "1", "higher", None, None, "distributions",
        columns="one", whole=True, losses="rest",
        params=(
            Param("spread", "submitted", "submitted column of the spread; the other one is the value", required=True),
            Param("spread_min", "number", "smaller spreads are raised to it", 70, low=0, above=True),
            Param("error_max", "number", "larger errors are lowered to it", 1000, low=0, above=True),
            *_BY_ROW,
        ),
        about="mean log likelihood of a value submitted with its spread, under a Laplace law",
        edges="the defaults 70 and 1000 are in millilitres, as in the OSIC challenge",
    ),
    Declaration(
        "hamming_loss", "1", "lower", 0.0, 1.0, "multilabel",
        params=_BY_ROW, kinds=CLASSES, losses="mean",
        about="share of cells that differ from the truth",
    ),
    Declaration(
        "exact_match", "1", "higher", 0.0, 1.0, "multilabel",
        params=_BY_ROW, kinds=CLASSES, losses="rest",
        about="share of rows right in every column",
    ),
    Declaration(
        "jaccard_samples", "1", "higher", 0.0, 1.0, "multilabel",
        columns="many", params=(_NO_LABEL, *_BY_ROW), truth=("binary",), within=(0.0, 1.0), losses="rest",
        about="mean over rows of the labels in both truth and prediction / in either",
        edges="0 or 1; a row without any label counts 0, or as `both_empty` says",
    ),
    Declaration(
        "jaccard_macro", "1", "higher", 0.0, 1.0, "multilabel",
        columns="many", params=(_NO_LABEL, *_BY_ROW), truth=("binary",), within=(0.0, 1.0),
        about="mean over columns of the rows labelled in both truth and prediction / in either",
        edges="0 or 1; a column without any label counts 0, or as `both_empty` says",
    ),
    Declaration(
        "adjusted_rand", "1", "higher", -0.5, 1.0, "clusters",
        columns="one", params=(GROUP,), kinds=CLASSES,
        about="adjusted Rand index of two groupings, whatever the groups are called; 0 is chance",
        edges="one group on both sides, or every row alone on both: 1",
    ),
    Declaration(
        "v_measure", "1", "higher", 0.0, 1.0, "clusters",
        columns="one", params=(GROUP,), kinds=CLASSES,
        about="harmonic mean of homogeneity and completeness of a grouping (normalised mutual information)",
        edges="one group on both sides: 1; on one side only: 0",
    ),
    Declaration(
        "haversine", "1", "lower", 0.0, 20016.0, "globe",
        columns="many", params=(_LATITUDE, *_BY_ROW), within=(-180.0, 180.0), losses="mean",
        about="mean great-circle distance in kilometres between two places in degrees",
        edges="two columns, told apart by `latitude`; a sphere of 6371.0088 km",
    ),
    Declaration(
        "haversine_percentile", "1", "lower", 0.0, 20016.0, "globe",
        columns="many", within=(-180.0, 180.0),
        params=(_LATITUDE, Param("level", "number", "share of the rows that stay below", 0.5, low=0, high=1), GROUP),
        about="great-circle distance in kilometres that the share `level` of the rows stays below",
        edges="as `haversine`",
    ),
    Declaration(
        "lwlrap", "1", "higher", 0.0, 1.0, "concordance",
        columns="many", truth=("binary",),
        about="label ranking average precision in which every true label counts alike",
        edges="no true label: no score; else as `lrap`",
    ),
    Declaration(
        "gini", "1", "higher", -1.0, 1.0, "concordance",
        columns="one", truth=("varied",),
        params=(
            GROUP,
            Param("ties", "choice", "rows of equal score are gathered together or in the order of the ids", "average", ("average", "index")),
        ),
        about="normalised Gini coefficient; 2 AUC - 1 of a binary truth",
        edges='truth zero or more; `ties = "index"` is Kaggle\'s form',
    ),
    Declaration(
        "kendall_tau", "1", "higher", -1.0, 1.0, "concordance",
        columns="one", params=(GROUP,), truth=("varied",), varied=True,
        about="Kendall's tau-b",
        edges="constant truth or prediction: no score",
    ),
    Declaration(
        "pauc_above_tpr", "1", "higher", 0.0, None, "concordance",
        columns="one", truth=("binary", "two_classes"),
        params=(Param("min_tpr", "number", "only the curve above this true positive rate counts", 0.8, low=0, high=0.999), GROUP),
        about="area under the ROC curve where the true positive rate is above `min_tpr`, from 0 to 1 - `min_tpr`",
        edges="one class only: no score",
    ),
)  # fmt: skip
