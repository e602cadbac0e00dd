"""What crosses the wall, mutated: replies are a proper value or Untrusted, files are rows or problems, never a crash."""

import contextlib
import io
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Column
from datathon.scoring import explain, outcome
from datathon.scoring.outcome import Bounds, Untrusted, read_parse, read_score, tampered
from datathon.scoring.problem import Problem
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient
from scorers import CODES, diagnosis, table

METRICS = (Bounds("auc", 0.0, 1.0), Bounds("mae", 0.0), Bounds("free"))
PARTS = {"public": 2, "private": 0, "all": 2}
COLUMNS = ["id", "p"]
VALID: tuple[Any, ...] = (
    {"rows": 4},
    {"values": [[0.5, 1.0, -3], [], [1, 0, 1e300]]},
    {"values": [[None, 1.0, 2.0], [], [0.5, None, 0.0]]},
    {"unfit": "p"},
    {"problems": [
        {"code": "value_range", "line": 3, "column": "p", "found": "1.5", "expected": "between",
         "params": {"low": 0.0, "high": 1.0}},
        {"code": "id_missing", "line": None, "column": "id", "found": None, "expected": "this_id", "params": {"id": "é"}},
    ]},
)  # fmt: skip
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), st.just([]), st.just({}),
    st.sampled_from([10**400, -(10**400), 1e308 * 10, -0.0, 2**63, "x" * 9000, "\u202e", "\ud800", [[]], {"a": []},
                     *CODES, *outcome.EXPECTED, "{0.__class__}", "{low!r}"]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@st.composite
def near_valid(draw: st.DrawFn) -> bytes:
    value = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(0, 3))):
        value = replaced(value, draw(st.sampled_from(list(places(value)))), draw(odd))
    raw = bytearray(json.dumps(value).encode())
    for _ in range(draw(st.integers(0, 2))):
        if raw:
            at = draw(st.integers(0, len(raw) - 1))
            raw[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(raw)


replies = st.one_of(near_valid(), st.binary(max_size=300), odd.map(lambda v: json.dumps(v).encode()))


@given(replies)
@settings(max_examples=600)
def test_reply_of_score_is_finite_numbers_in_their_bounds_or_untrusted(reply: bytes) -> None:
    try:
        values = read_score(reply, metrics=METRICS, parts=PARTS)
    except Untrusted:
        return
    if values is None:
        return
    assert {part: len(numbers) for part, numbers in values.items()} == {"public": 3, "private": 0, "all": 3}
    for numbers in values.values():
        for metric in METRICS[: len(numbers)]:
            value = numbers[metric.name]
            assert type(value) is float
            assert math.isfinite(value)
            assert -math.inf if metric.low is None else metric.low <= value
            assert value <= (math.inf if metric.high is None else metric.high)


@given(replies)
@settings(max_examples=600)
def test_reply_of_parse_is_rows_or_problems_that_can_be_said_or_untrusted(reply: bytes) -> None:
    try:
        problems = read_parse(reply, rows=4, columns=COLUMNS)
    except Untrusted:
        return
    assert len(problems) <= 20
    for problem in problems:
        assert problem.code in CODES
        assert problem.column is None or problem.column in COLUMNS
        assert Problem.from_json(json.loads(json.dumps(problem.as_json()))) == problem
        for lang in ("fr", "en"):
            assert len(explain.sentence(problem, lang)) < 10_000


@given(replies)
@settings(max_examples=300)
def test_reply_that_a_column_is_unfit_names_one_or_is_untrusted(reply: bytes) -> None:
    with contextlib.suppress(Untrusted):
        assert tampered(reply, COLUMNS) in {None, *COLUMNS}


def test_every_single_odd_value_in_a_problem_is_read_or_untrusted() -> None:
    for path in places(VALID[-1]):
        for new in ([], {}, [[]], None, True, 10**400, math.nan, "\ud800", "x" * 9000, -1):
            reply = json.dumps(replaced(VALID[-1], path, new)).encode()
            with contextlib.suppress(Untrusted):
                read_parse(reply, rows=4, columns=COLUMNS)


FORM: dict[str, Any] = {
    "id": "id", "rows": 4, "max_bytes": 4096, "row_sum": None,
    "columns": [
        {"name": "p", "type": "number", "min": 0.0, "max": 1.0, "values": []},
        {"name": "n", "type": "integer", "min": None, "max": None, "values": []},
        {"name": "k", "type": "category", "min": None, "max": None, "values": ["x", "y é"]},
    ],
}  # fmt: skip
IDS = "a\nb\nc\né 1".encode()
FILE = "id,p,n,k\na,0.1,1,x\nb,.2,-2,x\nc,3e-1,3,y é\né 1,0.4,4,x\n".encode()
PIECES = [
    b"\0", b'"', b'""', b"\r", b"\r\n", b"\n\n", b",", b";", b"\t", b"\xff", b"\xef\xbb\xbf", "é".encode(), b"nan",
    b"inf", b"1e999", b"1_0", b"0x10", b"9" * 400, b"-0", b" ", b"\x1f\x8b\x08", b"PK\x03\x04", b"'", b"=1+1",
    "\u202e".encode(), "\uff11".encode(), b"a" * 11_000, b"id,p\n", b"a,0.5,1,x\n", b"NaN", b"1,5", b"\x1a", "\x85".encode(),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    raw = bytearray(FILE)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 6))] = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)))
    return bytes(raw)


