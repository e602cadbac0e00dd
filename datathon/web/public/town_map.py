"""The map of an edition's towns, in the manner of a small nautical chart: where its teams come from. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datathon.editions.places import OutlineKind, Place, PlaceKind, Places, Point
from datathon.kernel.alphabet import folded

WIDTH = 640.0
MARGIN, FLATTEST, TALLEST = 0.16, 1.6, 1.1
"""Share of the ground left around the towns; the widest and the narrowest frame, width over height."""
LEAST = 0.3
"""Degrees of latitude that the frame shows at least: one town alone is not a map of its streets."""
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45)
LETTER, LINE = 13.5, 32.0
"""Room for a letter and a line of a town's name as phones show it, where letters are largest."""
SMALL = 0.6
"""The same for a town without a team, which phones leave unnamed: a share of it."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Town:
    """A town on the map: where it is, where its name stands ("" start, "m" middle, "e" end) and who comes from there.

    ``named`` is False where the name found no room; the list beside the map has it.
    """

    name: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    named: bool
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A meridian or a parallel: where it lies and its degrees, positive to the east and to the north."""

    at: float
    degrees: float


@dataclass(frozen=True, slots=True)
class TownMap:
    """Everything the drawing needs, in units of a frame ``width`` by ``height``; paths are those of SVG.

    ``frame`` is the graduated border, half a step of the graticule a block.
    """

    width: float
    height: float
    land: str
    borders: str
    rivers: str
    frame: str
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]
    towns: tuple[Town, ...]
    seas: tuple[Town, ...]

    @property
    def lived(self) -> tuple[Town, ...]:
        """The towns that a team comes from."""
        return tuple(town for town in self.towns if town.teams)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The ground that is shown, in degrees, and its scale in units per degree."""

    west: float
    north: float
    along: float
    down: float
    height: float

    def put(self, at: Point) -> tuple[float, float]:
        """Return a point in units of the frame."""
        return round((at.lon - self.west) * self.along, 1), round((self.north - at.lat) * self.down, 1)


def town_map(ground: Places, teams: Iterable[tuple[str, str]]) -> TownMap | None:
    """Return the map of ``ground`` with ``teams`` (name, town), None without a town that some team comes from.

    A team belongs to the town whose name is written as its own, whatever its accents, capitals and hyphens.
    """
    homes: dict[str, list[str]] = {}
    for name, town in teams:
        homes.setdefault(folded(town), []).append(name)
    if not any(folded(place.name) in homes for place in ground.towns):
        return None
    frame = _frame([place.at for place in ground.places])
    steps = _step(WIDTH / frame.along), _step(frame.height / frame.down)
    seas = tuple(_sea(place, frame) for place in ground.places if place.kind is PlaceKind.SEA)
    return TownMap(
        width=WIDTH,
        height=frame.height,
        land=_path(ground, OutlineKind.LAND, frame),
        borders=_path(ground, OutlineKind.BORDER, frame),
        rivers=_path(ground, OutlineKind.RIVER, frame),
        frame=_graduation(frame, steps),
        meridians=_lines(frame.west, WIDTH / frame.along, steps[0], frame.along),
        parallels=tuple(
            Line(round(frame.height - line.at, 1), line.degrees)
            for line in _lines(frame.north - frame.height / frame.down, frame.height / frame.down, steps[1], frame.down)
        ),
        towns=_towns(ground.towns, homes, frame),
        seas=seas,
    )


def _frame(points: Sequence[Point]) -> _Frame:
    """Return the frame around ``points`` with a margin, within the shapes that a page takes."""
    west, east = min(p.lon for p in points), max(p.lon for p in points)
    south, north = min(p.lat for p in points), max(p.lat for p in points)
    narrowing = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * narrowing * (1 + 2 * MARGIN), (north - south) * (1 + 2 * MARGIN)
    high = max(high, LEAST, wide / FLATTEST)
    wide = max(wide, high * TALLEST)
    down = WIDTH / wide
    return _Frame(
        west=(west + east) / 2 - wide / narrowing / 2,
        north=(south + north) / 2 + high / 2,
        along=down * narrowing,
        down=down,
        height=round(high * down, 1),
    )


def _step(degrees: float) -> float:
    """Return the distance of the graticule's lines: at most four of them."""
    return next((step for step in STEPS if degrees / step <= 4), STEPS[-1])


