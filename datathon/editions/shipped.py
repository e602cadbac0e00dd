"""The names of the shipped metrics, read from the declarations of ``scorers``; no scorer is imported."""

from collections.abc import Mapping

from scorers.catalogue import SHIPPED, declared
from scorers.written import TEXT_FORMATS, as_submitted


def shipped_names() -> tuple[str, ...]:
    """Return the names of the shipped metrics, in the order of their declarations."""
    return tuple(SHIPPED)


def direction_of(name: str) -> str | None:
    """Return "lower" or "higher", whichever is better for a shipped metric; None when none has this name."""
    declaration = declared(name)
    return None if declaration is None else declaration.direction


def params_of(name: str) -> tuple[str, ...]:
    """Return the names of the parameters a shipped metric takes; empty when none has this name."""
    declaration = declared(name)
    return () if declaration is None else declaration.param_names


def refused_param(name: str, params: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the first parameter a shipped metric cannot take and what was expected, or None."""
    declaration = declared(name)
    return None if declaration is None else declaration.refused(params)


def best_of(name: str, params: Mapping[str, object]) -> float | None:
    """Return what the truth itself gets by a shipped metric with ``params``; None when unknown or not shipped."""
    declaration = declared(name)
    return None if declaration is None else declaration.at_truth(params)


def text_formats() -> tuple[str, ...]:
    """Return the names of the formats a submitted text column may declare."""
    return TEXT_FORMATS


def needs_variation(name: str) -> bool:
    """Whether a constant submission has no value by a shipped metric, as a correlation."""
    declaration = declared(name)
    return declaration is not None and declaration.varied


def submission_of(cell: str, written: str) -> str:
    """Return a cell of the truth as a submission in the format ``written`` would hold it."""
    return as_submitted(cell, written)
