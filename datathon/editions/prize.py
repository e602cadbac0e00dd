"""A prize that an edition's rules announce. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize that the jury gives when it deliberates; it may be withheld. ``title`` by language."""

    id: str
    title: Mapping[str, str]
