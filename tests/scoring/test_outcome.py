"""Replies of sandboxed children are believed in nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.scoring import explain
from datathon.scoring.outcome import (
    EXPECTED,
    FAILURE_CODES,
    Bounds,
    Problem,
    Untrusted,
    failure_code,
    read_parse,
    read_score,
)
from scorers import CODES

METRICS = (Bounds("auc", 0.0, 1.0), Bounds("mae", 0.0))
PARTS = {"public": 2, "private": 3, "all": 5}
GOOD = [[0.5, 1.0], [0.25, 2.0], [0.5, 1.5]]
PROBLEM = {"code": "value_type", "line": 2, "column": "p", "found": "x", "expected": "number", "params": {}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["values", "rows", "problems", "code"]), inner)
    ),
    max_leaves=12,
)


def test_values_in_the_agreed_shape_are_read() -> None:
    assert read_score(json.dumps({"values": GOOD}).encode(), metrics=METRICS, parts=PARTS) == {
        "public": {"auc": 0.5, "mae": 1.0},
        "private": {"auc": 0.25, "mae": 2.0},
        "all": {"auc": 0.5, "mae": 1.5},
    }


def test_metric_without_a_value_gives_no_score() -> None:
    assert read_score(b'{"values": [[0.5, 1], [null, 1], [0.5, 1]]}', metrics=METRICS, parts=PARTS) is None


def test_part_without_rows_has_no_values() -> None:
    values = read_score(b'{"values": [[0.5, 1], [], [0.5, 1]]}', metrics=METRICS, parts={**PARTS, "private": 0})
    assert values is not None
    assert values["private"] == {}


@pytest.mark.parametrize("reply", [
    b"", b"nothing", b"[]", b"null", b"{}", b'{"values": 3}', b'{"values": [[0.5, 1], [0.5, 1]]}',
    b'{"values": [[0.5], [0.5], [0.5]]}', b'{"values": [[0.5, 1, 2], [0.5, 1], [0.5, 1]]}',
    b'{"values": [[2.0, 1], [0.5, 1], [0.5, 1]]}', b'{"values": [[0.5, -1], [0.5, 1], [0.5, 1]]}',
    b'{"values": [[NaN, 1], [0.5, 1], [0.5, 1]]}', b'{"values": [[0.5, Infinity], [0.5, 1], [0.5, 1]]}',
    b'{"values": [[true, 1], [0.5, 1], [0.5, 1]]}', b'{"values": [["0.5", 1], [0.5, 1], [0.5, 1]]}',
    b'{"values": [[0.5, 1e999], [0.5, 1], [0.5, 1]]}', b'{"values": [[0.5, 1], [0.5, 1], [0.5, 1]], "more": 1}',
    b"[" * 100_000, b'{"values": [[0.5, ' + b"9" * 4000 + b"], [0.5, 1], [0.5, 1]]}",
])  # fmt: skip
def test_values_in_any_other_shape_are_refused(reply: bytes) -> None:
    with pytest.raises(Untrusted):
        read_score(reply, metrics=METRICS, parts=PARTS)


@given(st.one_of(st.binary(max_size=200), json_values.map(lambda v: json.dumps(v).encode())))
def test_any_reply_is_read_or_refused(reply: bytes) -> None:
    for read in (
        lambda: read_score(reply, metrics=METRICS, parts=PARTS),
        lambda: read_parse(reply, rows=4, columns=["p"]),
    ):
        try:
            read()  # type: ignore[no-untyped-call]
        except Untrusted:
            continue


@pytest.mark.parametrize("change", [
    {"code": "shell"}, {"line": 0}, {"line": True}, {"line": "1"}, {"column": "other"}, {"found": "x" * 5000},
    {"found": "a\nb"}, {"found": 3}, {"expected": "anything"}, {"params": []}, {"params": {"a b": 1}},
    {"params": {"low": [1]}}, {"params": {"low": "x" * 5000}}, {"params": {"text": "\u202e"}}, {"more": 1},
])  # fmt: skip
def test_problem_in_another_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Untrusted):
        read_parse(json.dumps({"problems": [{**PROBLEM, **change}]}).encode(), rows=4, columns=["p"])


@pytest.mark.parametrize("count", [0, 21])
def test_number_of_problems_is_bounded(count: int) -> None:
    with pytest.raises(Untrusted):
        read_parse(json.dumps({"problems": [PROBLEM] * count}).encode(), rows=4, columns=["p"])


def test_rows_other_than_asked_for_are_refused() -> None:
    with pytest.raises(Untrusted):
        read_parse(b'{"rows": 3}', rows=4, columns=["p"])


def test_problem_survives_storage() -> None:
    problem = read_parse(json.dumps({"problems": [PROBLEM]}).encode(), rows=4, columns=["p"])[0]
    assert Problem.from_json(json.loads(json.dumps(problem.as_json()))) == problem


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words(code: str, lang: str) -> None:
    assert explain.sentence(Problem(code, line=3), lang)
    assert explain.what(Problem(code), lang) != explain.what(Problem("format"), lang) or code == "format"


def test_every_expectation_has_words() -> None:
    assert set(explain._EXPECTED) == EXPECTED


def test_sentence_names_place_found_and_expected() -> None:
    problem = Problem("value_range", 3, "p", "1.5", "between", {"low": 0.0, "high": 1.0})
    assert explain.sentence(problem, "fr") == (
        "Ligne 3, colonne p : la valeur sort des limites ; trouvé : « 1.5 » ; attendu : un nombre de 0 à 1."
    )
    assert explain.sentence(problem, "en") == (
        "Line 3, column p: the value is out of range; found: “1.5”; expected: a number from 0 to 1."
    )


@pytest.mark.parametrize("end", ["cpu", "wall", "memory", "output", "filter", "crash", "error"])
def test_every_violent_end_has_a_failure_code(end: str) -> None:
    assert failure_code(end) in FAILURE_CODES
