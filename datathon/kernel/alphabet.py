"""The order of names as a French or English reader looks for them; without a locale of the system. Pure."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_APART = re.compile(r"[\W_]+")
_FIGURES = re.compile(r"\d+")


def folded(name: str) -> str:
    """Return a name without accents, capitals, ligatures and signs: "L’Œuvre d’Évreux" -> "l oeuvre d evreux"."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return _APART.sub(" ", letters).strip()


def alphabetical(name: str) -> tuple[str, str, str]:
    """Return the key that puts names in reading order: letters first, accents and capitals only between equals.

    "Éclusiers" stands with E and not after Z; numbers in names count as numbers ("Équipe 9" before "Équipe 10").
    """
    letters = _FIGURES.sub(lambda figures: figures[0].lstrip("0").rjust(12, "0"), folded(name))
    return letters, name.casefold(), name
