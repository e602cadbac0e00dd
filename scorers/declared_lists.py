"""Declarations of the metrics that compare ranked lists, rankings of columns, masks and boxes."""

from scorers.declaration import GROUP, WEIGHT, Declaration, Param

_BY_ROW = (WEIGHT, GROUP)
_BOTH_EMPTY = Param(
    "both_empty", "choice", "what a row counts whose two masks are empty", "one", ("one", "zero", "skip")
)
_K = Param("k", "integer", "only so many of the first places count; all of them without it", low=1)
_WITHOUT = Param("without_truth", "choice", "a row without a true id is left out or counts 0", "skip", ("skip", "zero"))
_GAIN = Param("gain", "choice", "a grade gains itself or 2^grade - 1", "linear", ("linear", "exponential"))
_LISTS = (_K, _WITHOUT, *_BY_ROW)
_LIST_EDGES = "an id given twice counts at its first place and takes up the second; no row with a true id: no score"

ALL = (
    Declaration(
        "dice", "1", "higher", 0.0, 1.0, "masks",
        columns="one", params=(_BOTH_EMPTY, *_BY_ROW), kinds=("string",), written="rle", losses="rest",
        about="mean over rows of the Dice coefficient of two masks",
        edges='two empty masks count 1, or as `both_empty` says; the column declares `format = "rle"`',
    ),
    Declaration(
        "iou", "1", "higher", 0.0, 1.0, "masks",
        columns="one", params=(_BOTH_EMPTY, *_BY_ROW), kinds=("string",), written="rle", losses="rest",
        about="mean over rows of the intersection over union of two masks",
        edges="as `dice`",
    ),
    Declaration(
        "map_boxes", "1", "higher", 0.0, 1.0, "boxes",
        columns="one", kinds=("string",), written="boxes",
        params=(
            Param("thresholds", "numbers", "least overlaps that count, at or above; averaged", (0.5,), low=0, high=1, above=True),
            Param("interpolation", "choice", "area under the curve, or mean at 101 recalls", "voc", ("voc", "coco")),
            Param("most", "integer", "boxes that count in each image and class, by score; all of them without it", low=1),
        ),
        about="mean average precision of boxes found in images, over classes and thresholds",
        edges='the column declares `format = "boxes"`; classes without a true box count nothing; equal scores across '
        "images enter together, in one image in the order written; no true box: no score",
    ),
    Declaration(
        "map_at_k", "1", "higher", 0.0, 1.0, "retrieval",
        columns="one", params=_LISTS, kinds=("string",), losses="rest",
        about="mean average precision of a ranked list of ids between spaces, divided by min(true ids, `k`)",
        edges=_LIST_EDGES,
    ),
    Declaration(
        "mrr", "1", "higher", 0.0, 1.0, "retrieval",
        columns="one", params=_LISTS, kinds=("string",), losses="rest",
        about="mean of 1 / place of the first true id in a ranked list",
        edges="no true id in the list: 0; no row with a true id: no score",
    ),
    Declaration(
        "hit_at_k", "1", "higher", 0.0, 1.0, "retrieval",
        columns="one", params=_LISTS, kinds=("string",), losses="rest",
        about="share of ranked lists with a true id among the first `k`",
        edges="no row with a true id: no score",
    ),
    Declaration(
        "ndcg_at_k", "1", "higher", 0.0, 1.0, "retrieval",
        columns="one", kinds=("string",), losses="rest",
        params=(*_LISTS, _GAIN, Param("graded", "boolean", "true ids are written id:grade", default=False)),
        about="normalised discounted cumulative gain of a ranked list",
        edges=_LIST_EDGES,
    ),
    Declaration(
        "ndcg", "1", "higher", 0.0, 1.0, "retrieval",
        columns="many", losses="rest",
        params=(
            _K, _GAIN, *_BY_ROW,
            Param("without_truth", "choice", "a row without relevance counts 0 or is left out", "zero", ("zero", "skip")),
        ),
        within=(None, None),
        about="normalised discounted cumulative gain of columns ranked by score against their relevance",
        edges="columns of equal score share their mean gain; relevance zero or more",
    ),
    Declaration(
        "top_k_accuracy", "1", "higher", 0.0, 1.0, "retrieval",
        columns="many", spread=True, losses="rest", truth=("binary",),
        params=(
            Param("k", "integer", "so many columns of highest score may hold the right one", 2, low=1),
            Param("ties", "choice", "of equal scores the later column comes first, or the right one last", "last", ("last", "worst")),
            *_BY_ROW,
        ),
        about="share of rows whose right column is among the `k` of highest score",
        edges="one right column in each row",
    ),
)  # fmt: skip
