"""French typography: no-break spaces where the language wants them. Pure."""

import re

THIN, FULL = "\u202f", "\u00a0"
_RULES = (
    (re.compile(r"[ \u00a0]([;!?»€]|%(?![(%s]))"), rf"{THIN}\1"),
    (re.compile(r"« ?"), f"«{THIN}"),
    (re.compile(r" :"), f"{FULL}:"),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), THIN),
    (re.compile(r"\bn° "), f"n°{FULL}"),
)


def spaced(text: str, language: str) -> str:
    """Return ``text`` with the no-break spaces of French, where a plain space stood; other languages are left alone.

    Narrow (U+202F) before ; ! ? % and inside « », full (U+00A0) before the colon. Only existing spaces change, so that
    markup, addresses and placeholders stay what they are.
    """
    if not language.startswith("fr"):
        return text
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
