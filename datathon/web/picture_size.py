"""How large a picture is, read from its first bytes: the page leaves room for it before it comes. Pure."""

from typing import Literal

PNG = b"\x89PNG\r\n\x1a\n"
JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
ENOUGH = 65_536
"""First bytes in which a size is looked for."""


def size_of(head: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG, JPEG or WebP from its first bytes; None where they do not say."""
    if head.startswith(PNG):
        found = _pair(head[16:24], 4, "big")
    elif head.startswith(b"\xff\xd8"):
        found = _jpeg(head)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = _webp(head)
    else:
        found = None
    return found if found is not None and min(found) > 0 else None


def fitted(size: tuple[int, int], *, height: int) -> tuple[int, int]:
    """Return a size made smaller, in proportion, until it is not higher than ``height`` pixels."""
    share = min(1.0, height / size[1])
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _pair(read: bytes, width: int, order: Literal["big", "little"]) -> tuple[int, int] | None:
    """Return two numbers of ``width`` bytes each."""
    if len(read) < 2 * width:
        return None
    return int.from_bytes(read[:width], order), int.from_bytes(read[width : 2 * width], order)


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in JPEG_FRAMES:
            sides = _pair(head[at + 5 : at + 9], 2, "big")
            return None if sides is None else (sides[1], sides[0])
        at += 2 + length
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        less = _pair(head[24:30], 3, "little")
        return None if less is None else (less[0] + 1, less[1] + 1)
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    sides = _pair(head[26:30], 2, "little") if kind == b"VP8 " else None
    return None if sides is None else (sides[0] & 0x3FFF, sides[1] & 0x3FFF)
