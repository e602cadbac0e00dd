"""In which of the two languages somebody wrote a text: teams and juries are not asked, yet it is read aloud. Pure."""

import re

_FRENCH = frozenset(
    [
        "au",
        "aux",
        "avec",
        "ce",
        "ces",
        "cette",
        "chaque",
        "comme",
        "dans",
        "de",
        "des",
        "du",
        "elle",
        "elles",
        "en",
        "est",
        "et",
        "il",
        "ils",
        "je",
        "la",
        "le",
        "les",
        "leur",
        "leurs",
        "mais",
        "ne",
        "nos",
        "notre",
        "nous",
        "ou",
        "où",
        "par",
        "pas",
        "pour",
        "que",
        "qui",
        "sa",
        "sans",
        "ses",
        "sont",
        "sous",
        "sur",
        "un",
        "une",
        "vers",
        "votre",
        "vous",
        "à",
        "été",
        "être",
    ]
)
_ENGLISH = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "each",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "its",
        "more",
        "not",
        "of",
        "one",
        "or",
        "our",
        "than",
        "that",
        "the",
        "their",
        "these",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "which",
        "who",
        "will",
        "with",
        "you",
        "your",
    ]
)
_WORD = re.compile(r"[^\W\d_]+")
LEAST = 2
"""Small words that must speak for a language, and twice as many as for the other."""


def written_in(text: str) -> str:
    """Return "fr" or "en" where the small words of ``text`` tell, "" where they do not (a name, a few words, a list).

    "l’", "d’", "qu’" and the like count for French.
    """
    words = _WORD.findall(text.casefold())
    french = sum(word in _FRENCH for word in words) + len(
        re.findall(r"\b(?:[cdjlmnst]|qu)['’](?=\w\w)", text.casefold())
    )
    english = sum(word in _ENGLISH for word in words)
    if french >= LEAST and french >= 2 * english:
        return "fr"
    return "en" if english >= LEAST and english >= 2 * french else ""
