"""What somebody probably meant by a header, an id or a number that does not fit: the usual slips of spreadsheets.

Each function names a sentence (a key of what is expected, with parameters) or says nothing; nothing is ever repaired,
since a guess about a value would be a guess about a score.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_PERCENT = re.compile(r"[+-]?\d+([.,]\d+)?\s?%", re.ASCII)
_GROUPED = re.compile("[+-]?\\d{1,3}([ ,'\u00a0\u202f\u2019]\\d{3})+([.,]\\d+)?")
_BOOLEAN = re.compile(r"true|false|vrai|faux|yes|no|oui|non", re.IGNORECASE)
_WRITTEN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MINUS = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-" * 8)
_DIGITS = re.compile(r"\d+", re.ASCII)
_AS_FLOAT = re.compile(r"\d+\.0+|\d(\.\d+)?[eE]\+?\d{1,2}", re.ASCII)
_INDEX = re.compile(r"|index|level_0|Unnamed: \d+", re.ASCII)


def number_meant(text: str, plain: str) -> str:
    """Return the key of what to write instead of ``text``: ``plain`` unless a usual slip is recognised."""
    if _PERCENT.fullmatch(text):
        return "no_percent"
    if _COMMA_NUMBER.fullmatch(text):
        return plain if plain == "whole_number" else "decimal_point"
    if _BOOLEAN.fullmatch(text):
        return "no_boolean"
    if _GROUPED.fullmatch(text):
        return "no_grouping"
    return "plain_digits" if not text.isascii() and _WRITTEN.fullmatch(_plainly(text)) else plain


def _plainly(text: str) -> str:
    """Return ``text`` with the digits and the minus of a keyboard, without marks that nobody sees."""
    seen = (c for c in unicodedata.normalize("NFKC", text.translate(_MINUS)) if unicodedata.category(c) != "Cf")
    return "".join(str(unicodedata.decimal(c, c)) for c in seen)


def is_index(name: str) -> bool:
    """Whether a column is the row number that a data frame writes unless told not to."""
    return _INDEX.fullmatch(name) is not None


def names_meant(names: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Return wanted name -> name of the header that differs only in capitals."""
    strange = {name.casefold(): name for name in names if name not in wanted}
    return {name: strange[name.casefold()] for name in wanted if name not in names and name.casefold() in strange}


def id_keys(ids: Sequence[str]) -> dict[str, str]:
    """Return how an id looks without capitals, spaces at its ends and leading zeros -> the id, where only one does."""
    found: dict[str, str] = {}
    for name in ids:
        key = _key(name)
        found[key] = "" if key in found else name
    return found


def id_meant(text: str, keys: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the key of a sentence and the id that ``text`` probably was before a spreadsheet read it, or None.

    Lost zeros, as in the municipal code 01004 read as the number 1004, have a sentence of their own; other ways to
    write the same id ("7.0" or "1E+05" for a whole number, spaces, capitals) share one. ``keys`` are ``id_keys``.
    """
    cleaned = text.strip()
    whole = str(int(float(cleaned))) if _AS_FLOAT.fullmatch(cleaned) else cleaned
    meant = keys.get(_key(whole))
    if not meant or meant == text:
        return None
    lost = _DIGITS.fullmatch(whole) is not None and meant != whole and meant.lstrip("0") == whole.lstrip("0")
    return ("id_zeros" if lost and len(meant) > len(whole) else "id_written"), meant


def _key(text: str) -> str:
    cleaned = text.strip().casefold()
    return cleaned.lstrip("0") if _DIGITS.fullmatch(cleaned) else cleaned
