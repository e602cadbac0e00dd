"""Read the map of an edition: ``[[places]]`` and ``[[outlines]]`` of its file."""

from datathon.editions.places import Outline, OutlineKind, Place, PlaceKind, Places, Point
from datathon.editions.read_toml import Table, unique

MOST_PLACES, MOST_OUTLINES, MOST_POINTS = 40, 12, 400
"""A map is a sketch of a few kilobytes in every first page."""
EAST, NORTH = 180.0, 85.0


def read_places(top: Table) -> Places:
    """Return the edition's places and outlines, in degrees; mistakes are noted with their line."""
    entries = top.tables("places")
    places = tuple(_place(entry) for entry in entries)
    unique(zip(entries, (place.name for place in places), strict=True), "name")
    outlines = tuple(_outline(entry) for entry in top.tables("outlines"))
    if len(places) > MOST_PLACES:
        top.note(f"places: at most {MOST_PLACES}, found {len(places)}", "places")
    if len(outlines) > MOST_OUTLINES:
        top.note(f"outlines: at most {MOST_OUTLINES}, found {len(outlines)}", "outlines")
    if outlines and sum(place.kind is PlaceKind.TOWN for place in places) < 1:
        top.note("outlines: a map needs a town in [[places]]", "outlines")
    return Places(places, outlines)


def _place(entry: Table) -> Place:
    found = Place(
        entry.text("name"),
        _within(entry, Point(entry.number("lon"), entry.number("lat"))),
        PlaceKind(entry.choice("kind", tuple(PlaceKind), PlaceKind.TOWN)),
    )
    entry.done()
    return found


def _outline(entry: Table) -> Outline:
    kind = OutlineKind(entry.choice("kind", tuple(OutlineKind)))
    points = tuple(Point(lon, lat) for lon, lat in entry.pairs("points"))
    if points and not 2 <= len(points) <= MOST_POINTS:
        entry.note(f"points: 2 to {MOST_POINTS} pairs expected, found {len(points)}", "points")
    for point in points:
        _within(entry, point, "points")
    entry.done()
    return Outline(kind, points)


def _within(entry: Table, at: Point, key: str = "") -> Point:
    if abs(at.lon) > EAST:
        entry.note(f"lon: degrees east from -180 to 180 expected, found {at.lon:g}", key or "lon")
    if abs(at.lat) > NORTH:
        entry.note(f"lat: degrees north from -85 to 85 expected, found {at.lat:g}", key or "lat")
    return at
