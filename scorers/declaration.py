"""The words a shipped metric is declared in. Data only: reading a declaration imports no metric."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

NUMBERS = ("number", "integer")
CLASSES = ("category", "integer", "string", "number")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter ``challenge.toml`` may give.

    ``kind`` is "number", "integer", "boolean", "choice" (one of ``choices``), "label" (a value of the truth, text or
    number), "weight" (names a column of the reference with numbers from 0) or "group" (names any column of it),
    "submitted" (names a submitted column), "numbers" (a list) or "levels" (numbers by submitted column). Numbers
    lie in [``low``, ``high``] (None: unbounded; ``above``: ``low`` itself is excluded). ``default`` None: none.
    """

    name: str
    kind: str
    about: str
    default: float | str | tuple[float, ...] | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    above: bool = False
    required: bool = False


WEIGHT = Param("weight", "weight", "column of the reference that weighs the rows, zero or more")
GROUP = Param("group", "group", "column of the reference: the metric is computed in each of its groups, then averaged")
POSITIVE = Param("pos_label", "label", "the positive class", 1)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One shipped metric.

    ``direction`` is "lower" or "higher" (is better); values lie in [``low``, ``high``], None: unbounded.
    ``module`` of ``scorers`` holds the function of the same name.

    What the challenge must offer: ``columns`` truth columns are "one", "many" (two at least) or "any", of types
    ``kinds``, and declare bounds inside ``within``. ``spread``: a single truth column may hold, in each row, the name of
    the right one of several submitted columns; ``whole``: a single truth column is compared with all submitted columns,
    told apart by parameters. ``written`` is the format its text columns must declare, "" any. ``needs`` of the submission: "classes" (categories, or whole numbers
    from ``min`` to ``max``), "row_sum" (several columns sum to 1). ``truth`` is what each part needs, in each group:
    "binary" (0 or 1), "two_classes", "positive", "varied", "nonzero", "two_rows".

    ``varied``: a constant submission has no value. ``losses`` tells how the value comes from losses by row (lower is
    better), "" when it does not: "mean", "root" (square root of the mean) or "rest" (1 - mean). ``counted`` tells from which
    sums over rows a value that is no mean can be made again, a kind of ``scorers.sums``. ``extra`` names the
    module that must be installed beside the service's large libraries, None: numpy is enough. ``about`` and ``edges``
    are for the documentation.
    """

    name: str
    version: str
    direction: str
    low: float | None
    high: float | None
    module: str
    columns: str = "any"
    params: tuple[Param, ...] = ()
    kinds: tuple[str, ...] = NUMBERS
    within: tuple[float | None, float | None] = (None, None)
    spread: bool = False
    whole: bool = False
    written: str = ""
    needs: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    varied: bool = False
    losses: str = ""
    counted: str = ""
    extra: str | None = None
    about: str = ""
    edges: str = ""

    @property
    def best(self) -> float | None:
        """Value no prediction can beat; None when unbounded."""
        return self.low if self.direction == "lower" else self.high

    def at_truth(self, params: Mapping[str, object]) -> float | None:
        """Value of the truth itself; None when unbounded, or when ``params`` let rows without a truth count 0."""
        settled = {p.name: params.get(p.name, p.default) for p in self.params}
        lost = "zero" in {settled.get("both_empty"), settled.get("without_truth")}
        return None if lost else self.best

    @property
    def param_names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(p.name for p in self.params)

    def has_losses(self, *, columns: int, grouped: bool) -> bool:
        """Whether the value over ``columns`` truth columns is made of losses by row: a mean of several roots is not."""
        return bool(self.losses) and not (self.losses == "root" and (columns > 1 or grouped))

    def made_by(self, *, columns: int, grouped: bool) -> str:
        """Return how the value over ``columns`` truth columns comes from what each row brings, a kind of ``sums``, or ""."""
        if self.has_losses(columns=columns, grouped=grouped):
            return self.losses
        if grouped:
            return "groups" if self.direction == "lower" else "groups_rest"
        return self.counted if columns == 1 or self.counted == "ratio" else ""

    def unmatched(self, params: Mapping[str, object], submitted: Collection[str]) -> tuple[str, str] | None:
        """Return the first parameter that names a column which is not ``submitted``, and that name, or None."""
        for param in self.params:
            value = params.get(param.name)
            named = [value] if param.kind == "submitted" else value if param.kind == "levels" else []
            for name in named if isinstance(named, list | Mapping) else []:
                if name is not None and name not in submitted:
                    return param.name, str(name)
        return None

    def refused(self, params: Mapping[str, object]) -> tuple[str, str] | None:
        """Return the first unfit parameter and what was expected of it, or None when all will do."""
        for given in params:
            if given not in self.param_names:
                return given, f"{self.name} has no such parameter"
        for param in self.params:
            if param.name not in params:
                if param.required:
                    return param.name, f"{self.name} needs it: {param.about}"
                continue
            expected = _expected(params[param.name], param)
            if expected:
                return param.name, f"{expected} expected, found {params[param.name]!r}"
        return None


def _expected(value: object, param: Param) -> str:
    """Return what was expected where ``value`` does not fit ``param``, else ""."""
    number = _is_number(value)
    named = isinstance(value, str) and value != ""
    wanted = {
        "weight": (named, "a column of the reference"),
        "group": (named, "a column of the reference"),
        "submitted": (named, "a submitted column"),
        "choice": (value in param.choices, "one of " + ", ".join(param.choices)),
        "label": (number or isinstance(value, str), "a value of the truth"),
        "boolean": (isinstance(value, bool), "true or false"),
    }.get(param.kind)
    if wanted is not None:
        return "" if wanted[0] else wanted[1]
    if param.kind in {"numbers", "levels"}:
        return _several(value, param)
    if (param.kind == "integer" and not isinstance(value, int)) or not number:
        return "a whole number" if param.kind == "integer" else "a number"
    return _outside(float(value), param)  # type: ignore[arg-type]  # a number by now


def _several(value: object, param: Param) -> str:
    given = [*value.values()] if param.kind == "levels" and isinstance(value, Mapping) else value
    if not isinstance(given, list | tuple) or not given or not all(map(_is_number, given)):
        return "a list of numbers" if param.kind == "numbers" else "numbers by submitted column"
    said = next(filter(None, (_outside(float(one), param) for one in given)), "")
    return f"numbers of {said}" if said else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _outside(value: float, param: Param) -> str:
    if not math.isfinite(value):
        return "a finite number"
    if param.low is not None and (value <= param.low if param.above else value < param.low):
        return f"more than {param.low:g}" if param.above else f"at least {param.low:g}"
    return f"at most {param.high:g}" if param.high is not None and value > param.high else ""
