"""What runs inside a sealed child: PARSE without labels, SCORE without the submitted bytes.

Both return what goes back through the reply pipe; the other side trusts none of it. Nothing here opens, imports or
starts anything on its own: descriptors and buffers come ready.
"""

import io
import json
import linecache
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from scorers import Context, Reject, Undefined, blob, diagnosis, table, written
from scorers.shipped import Shipped, functions, inputs_of
from scorers.sniffing import shown

__all__ = ["PARTS", "functions", "parse", "score"]

PARTS = ("public", "private", "all")
_TEXT_CHARACTERS = 300

Arrays = dict[str, npt.NDArray[Any]]
Log = Callable[[str], None]


def parse(form: dict[str, Any], raw: Callable[[], bytes], file: io.BufferedIOBase, ids: bytes, out: Any,
          source: bytes | None) -> bytes:  # fmt: skip
    """Read a submission into ``out``, laid out by ``scorers.blob.layout``; return the reply.

    The reply is ``{"rows": n}`` or ``{"problems": […]}``. ``source`` is a custom scorer; its ``parse``, if it has one,
    replaces the CSV reading. Whatever that raises besides Reject is the organiser's fault and passes through.
    """
    custom = None if source is None else _load(source).get("parse")
    if custom is None:
        columns, problems = table.read(raw(), form, ids)
    else:
        columns, problems = _custom_parse(custom, form, file, ids)
    if columns is None:
        return json.dumps({"problems": problems}, ensure_ascii=True).encode()
    places, _ = blob.layout(form["columns"], form["rows"], form["max_bytes"])
    text = 0
    for place, values in zip(places, columns, strict=True):
        if place.dtype == blob.TEXT:
            text = blob.write_texts(out, place, list(values), text)
        else:
            blob.view(out, place)[:] = values
    return json.dumps({"rows": form["rows"]}).encode()


def _custom_parse(function: Callable[..., Any], form: dict[str, Any], file: io.BufferedIOBase,
                  ids: bytes) -> tuple[list[npt.NDArray[Any]] | None, list[dict[str, Any]]]:  # fmt: skip
    context = Context(ids.decode().split("\n"), "", _params(form), _rng(form))
    try:
        given = function(file, context)
    except Reject as refusal:
        expected, params = ("text", {"text": shown(refusal.text, _TEXT_CHARACTERS)}) if refusal.text else ("", {})
        column = None if refusal.column is None else str(refusal.column)
        return None, [{"code": refusal.code, "line": refusal.line, "column": column, "found": None,
                       "expected": expected, "params": params}]  # fmt: skip
    return [_stored(given[c["name"]], c, form["rows"]) for c in form["columns"]], []


def _stored(values: Any, column: dict[str, Any], rows: int) -> npt.NDArray[Any]:
    """Return what ``parse`` gave for one column as it is stored; raises ValueError when it cannot be."""
    array = np.asarray(values)
    if array.shape != (rows,):
        raise ValueError(f"parse: {column['name']} has shape {array.shape}, expected ({rows},)")
    if column["type"] == "number":
        return array.astype(np.float64)
    if column["type"] == "integer":
        return array.astype(np.int64)
    texts = [str(value) for value in array]
    if column["type"] == "category":
        return np.array([column["values"].index(text) for text in texts], np.int32)
    if max(map(len, texts), default=0) > blob.longest(column):
        raise ValueError(f"parse: {column['name']} has a text longer than max_length")
    return np.array([text.encode() for text in texts], dtype=object)


def score(form: dict[str, Any], arrays: Any, labels: Any, ids: bytes, source: bytes | None,
          known: Mapping[str, Shipped], log: Log, losses: Any = None) -> bytes:  # fmt: skip
    """Score the columns in ``arrays`` against the prepared reference ``labels``; return the reply.

    The reply is ``{"values": [[…public…], […private…], […all…]]}`` in the order of the declared metrics, null where a
    metric has no value, [] for a part without rows; or ``{"unfit": column}`` when ``arrays`` hold what PARSE cannot
    have let through. Names and text never leave this way; ``log`` is read by organisers only. ``losses``, doubles
    row after row, takes what each row of the public and the private part brings to the first metric (see
    ``scorers.sums``), nan elsewhere.
    """
    predicted = _predictions(form, arrays)
    if isinstance(predicted, str):
        return json.dumps({"unfit": predicted}).encode()
    columns, _ = blob.unpack(labels)
    where = columns.pop("part")
    custom = None if source is None else _load(source)["score"]
    by_row = None if losses is None else _room(losses, form)
    if by_row is not None:
        by_row[:] = np.nan
    values: list[list[float | None]] = []
    for part in PARTS:
        mask = (where <= 1) if part == "all" else where == PARTS.index(part)
        if not mask.any():
            values.append([])
            continue
        rows = slice(None) if mask.all() else mask
        there = {name: _texts(column[rows]) for name, column in columns.items()}
        here = {name: column[rows] for name, column in predicted.items()}
        brought = None
        if custom is None:
            values.append([_value(known[m["name"]], m, form, there, here, part, log) for m in form["metrics"]])
        else:
            own_ids = np.array(ids.decode().split("\n"))[rows]
            found, brought = _custom_score(custom, form, there, here, part, own_ids, log)
            values.append(found)
        if by_row is not None and part != "all" and values[-1][0] is not None:
            by_row[rows] = _losses(known, form, there, here) if custom is None else _own_losses(brought, mask)
    return json.dumps({"values": values}, allow_nan=False).encode()


