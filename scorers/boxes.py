"""How well boxes drawn in images find the true ones; higher is better.

Text of a row (an image): boxes between semicolons. A true one is "class x1 y1 x2 y2", a found one "class score x1 y1 x2
y2"; the corners are any numbers with x1 <= x2 and y1 <= y2, the area is (x2 - x1)(y2 - y1).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scorers import Inputs, Undefined
from scorers.weights import Floats

_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class _Image:
    """One class in one image: scores of the boxes found, best first, and their overlap with the true ones."""

    scores: Floats
    overlap: Floats


def map_boxes(inputs: Inputs) -> float:
    """Mean over classes and ``thresholds`` of the average precision of the boxes found, in [0, 1]; higher is better.

    A box found is right when it overlaps a true box of its class and image, not yet taken by one of higher score, by an
    intersection over union of at least the threshold; it takes the one it overlaps most. Boxes of equal score: in one
    image the one written first chooses first, across images they enter together. ``interpolation``: "voc" is the area
    under the precision made falling, "coco" its mean at the 101 recalls 0, 0.01 … 1. ``most``: of each image and class,
    only so many boxes of highest score count. Classes without a true box count nothing; without any the metric is
    undefined. Everingham et al. (2010), Lin et al. (2014).
    """
    images = _images(inputs)
    thresholds = [float(t) for t in inputs.params["thresholds"]]
    smooth = _voc if inputs.params["interpolation"] == "voc" else _coco
    found = [smooth(*_curve(of_class, threshold)) for of_class in images.values() for threshold in thresholds]
    if not found:
        raise Undefined("there is no true box")
    return float(np.mean(found))


def _images(inputs: Inputs) -> dict[str, list[_Image]]:
    """Return the images by class; classes without a true box are left out."""
    most = inputs.params.get("most")
    found: dict[str, list[_Image]] = {}
    pairs = [(_read(t, 0), _read(p, 1)) for t, p in zip(inputs.truth, inputs.predicted, strict=True)]
    for name in sorted({name for truth, _ in pairs for name in truth}):
        found[name] = []
        for truth, guess in pairs:
            true, own = truth.get(name, np.empty((0, 4))), guess.get(name, np.empty((0, 5)))
            own = own[np.argsort(-own[:, 0], kind="stable")][:most]
            if true.shape[0] or own.shape[0]:
                found[name].append(_Image(own[:, 0], _overlap(own[:, 1:], true)))
    return found


def _read(text: str, scores: int) -> dict[str, Floats]:
    """Return the boxes of an image by class, shape (boxes, 4 + ``scores``), in the order of the text."""
    found: dict[str, list[list[float]]] = {}
    for item in text.split(";"):
        words = item.split()
        if words:
            if len(words) != 5 + scores:
                raise Undefined("a true box is not written class x1 y1 x2 y2")
            found.setdefault(words[0], []).append([float(word) for word in words[1:]])
    return {name: np.array(boxes, np.float64) for name, boxes in found.items()}


def _overlap(one: Floats, other: Floats) -> Floats:
    """Return the intersection over union of each pair, shape (one, other); 0 where both are points."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.prod(np.maximum(high - low, 0.0), axis=2)
    sizes = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (one, other)]
    union = sizes[0][:, None] + sizes[1][None, :] - both
    shares: Floats = np.divide(both, union, out=np.zeros_like(both), where=union > 0)
    return shares


def _right(image: _Image, threshold: float) -> npt.NDArray[np.bool_]:
    """Say of each box found whether it takes a true one."""
    free = image.overlap.copy()
    right = np.zeros(free.shape[0], bool)
    if not free.shape[1]:
        return right
    for box in range(free.shape[0]):
        best = int(np.argmax(free[box]))
        if free[box, best] >= threshold:
            right[box] = True
            free[:, best] = -1.0
    return right


def _curve(images: Sequence[_Image], threshold: float) -> tuple[Floats, Floats]:
    """Return recall and precision as the score that is asked for falls, one point for each distinct score."""
    total = sum(image.overlap.shape[1] for image in images)
    scores = np.concatenate([image.scores for image in images])
    right = np.concatenate([_right(image, threshold) for image in images])
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True)[: ranked.shape[0]]
    hits = np.cumsum(right[order])[last]
    return hits / total, hits / (np.flatnonzero(last) + 1)


def _voc(recall: Floats, precision: Floats) -> float:
    return float(np.sum(np.diff(recall, prepend=0.0) * _falling(precision)))


def _coco(recall: Floats, precision: Floats) -> float:
    at = np.searchsorted(recall, _RECALLS, "left")
    return float(np.mean(np.append(_falling(precision), 0.0)[at]))


def _falling(precision: Floats) -> Floats:
    """Return the best precision at this recall or a higher one."""
    highest: Floats = np.maximum.accumulate(precision[::-1])[::-1]
    return highest
