"""The map of an edition: its towns, and the lines that make a coast or a border recognisable. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class PlaceKind(StrEnum):
    """What a named point of the map is."""

    TOWN = "town"
    SEA = "sea"


class OutlineKind(StrEnum):
    """What a line of the map is: ``LAND`` closes by itself, outside the frame where it must."""

    LAND = "land"
    BORDER = "border"
    RIVER = "river"


class Point(NamedTuple):
    """A point in degrees: east (-180 to 180), then north (-85 to 85)."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Place:
    """A named point; a sea is written on the water and has no dot."""

    name: str
    at: Point
    kind: PlaceKind = PlaceKind.TOWN


@dataclass(frozen=True, slots=True)
class Outline:
    """A line of the map, at least two points."""

    kind: OutlineKind
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """What an edition says of its ground; nothing by default."""

    places: tuple[Place, ...] = ()
    outlines: tuple[Outline, ...] = ()

    @property
    def towns(self) -> tuple[Place, ...]:
        """The places that teams may come from."""
        return tuple(place for place in self.places if place.kind is PlaceKind.TOWN)


NO_PLACES = Places()
