"""The room that a picture needs is read from its first bytes, whatever they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.demo.pictures import picture_of
from datathon.web.picture_size import fitted, size_of

JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08" + (300).to_bytes(2, "big") + (450).to_bytes(2, "big")
RIFF = b"RIFF\0\0\0\0WEBP"
LOSSLESS = (450 - 1 | (300 - 1) << 14).to_bytes(4, "little")
SIDES = (449).to_bytes(3, "little") + (299).to_bytes(3, "little")
LOSSY = (450).to_bytes(2, "little") + (300).to_bytes(2, "little")


@pytest.mark.parametrize(
    "head",
    [
        JPEG,
        RIFF + b"VP8L\0\0\0\0\x2f" + LOSSLESS,
        RIFF + b"VP8X\0\0\0\0\0\0\0\0" + SIDES,
        RIFF + b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + LOSSY,
    ],
)
def test_size_is_read_from_each_kind(head: bytes) -> None:
    assert size_of(head) == (450, 300)
    assert [size_of(head[:cut]) for cut in range(len(head) - 3)] == [None] * (len(head) - 3)


def test_size_of_a_drawn_picture() -> None:
    assert size_of(picture_of("le-verger") or b"") == (720, 405)


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", RIFF + b"VP8X"]), st.binary(max_size=60))
def test_any_bytes_have_a_size_or_none(start: bytes, rest: bytes) -> None:
    size = size_of(start + rest)
    assert size is None or min(size) > 0


def test_high_picture_keeps_its_proportions() -> None:
    assert fitted((1000, 2000), height=640) == (320, 640)
    assert fitted((720, 405), height=640) == (720, 405)
