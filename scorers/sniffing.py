"""What a file that is no CSV looks like, and how to show a stranger's text safely."""

import unicodedata

_SHOWN_CHARACTERS = 40

_KINDS = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"Rar!", "rar"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF", "hdf5"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"SQLite format 3", "sqlite"),
    (b"\x80\x04\x95", "pickle"),
    (b"\x80\x05\x95", "pickle"),
    (b"\x7fELF", "program"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)
_UTF32 = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"))
_UTF16 = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_CONTEXT_BYTES = 4_096


def binary_kind(raw: bytes) -> str | None:
    """Return the short name of the binary format that ``raw`` starts as, or None."""
    return next((kind for start, kind in _KINDS if raw.startswith(start)), None)


def wide_encoding(raw: bytes) -> str | None:
    """Return "UTF-16" or "UTF-32" when ``raw`` starts as text of it, with or without its mark, else None."""
    for mark, name in (*_UTF32, *_UTF16):
        if raw.startswith(mark):
            return name
    head = raw[:_CONTEXT_BYTES]
    return "UTF-16" if len(head) >= 4 and head.count(b"\0") * 3 > len(head) else None


def encoding_problem(raw: bytes) -> tuple[int, str] | None:
    """Return the physical line and what was found there when ``raw`` is not UTF-8 text, else None."""
    wide = wide_encoding(raw)
    if wide is not None:
        return 1, wide
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return raw.count(b"\n", 0, error.start) + 1, f"0x{raw[error.start]:02x}"
    return None


def shown(text: str, most: int = _SHOWN_CHARACTERS) -> str:
    r"""Return ``text`` cut to ``most`` characters, with control and direction marks written out (``\n``, ``\u202e``)."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else _escaped(c) for c in cut)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