def _predictions(form: dict[str, Any], arrays: Any) -> Arrays | str:
    """Return the columns, or the name of the first one that holds what the declared type forbids."""
    places, _ = blob.layout(form["columns"], form["rows"], form["max_bytes"])
    found: Arrays = {}
    for place, column in zip(places, form["columns"], strict=True):
        if place.dtype == blob.TEXT:
            texts = blob.read_texts(arrays, place)
            if texts is None or not written.all_fit(texts, column):
                return place.name
            found[place.name] = np.array(texts, dtype=object)
            continue
        values = blob.view(arrays, place)
        low, high = column.get("min"), column.get("max")
        if column["type"] == "number" and not np.isfinite(values).all():
            return place.name
        if column["type"] == "category":
            low, high = 0, len(column["values"]) - 1
        elif column["type"] == "integer":
            low = -diagnosis.WHOLE_LIMIT if low is None else low
            high = diagnosis.WHOLE_LIMIT if high is None else high
        if (low is not None and (values < low).any()) or (high is not None and (values > high).any()):
            return place.name
        if column["type"] == "category":
            values = np.array(column["values"])[values]
        found[place.name] = values
    return found if _sums_fit(found, form) else str(form["columns"][0]["name"])


def _sums_fit(found: Arrays, form: dict[str, Any]) -> bool:
    numeric = [found[c["name"]] for c in form["columns"] if c["type"] in {"number", "integer"}]
    if form.get("row_sum") is None or not numeric:
        return True
    with np.errstate(over="ignore"):
        sums = np.sum(numeric, axis=0)
    # PARSE adds up exactly, this rounds a little.
    return bool((np.abs(sums - form["row_sum"]) <= 2 * diagnosis.SUM_TOLERANCE).all())


def _texts(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values


def _value(metric: Shipped, asked: dict[str, Any], form: dict[str, Any], reference: Arrays, predicted: Arrays,
           part: str, log: Log) -> float | None:  # fmt: skip
    try:
        return metric.value(inputs_of(metric.declaration, asked["params"], form, reference, predicted))
    except Undefined as reason:
        log(f"{asked['name']} ({part}): {reason}\n")
        return None


def _room(losses: Any, form: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return where the numbers of each row go, shape (rows, numbers)."""
    return np.frombuffer(losses, "<f8").reshape(form["rows"], -1)


def _losses(known: Mapping[str, Shipped], form: dict[str, Any], reference: Arrays, predicted: Arrays) -> Any:
    """Return what each row brings to the first metric; its value exists."""
    asked = form["metrics"][0]
    metric = known[asked["name"]]
    return metric.brought(inputs_of(metric.declaration, asked["params"], form, reference, predicted))


def _custom_score(function: Callable[..., Any], form: dict[str, Any], reference: Arrays, predicted: Arrays, part: str,
                  ids: npt.NDArray[Any], log: Log) -> tuple[list[float | None], Any]:  # fmt: skip
    """Return the values of a custom scorer and what it gave as ``row_losses``, None without."""
    truth = {name.removeprefix("truth:"): v for name, v in reference.items() if name.startswith("truth:")}
    others = {name.removeprefix("column:"): v for name, v in reference.items() if name.startswith("column:")}
    context = Context([str(i) for i in ids], part, _params(form), _rng(form), others)
    try:
        given = function(truth, predicted, context)
    except Undefined as reason:
        log(f"score ({part}): {reason}\n")
        return [None for _ in form["metrics"]], None
    values: list[float | None] = []
    for metric in form["metrics"]:
        value = float(given[metric["name"]])
        if not np.isfinite(value):
            log(f"{metric['name']} ({part}): {value}\n")
        values.append(value if np.isfinite(value) else None)
    return values, given.get("row_losses")


def _own_losses(given: Any, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return a custom scorer's losses, one a row; raises ValueError for anything else: the challenge promised them."""
    if given is None:
        raise ValueError("score: no row_losses, which challenge.toml declares")
    found = np.asarray(given, np.float64)
    if found.shape != (np.count_nonzero(mask),):
        raise ValueError(f"score: row_losses has shape {found.shape}, expected ({np.count_nonzero(mask)},)")
    return found[:, None]


def _params(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {m["name"]: dict(m["params"]) for m in form["metrics"]}


def _rng(form: dict[str, Any]) -> np.random.Generator:
    """Return the job's generator; seeds the global ones too, for scorers that use them."""
    random.seed(form["seed"])
    np.random.seed(form["seed"] % 2**32)  # noqa: NPY002 - custom scorers may draw from the old global state
    return np.random.default_rng(form["seed"])


def _load(source: bytes) -> dict[str, Any]:
    """Run a custom scorer's source as a module and return its names; it imports only what is already loaded."""
    text = source.decode("utf-8")
    # Lets a traceback show the lines without opening a file, which a sealed process cannot.
    linecache.cache["scorer.py"] = (len(text), None, text.splitlines(keepends=True), "scorer.py")
    names: dict[str, Any] = {"__name__": "scorer", "__file__": "scorer.py"}
    exec(compile(text, "scorer.py", "exec"), names)  # noqa: S102 - the organiser's scorer; this child is sealed
    return names
