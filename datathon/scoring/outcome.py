"""What came out of scoring a file, and how a sandboxed child's reply becomes it. Pure; trusts no reply."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datathon.scoring import explain
from datathon.scoring.problem import Problem
from scorers import CODES

SCORED, REJECTED, FAILED = "scored", "rejected", "failed"
REJECTION_CODES = CODES
FAILURE_CODES = ("timeout", "memory", "scorer_error", "no_score", "sandbox_refused")
PARTS = ("public", "private", "all")

EXPECTED = frozenset(
    {"", "at_least", "at_most", "a_value", "between", "boxes", "column", "column_exactly", "columns", "comma", "csv_text",
     "decimal_point", "fields", "fields_point", "finite", "header_line", "id_once", "id_written", "id_zeros",
     "cpu_seconds", "known_id", "known_module", "main_file", "max_bytes", "memory_mb", "no_boolean", "no_error", "no_grouping",
     "no_index", "no_percent", "number", "once", "one_of", "only_inputs", "plain_digits", "plain_text", "predict_function",
     "predictions", "python_or_zip", "quotes", "readable_zip", "returns", "safe_archive", "wall_seconds", "runs", "runs_apart", "runs_inside", "short_field", "short_text", "some_rows", "sum", "text", "this_id", "utf8", "whole_number"}
)  # fmt: skip
"""Keys of what may be expected; ``explain`` has a sentence for each."""

_MOST_PROBLEMS = 20
_TEXT_CHARACTERS = 300
_ENDS = {"cpu": "timeout", "wall": "timeout", "memory": "memory"}


class Untrusted(Exception):  # noqa: N818 - says what the reply is
    """A reply does not have the agreed shape; the text is for organisers."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What each row brings to the ranking metric, in the order of the public ids: a loss (lower is better), or numbers.

    ``values`` are little-endian doubles, as many for each row as ``made_by`` has in ``scorers.sums.WIDTHS``, nan where
    a row is in neither part; ``parts`` one byte per row: 0 public, 1 private, 2 neither. The metric of a part is the
    mean of its losses ("mean"), the square root of it ("root"), 1 minus it ("rest"), or made of sums over its rows, as
    ``made_by`` says; weights and groups are already in it, part by part.
    """

    made_by: str
    values: bytes
    parts: bytes


@dataclass(frozen=True, slots=True)
class ScoringOutcome:
    """Everything known after one attempt; see ``datathon score --json``.

    ``outcome`` is "scored", "rejected" (the file is at fault, ``problems`` say how) or "failed" (the platform or the
    organiser's scorer is; ``logs`` say what each stage wrote, see ``traces``). ``values`` are part -> metric -> finite double, empty
    unless scored; ``losses`` those of the first metric where it has them, as secret as the labels. Digests are "sha256:<hex>", empty where the attempt ended before they were known.
    """

    outcome: str
    code: str | None = None
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scorer: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    submission: str = ""
    environment: str = ""
    libraries: Mapping[str, str] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    resources: Mapping[str, float] = field(default_factory=dict)
    sandbox: str = ""
    basis: str = ""
    logs: Mapping[str, str] = field(default_factory=dict)
    losses: Losses | None = None

    @property
    def private_log(self) -> str:
        """What every stage wrote, one after the other; SCORE's part may hold labels."""
        return "\n".join(f"{stage}: {text}" for stage, text in self.logs.items())

    def as_json(self) -> dict[str, Any]:
        """Return the object of ``datathon score --json``; the private log is not part of it."""
        return {
            "outcome": self.outcome,
            "code": self.code,
            "messages": [
                {**p.as_json(), "expected": explain.expected(p, "en"), "text": explain.sentence(p, "en")}
                for p in self.problems
            ],
            "values": {part: dict(values) for part, values in self.values.items()},
            "scorer": dict(self.scorer),
            "reference": self.reference,
            "submission": self.submission,
            "environment": self.environment,
            "libraries": dict(self.libraries),
            "timings_ms": dict(self.timings_ms),
            "resources": dict(self.resources),
            "sandbox": self.sandbox,
        }


@dataclass(frozen=True, slots=True)
class Bounds:
    """A declared metric with the range its values must lie in (None: unbounded)."""

    name: str
    low: float | None = None
    high: float | None = None


def failure_code(end: str) -> str:
    """Return the failure code for the way a child ended, as its supervisor saw it."""
    return _ENDS.get(end, "scorer_error")


def read_parse(reply: bytes, *, rows: int, columns: Sequence[str]) -> tuple[Problem, ...]:
    """Return the problems a PARSE child reported, none when it read all ``rows``; raises Untrusted."""
    told = _object(reply)
    if told == {"rows": rows}:
        return ()
    problems = told.get("problems")
    if set(told) != {"problems"} or not isinstance(problems, list) or not 1 <= len(problems) <= _MOST_PROBLEMS:
        raise Untrusted("neither rows nor 1 to 20 problems")
    return tuple(_problem(p, columns) for p in problems)


def read_predict(reply: bytes, *, most: int) -> tuple[int, tuple[Problem, ...]]:
    """Return how many bytes of predictions a program left, at most ``most``, or 0 and its problems; raises Untrusted."""
    told = _object(reply)
    size = told.get("bytes")
    if set(told) == {"bytes"} and type(size) is int and 0 <= size <= most:
        return size, ()
    problems = told.get("problems")
    if set(told) != {"problems"} or not isinstance(problems, list) or len(problems) != 1:
        raise Untrusted("neither predictions nor a problem")
    problem = _problem(problems[0], ())
    if problem.code not in {"program_error", "archive_unsafe", "too_large", "format"}:
        raise Untrusted("not a problem of a program")
    return 0, (problem,)


def read_score(
    reply: bytes, *, metrics: Sequence[Bounds], parts: Mapping[str, int]
) -> dict[str, dict[str, float]] | None:
    """Return the values a SCORE child reported, None where a metric has no value; raises Untrusted.

    ``parts`` gives the rows of each part: one without rows has no values, the others exactly one number per metric,
    finite and within its bounds.
    """
    told = _object(reply)
    given = told.get("values")
    if set(told) != {"values"} or not isinstance(given, list) or len(given) != len(PARTS):
        raise Untrusted("no values for the three parts")
    values: dict[str, dict[str, float]] = {}
    defined = True
    for part, numbers in zip(PARTS, given, strict=True):
        count = len(metrics) if parts[part] else 0
        if not isinstance(numbers, list) or len(numbers) != count:
            raise Untrusted(f"{part}: {count} values expected")
        values[part] = {}
        for metric, number in zip(metrics, numbers, strict=False):
            if number is None:
                defined = False
            else:
                values[part][metric.name] = _value(number, metric, part)
    return values if defined else None


def tampered(reply: bytes, columns: Sequence[str]) -> str | None:
    """Return the column a SCORE child found unfit, or None when that is not what it says; raises Untrusted."""
    told = _object(reply)
    return told["unfit"] if set(told) == {"unfit"} and told["unfit"] in columns else None


def _value(number: object, metric: Bounds, part: str) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Untrusted(f"{metric.name} ({part}) is not a number")
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Untrusted(f"{metric.name} ({part}) is not finite")
    if (metric.low is not None and value < metric.low) or (metric.high is not None and value > metric.high):
        raise Untrusted(f"{metric.name} ({part}) = {value!r} is outside its declared range")
    return value


def _object(reply: bytes) -> dict[str, Any]:
    try:
        told = json.loads(reply)
    except (ValueError, RecursionError) as error:
        raise Untrusted("not JSON") from error
    if not isinstance(told, dict):
        raise Untrusted("not an object")
    return told


def _problem(told: object, columns: Sequence[str]) -> Problem:
    if not isinstance(told, dict) or set(told) != {"code", "line", "column", "found", "expected", "params"}:
        raise Untrusted("a problem has other fields")
    line, column, found, params = told["line"], told["column"], told["found"], told["params"]
    if told["code"] not in CODES or not isinstance(told["expected"], str) or told["expected"] not in EXPECTED:
        raise Untrusted("unknown code or expectation")
    if line is not None and (type(line) is not int or not 1 <= line <= 10**9):
        raise Untrusted("a line is not a line number")
    if column is not None and column not in columns:
        raise Untrusted("a column was not declared")
    if found is not None and not _plain(found):
        raise Untrusted("found is not a short plain text")
    if not isinstance(params, dict) or len(params) > 5 or not all(_parameter(k, v) for k, v in params.items()):
        raise Untrusted("parameters are not short plain values")
    return Problem(told["code"], line, column, found, told["expected"], params)


def _parameter(key: str, value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return key.isidentifier() and len(key) <= 20 and (value is None or number or _plain(value))


def _plain(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _TEXT_CHARACTERS * 2 and (not text or text.isprintable())