@given(mutated())
@settings(max_examples=1500)
def test_mutated_file_is_rows_or_problems_and_both_readers_agree(raw: bytes) -> None:
    told, problems = table.read(raw, FORM, IDS)
    assert (told is None) == bool(problems)
    assert len(problems) <= 20
    if problems:
        columns = [FORM["id"], *(c["name"] for c in FORM["columns"])]
        said = read_parse(json.dumps({"problems": problems}).encode(), rows=4, columns=columns)
        assert all(explain.sentence(problem, "fr") and explain.sentence(problem, "en") for problem in said)
    quick = table.quick(raw, FORM, IDS)
    by_the_book, faults = diagnosis.read(raw, FORM, IDS)
    if quick is not None:  # what is read quickly is read the same by the book
        assert faults == []
        assert by_the_book is not None
        assert [c.tolist() for c in quick] == [c.tolist() for c in by_the_book]


@pytest.fixture(scope="module")
def drawn() -> list[bytes]:
    """Mutated files, the same ones every time."""
    import random

    draw = random.Random(7)  # noqa: S311 - made-up files
    files = []
    for _ in range(60):
        raw = bytearray(GOOD)
        for _ in range(draw.randint(1, 3)):
            at = draw.randint(0, len(raw))
            raw[at : at + draw.randint(0, 4)] = draw.choice(PIECES)
        files.append(bytes(raw))
    return files


def test_mutated_file_through_the_real_sandbox_is_never_a_fault_of_the_platform(
    scorer: ScorerClient, drawn: list[bytes], tmp_path: Path
) -> None:
    challenge = make_challenge(tmp_path, columns=(Column("p", minimum=0.0, maximum=1.0),))
    until = time.monotonic() + 40
    reached = set()
    for raw in drawn:
        told = score_file(challenge, io.BytesIO(raw), scorer=scorer)
        assert told.outcome in {"scored", "rejected"}, (raw, told.private_log)
        assert (told.outcome == "rejected") == bool(told.problems)
        reached.add(told.outcome)
        if time.monotonic() > until:
            break
    assert "rejected" in reached


@pytest.mark.parametrize("fault", ["raise ValueError('x')", "import os; os._exit(3)", "return {}", "return {'p': [1]}"])
def test_fault_of_the_scorer_is_never_held_against_a_good_file(
    scorer: ScorerClient, tmp_path: Path, fault: str
) -> None:
    code = f"def parse(file, ctx):\n    {fault}\ndef score(y_true, y_pred, ctx):\n    return {{'mae': 0.0}}\n"
    told = score_file(make_challenge(tmp_path, scorer=code), io.BytesIO(GOOD), scorer=scorer)
    assert (told.outcome, told.code, told.problems) == ("failed", "scorer_error", ())


@given(
    numbers=st.lists(st.floats(width=64), min_size=4, max_size=4),
    others=st.lists(st.floats(width=64) | st.sampled_from([0.25, 0.5, 1e308]), min_size=4, max_size=4),
    whole=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=4, max_size=4),
    codes=st.lists(st.integers(-(2**31), 2**31 - 1) | st.integers(0, 1), min_size=4, max_size=4),
    row_sum=st.sampled_from([None, 1.0]),
)
@settings(max_examples=300)
def test_arrays_of_a_child_taken_over_hold_what_the_contract_allows_or_are_unfit(
    numbers: list[float], others: list[float], whole: list[int], codes: list[int], row_sum: float | None
) -> None:
    import numpy as np

    from scorers import blob, runner

    columns = [
        {"name": "p", "type": "number", "min": 0.0, "max": 1.0, "values": []},
        {"name": "q", "type": "number", "min": None, "max": None, "values": []},
        {"name": "n", "type": "integer", "min": None, "max": None, "values": []},
        {"name": "k", "type": "category", "min": None, "max": None, "values": ["x", "y"]},
    ]
    form = {"columns": columns, "rows": 4, "max_bytes": 4096, "row_sum": row_sum}
    laid_out, size = blob.layout(columns, 4, 4096)
    out = bytearray(size)
    for place, values in zip(laid_out, (numbers, others, whole, codes), strict=True):
        blob.view(out, place)[:] = values
    found = runner._predictions(form, bytes(out))
    if isinstance(found, str):
        assert found in {"p", "q", "n", "k"}
        return
    assert np.isfinite([found["p"], found["q"]]).all()
    assert ((found["p"] >= 0) & (found["p"] <= 1)).all()
    assert (np.abs(found["n"]) < 2**53).all()
    assert set(found["k"].tolist()) <= {"x", "y"}
    if row_sum is not None:
        assert (np.abs(found["p"] + found["q"] + found["n"] - row_sum) <= 1e-5).all()
