"""The names of the shipped metrics, read from the metadata of ``scorers`` without running any scorer."""

import importlib
import importlib.util
from functools import lru_cache


@lru_cache(maxsize=1)
def _directions() -> dict[str, str]:
    """Return name -> "lower" or "higher"; empty when the package publishes no list, and then any name is accepted."""
    if importlib.util.find_spec("scorers.catalogue") is None:
        return {}
    listed = getattr(importlib.import_module("scorers.catalogue"), "DIRECTIONS", {})
    return {str(name): str(direction) for name, direction in dict(listed).items()}


def shipped_names() -> tuple[str, ...]:
    """Return the known metric names in alphabetic order; empty: not known here."""
    return tuple(sorted(_directions()))


def direction_of(name: str) -> str | None:
    """Return "lower" or "higher", whichever is better for a shipped metric; None when not known."""
    return _directions().get(name)