def _lines(low: float, span: float, step: float, scale: float) -> tuple[Line, ...]:
    first = math.ceil(low / step)
    degrees = [round(n * step, 6) for n in range(first, math.floor((low + span) / step) + 1)]
    return tuple(Line(round((d - low) * scale, 1), d) for d in degrees)


def _path(ground: Places, kind: OutlineKind, frame: _Frame) -> str:
    """Return the lines of a kind as one path; land closes."""
    end = "z" if kind is OutlineKind.LAND else ""
    drawn = []
    for outline in ground.outlines:
        if outline.kind is kind:
            points = [frame.put(point) for point in outline.points]
            drawn.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + end)
    return "".join(drawn)


def _graduation(frame: _Frame, steps: tuple[float, float]) -> str:
    """Return the blocks of the border: half a step filled, half a step empty, on the four sides."""
    south, inner = frame.north - frame.height / frame.down, 3.0
    across = [line.at for line in _lines(frame.west, WIDTH / frame.along, steps[0] / 2, frame.along)]
    upward = [frame.height - line.at for line in _lines(south, frame.height / frame.down, steps[1] / 2, frame.down)]
    blocks = ""
    for start, end in zip(across[::2], across[1::2], strict=False):
        blocks += f"M{start:g} {inner:g}H{end:g}M{start:g} {frame.height - inner:g}H{end:g}"
    for start, end in zip(upward[::2], upward[1::2], strict=False):
        blocks += f"M{inner:g} {start:.5g}V{end:.5g}M{WIDTH - inner:g} {start:.5g}V{end:.5g}"
    return blocks


def _sea(place: Place, frame: _Frame) -> Town:
    x, y = frame.put(place.at)
    return Town(place.name, x, y, x, y, "m", named=True, teams=())


def _towns(places: Sequence[Place], homes: dict[str, list[str]], frame: _Frame) -> tuple[Town, ...]:
    """Return the towns, each with room for its name; those that teams come from choose first."""
    dots = [frame.put(place.at) for place in places]
    taken: list[Box] = [(x - 9, y - 9, x + 9, y + 9) for x, y in dots]
    order = sorted(range(len(places)), key=lambda n: (folded(places[n].name) not in homes, n))
    found: dict[int, Town] = {}
    for n in order:
        (x, y), name = dots[n], places[n].name
        size = 1.0 if folded(name) in homes else SMALL
        free = (
            spot
            for spot in _spots(x, y, size * LETTER * len(name), size * LINE)
            if _fits(spot[3], taken, taken[n], frame)
        )
        spot = next(free, None)
        if spot is not None:
            taken.append(spot[3])
        label_x, label_y, anchor, _box = spot or (x, y, "", (0.0, 0.0, 0.0, 0.0))
        teams = tuple(homes.get(folded(name), ()))
        found[n] = Town(name, x, y, label_x, label_y, anchor, spot is not None, teams)
    return tuple(found[n] for n in range(len(places)))


def _spots(x: float, y: float, long: float, high: float) -> list[tuple[float, float, str, Box]]:
    """Return where a name may stand beside its dot, the best place first: right, left, below, above."""
    half = high / 2
    return [
        (x + 12, y + 0.22 * high, "", (x + 10, y - half, x + 12 + long, y + half)),
        (x - 12, y + 0.22 * high, "e", (x - 12 - long, y - half, x - 10, y + half)),
        (x, y + 10 + 0.6 * high, "m", (x - long / 2, y + 10, x + long / 2, y + 10 + high)),
        (x, y - 14, "m", (x - long / 2, y - 10 - high, x + long / 2, y - 10)),
    ]


def _fits(box: Box, taken: Sequence[Box], own: Box, frame: _Frame) -> bool:
    left, top, right, bottom = box
    if left < 8 or top < 8 or right > WIDTH - 8 or bottom > frame.height - 8:
        return False
    return not any(
        left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
        for other in taken
        if other is not own
    )
