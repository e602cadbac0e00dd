"""Columns laid out in shared memory: what is written is read back, what a stranger wrote is not trusted."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorers import blob, written

TEXT = {"name": "t", "type": "string", "max_length": 12, "empty": True}
OTHER = {"name": "u", "type": "string", "max_length": 300, "empty": True}
NUMBER = {"name": "n", "type": "number"}
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.floats(allow_nan=False)), min_size=1, max_size=20))
def test_text_comes_back_from_the_shared_area(rows: list[tuple[str, str, float]]) -> None:
    (text, number, other), size = blob.layout([TEXT, NUMBER, OTHER], len(rows), 2_000)
    buffer = bytearray(size)
    first, second = ([row[i].encode() for row in rows] for i in (0, 1))
    used = blob.write_texts(buffer, text, first, 0)
    blob.view(buffer, number)[:] = [row[2] for row in rows]
    assert blob.write_texts(buffer, other, second, used) == sum(map(len, first + second))
    assert blob.read_texts(buffer, text) == [row[0] for row in rows]
    assert blob.read_texts(buffer, other) == [row[1] for row in rows]
    assert blob.view(buffer, number).tolist() == [row[2] for row in rows]


@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_text_comes_back_from_a_reference(values: list[str]) -> None:
    packed = blob.pack(
        {"truth:t": blob.text_column(values), "part": ("|i1", bytes(len(values)))}, {"rows": len(values)}
    )
    columns, _ = blob.unpack(packed)
    assert columns["truth:t"].tolist() == values
    assert columns["part"].tolist() == [0] * len(values)


def test_one_long_text_among_ten_thousand_takes_its_own_length() -> None:
    values = ["1 1"] * 9_999 + ["7" * 200_000]
    assert len(blob.pack({"truth:t": blob.text_column(values)}, {"rows": 10_000})) < 400_000


def test_text_area_is_no_longer_than_the_largest_file() -> None:
    wide = {**TEXT, "max_length": 200_000}
    _, size = blob.layout([wide, {**wide, "name": "u"}], 10_000, 1_000_000)
    assert size <= 1_000_000 + 2 * 8 * 10_001 + 200
    _, small = blob.layout([TEXT], 10, 1_000_000)
    assert small < 1_000


def test_text_beyond_the_area_is_not_written() -> None:
    (place,), size = blob.layout([TEXT], 2, 10)
    with pytest.raises(ValueError, match="more text"):
        blob.write_texts(bytearray(size), place, [b"123456", b"78901"], 0)


@pytest.mark.parametrize("offsets", [
    [-1, 2, 4], [0, 3, 2], [5, 2, 4], [0, 2, 11], [0, 2, 2**62], [-(2**62), 0, 4], [0, 1, 4], [2**62, 2**62, 2**62],
])  # fmt: skip
def test_tampered_offsets_are_unfit(offsets: list[int]) -> None:
    (place,), size = blob.layout([TEXT], 2, 10)
    buffer = bytearray(size)
    blob.write_texts(buffer, place, ["é1".encode(), b"2"], 0)
    assert blob.read_texts(buffer, place) == ["é1", "2"]
    blob.view(buffer, place)[:] = offsets
    assert blob.read_texts(buffer, place) is None


@given(st.binary(min_size=200, max_size=200))
def test_any_bytes_are_read_or_unfit(raw: bytes) -> None:
    (place,), size = blob.layout([TEXT], 3, 64)
    texts = blob.read_texts(raw[:size].ljust(size, b"\0"), place)
    assert texts is None or len(texts) == 3


@pytest.mark.parametrize(("text", "expected"), [
    ("", None), ("1 1", None), ("1 3 5 2", None), ("5 2 1 3", None), ("90 11", None),
    ("90 12", "runs_inside"), ("1 3 3 2", "runs_apart"), ("1 3 1 3", "runs_apart"), ("0 3", "runs"), ("1", "runs"),
    ("1 0", "runs"), ("1  2", "runs"), (" 1 2", "runs"), ("1 2 3", "runs"), ("-1 2", "runs"), ("1.5 2", "runs"),
    ("٣ 2", "runs"), ("9" * 400 + " 1", "runs"), ("a b", "runs"),
])  # fmt: skip
def test_mask_is_pairs_of_runs_apart_and_inside_the_image(text: str, expected: str | None) -> None:
    column: dict[str, Any] = {**TEXT, "format": "rle", "pixels": 100, "max_length": 1_000}
    found = written.fault(text, column)
    assert (found and found[0]) == expected
    assert written.all_fit([text], column) == (expected is None)


def test_views_of_numbers_are_arrays_over_the_buffer() -> None:
    (place,), size = blob.layout([NUMBER], 3, 10)
    buffer = bytearray(size)
    blob.view(buffer, place)[:] = 1.5
    assert np.frombuffer(buffer, "<f8", 3).tolist() == [1.5] * 3
