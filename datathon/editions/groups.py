"""How an edition groups its challenges into tracks and its teams into brackets. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Track:
    """Challenges that have a board in common, by id. ``title`` by language."""

    id: str
    title: Mapping[str, str]
    challenges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bracket:
    """A kind of team that boards can show alone, such as students. A team says itself which it belongs to."""

    id: str
    title: Mapping[str, str]
