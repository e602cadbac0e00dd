"""What a scorer is written against: the other side of the wall, where hidden labels are.

A custom ``scorer.py`` holds ``score(y_true, y_pred, ctx)`` and, where the built-in CSV reading does not fit,
``parse(file, ctx)``; it imports ``Reject`` from here to refuse a file. Standard library only; nothing of ``datathon``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Score = Mapping[str, float]
"""What ``score`` returns: metric name -> finite number. The direction is declared, never guessed."""

CODES = (
    "empty",
    "too_large",
    "encoding",
    "not_csv",
    "header_missing",
    "header_unknown",
    "header_duplicate",
    "row_width",
    "id_missing",
    "id_unknown",
    "id_duplicate",
    "value_missing",
    "value_type",
    "value_not_finite",
    "value_range",
    "row_sum",
    "archive_unsafe",
    "format",
    "program_error",
    "program_limit",
)
"""Why a file may be refused; a closed list."""


class Reject(Exception):  # noqa: N818 - named for what a scorer's author says with it
    """Refuses a submitted file, from ``parse`` only; the team is shown code, text, line and column.

    ``code`` is one of ``CODES``; another one becomes "format". ``line`` counts physical lines from 1.
    """

    def __init__(self, code: str, text: str = "", *, line: int | None = None, column: str | None = None) -> None:
        """Keep what the team will read."""
        super().__init__(text or code)
        self.code = code if code in CODES else "format"
        self.text = text
        self.line = line
        self.column = column


class Undefined(Exception):  # noqa: N818 - names the state of the metric
    """The metric has no value on these data (one class only, no rows); the outcome is ``no_score``, never nan."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a custom scorer knows besides the values.

    ``ids`` of the rows at hand, in the order of the arrays; ``part`` is "public", "private" or "all" ("" in ``parse``);
    ``params`` of the metrics by metric name; ``columns`` the reference's other columns (weights, groups; empty in
    ``parse``); ``rng`` a numpy Generator seeded by the submission's digest: the same file gives the same numbers.
    """

    ids: Sequence[str]
    part: str
    params: Mapping[str, Mapping[str, Any]]
    rng: "np.random.Generator"
    columns: Mapping[str, "npt.NDArray[Any]"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a shipped metric is given for one part.

    ``truth`` and ``predicted`` have shape (rows,) for one column and (rows, columns) for several, aligned by row and
    by column, the columns called ``names``. Where a metric takes the name of the right column for its truth, ``truth``
    is 1 there and 0 elsewhere. ``classes`` are the declared values in their order, or None. ``weight`` (numbers) and
    ``group`` (any values) have shape (rows,) or are None. ``params`` are the metric's own parameters, defaults filled
    in; a metric never sees ``group``: it is called once for each.
    """

    truth: "npt.NDArray[Any]"
    predicted: "npt.NDArray[Any]"
    weight: "npt.NDArray[np.float64] | None" = None
    params: Mapping[str, Any] = field(default_factory=dict)
    classes: "npt.NDArray[Any] | None" = None
    names: tuple[str, ...] = ()
    group: "npt.NDArray[Any] | None" = None


__all__ = ["CODES", "Context", "Inputs", "Reject", "Score", "Undefined"]
