"""The countdown of the pitches in words, the same for every audience."""

import math

from flask_babel import gettext as _


def phases() -> tuple[tuple[str, str], ...]:
    """Return the phases of a team's turn with their names."""
    return (("pitch", _("Pitch")), ("questions", _("Questions")), ("grading", _("Grading")))


def clock_words(left: float) -> str:
    """Return seconds as a countdown says them: "4:05", and "+0:30" over time."""
    seconds = math.ceil(left) if left > 0 else math.floor(-left)
    sign = "+" if left <= 0 and seconds else ""
    return f"{sign}{seconds // 60}:{seconds % 60:02d}"
