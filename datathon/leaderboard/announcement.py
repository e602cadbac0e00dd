"""A draft of what to tell the teams of a rescoring, in both languages at once. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

CHANGED: Mapping[str, tuple[str, str]] = {
    "scorer": ("l’évaluateur automatique", "the scorer"),
    "metrics": ("les métriques", "the metrics"),
    "reference": ("les données de référence", "the reference data"),
    "split": ("le partage entre partie publique et partie cachée", "the split into a public and a hidden part"),
    "contract": ("le format attendu des fichiers", "the expected form of the files"),
    "ids": ("la liste des identifiants", "the list of identifiers"),
}
_MONTHS = (
    ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"), ("mai", "May"),
    ("juin", "June"), ("juillet", "July"), ("août", "August"), ("septembre", "September"),
    ("octobre", "October"), ("novembre", "November"), ("décembre", "December"),
)  # fmt: skip


def draft(
    *,
    titles: Mapping[str, str],
    reason: str,
    changed: Sequence[str],
    submissions: int,
    scores_changed: int,
    ranks_changed: int,
    at: datetime,
    zone: ZoneInfo,
) -> dict[str, str]:
    """Return the note in French and English ("fr", "en"): what changed, why, how much of it shows, and when.

    ``titles`` names the challenge in both languages; ``changed`` are parts of a basis.
    """
    day = at.astimezone(zone)
    french, english = _MONTHS[day.month - 1]
    first = "1er" if day.day == 1 else str(day.day)
    return {
        "fr": " ".join(
            (
                f"Les dépôts du défi « {titles['fr']} » ont été réévalués le {first} {french} {day.year}.",
                _what(changed, 0, "Ce qui a changé : ", " et "),
                f"Raison : {reason.rstrip('.')}.",
                _many(submissions, "dépôt réévalué", "dépôts réévalués") + ",",
                _many(scores_changed, "score modifié", "scores modifiés") + ",",
                _many(ranks_changed, "rang modifié", "rangs modifiés") + ".",
                "Les quotas ne sont pas touchés ; les anciens scores sont conservés.",
            )
        ).replace("  ", " "),
        "en": " ".join(
            (
                f"The submissions to “{titles['en']}” were scored again on {day.day} {english} {day.year}.",
                _what(changed, 1, "What changed: ", " and "),
                f"Why: {reason.rstrip('.')}.",
                _many(submissions, "submission scored again", "submissions scored again") + ",",
                _many(scores_changed, "score changed", "scores changed") + ",",
                _many(ranks_changed, "rank changed", "ranks changed") + ".",
                "Quotas are not touched; the earlier scores are kept.",
            )
        ).replace("  ", " "),
    }


def _what(changed: Sequence[str], language: int, before: str, last: str) -> str:
    names = [CHANGED[name][language] for name in changed if name in CHANGED]
    if not names:
        return ""
    return before + last.join(part for part in (", ".join(names[:-1]), names[-1]) if part) + "."


_FRENCH = ("dépôt réévalué", "score modifié", "rang modifié")


def _many(count: int, one: str, more: str) -> str:
    # French: zero is singular; English: only one is.
    return f"{count} {one if count == 1 or (count == 0 and one in _FRENCH) else more}"
