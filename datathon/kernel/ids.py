"""Identifiers: random where they must not be guessed, readable where people see them."""

import re
import secrets
import unicodedata
from uuid import UUID, uuid4


def new_id() -> UUID:
    """Return a fresh random key for a row."""
    return uuid4()


def new_token() -> str:
    """Return 32 random bytes as URL-safe text, for links that carry a right."""
    return secrets.token_urlsafe(32)


def slug(text: str) -> str:
    """Return ``text`` as lower-case ASCII words joined by hyphens, at most 60 characters.

    Accents are dropped ("Marée haute" gives "maree-haute"); a text without any letter or digit gives "x".
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "x"
