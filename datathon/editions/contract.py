"""The public contract of a prediction file, as data: what may stand in it, without a look at the hidden reference.

Made from the challenge file and the sample submission alone. The sandbox checks a file against it, the browser checks
it before anything is sent, and teams download it as a Table Schema (Data Package standard).
"""

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from datathon.editions.rules import Challenge, Column, SubmissionFormat

PROFILE = "https://datapackage.org/profiles/2.1/tableschema.json"
NOT_VALUES = ("", "NA", "N/A", "#N/A", "na", "n/a", "null", "NULL", "none", "None", "-", "nan", "NaN", "NAN", "inf",
              "-inf", "INF", "-INF", "Inf", "-Inf", "Infinity", "-Infinity")  # fmt: skip
"""Ways to write that a number is missing or not finite; a required field refuses them all."""

_OWN_READING = re.compile(rb"^def parse\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Contract:
    """``ids`` are those of the sample submission in its order; ``ids_sha256`` is of them in UTF-8, one a line."""

    form: SubmissionFormat
    sample: str
    ids: tuple[str, ...]
    ids_sha256: str

    @property
    def rows(self) -> int:
        """Rows that a file has, its header apart."""
        return len(self.ids)


def contract(challenge: Challenge) -> Contract | None:
    """Return the contract of a challenge's prediction files.

    None where there is none: no predictions, no readable sample, or a scorer that reads files its own way (``parse``).
    """
    if challenge.submission is None or challenge.sample is None:
        return None
    path = challenge.folder / challenge.sample
    try:
        if challenge.scorer is not None and _OWN_READING.search((challenge.folder / challenge.scorer).read_bytes()):
            return None
        state = path.stat()
        return _read(challenge.submission, path, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError):
        return None


@lru_cache(maxsize=64)
def _read(form: SubmissionFormat, path: Path, _changed_ns: int, _size: int) -> Contract:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        at = next(rows, []).index(form.id)
        ids = tuple(row[at] for row in rows if len(row) > at)
    return Contract(form, path.name, ids, hashlib.sha256("\n".join(ids).encode()).hexdigest())


def column_form(column: Column) -> dict[str, Any]:
    """Return a column as the sandbox and the browser are told about it."""
    return {
        "name": column.name,
        "type": column.type,
        "min": column.minimum,
        "max": column.maximum,
        "values": list(column.values),
        "max_length": column.max_length,
        "empty": column.empty,
        "format": column.format,
        "pixels": column.pixels,
    }


def file_form(agreed: Contract) -> dict[str, Any]:
    """Return what a reader of files needs to know, in the words of ``scorers.table.read``."""
    return {
        "id": agreed.form.id,
        "columns": [column_form(c) for c in agreed.form.columns],
        "rows": agreed.rows,
        "max_bytes": agreed.form.max_bytes,
        "row_sum": agreed.form.row_sum,
    }


def table_schema(agreed: Contract, *, title: str, sample_url: str) -> dict[str, Any]:
    """Return the contract as a Table Schema descriptor that can be written as JSON.

    What the standard has no word for stands under keys of our own, ``datathon:…``: number of rows, sum of a row, size of
    the file, and where the ids are. The standard is stricter in one point: it takes no "2.0" for an integer.
    """
    key = {"name": agreed.form.id, "type": "string", "constraints": {"required": True, "unique": True}}
    return {
        "$schema": PROFILE,
        "title": title,
        "fields": [key, *(_field(c) for c in agreed.form.columns)],
        "fieldsMatch": "equal",
        "primaryKey": [agreed.form.id],
        "missingValues": [""],
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True, "skipInitialSpace": False},
        "datathon:rows": agreed.rows,
        "datathon:rowSum": agreed.form.row_sum,
        "datathon:maxBytes": agreed.form.max_bytes,
        "datathon:ids": {
            "count": agreed.rows,
            "sha256": agreed.ids_sha256,
            "file": agreed.sample,
            "url": sample_url,
            "column": agreed.form.id,
        },
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True}
    field: dict[str, Any] = {"name": column.name, "type": column.type, "constraints": constraints}
    if column.type in {"number", "integer"}:
        field["missingValues"] = list(NOT_VALUES)
        if column.minimum is not None:
            constraints["minimum"] = column.minimum
        if column.maximum is not None:
            constraints["maximum"] = column.maximum
        return field
    field["type"] = "string"
    if column.type == "category":
        constraints["enum"] = list(column.values)
    else:
        constraints["maxLength"] = column.max_length
        constraints["required"] = not column.empty
        if column.format:
            field["datathon:format"] = column.format
            field["datathon:pixels"] = column.pixels
    return field
