"""Small pictures for the prototypes of the story: sketches of their first screens, drawn here shape by shape.

Sketches and not screenshots: the prototypes are made up. No letters, so that they are the same in every language; the
dossier says in words what is to be seen. PNG, 720 by 405, a few kilobytes each.
"""

import math
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise

WIDTH, HEIGHT = 720, 405
Colour = tuple[int, int, int]
Point = tuple[float, float]
PAPER, PALE, LIGHT, MIDDLE, INK, RED = (
    (247, 248, 244), (233, 237, 234), (211, 220, 217), (100, 130, 137), (11, 61, 74), (176, 32, 45),
)  # fmt: skip


class Sheet:
    """A sheet of paper to draw on, origin at the top left, lengths in pixels. Edges are smoothed in four steps."""

    def __init__(self) -> None:
        self.rows = [bytearray(bytes(PAPER) * WIDTH) for _ in range(HEIGHT)]

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        left, right = max(0, round(x)), min(WIDTH, round(x + width))
        for row in range(max(0, round(y)), min(HEIGHT, round(y + height))):
            self.rows[row][3 * left : 3 * right] = bytes(colour) * (right - left)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        self._near((x, y), (x, y), radius, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line of ``width`` through points, with round ends."""
        for start, end in pairwise(points):
            if (start[0] == end[0] or start[1] == end[1]) and width >= 1:
                x, y = min(start[0], end[0]), min(start[1], end[1])
                across, down = abs(end[0] - start[0]), abs(end[1] - start[1])
                self.box(
                    x - width / 2 * (not across), y - width / 2 * (not down), across or width, down or width, colour
                )
            else:
                self._near(start, end, width / 2, colour)

    def arc(self, start: Point, end: Point, lift: float, width: float, colour: Colour) -> None:
        """Draw a bow from one point to another, ``lift`` pixels above their middle."""
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - 2 * lift)
        steps = [n / 24 for n in range(25)]
        self.line(
            [(_bow(start[0], middle[0], end[0], t), _bow(start[1], middle[1], end[1], t)) for t in steps], width, colour
        )

    def png(self) -> bytes:
        """Return the sheet as a PNG file."""
        raw = b"".join(b"\0" + bytes(row) for row in self.rows)
        head = WIDTH.to_bytes(4) + HEIGHT.to_bytes(4) + bytes((8, 2, 0, 0, 0))
        parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in parts)

    def _near(self, start: Point, end: Point, reach: float, colour: Colour) -> None:
        """Colour what lies within ``reach`` of a segment, edges in proportion."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = dx * dx + dy * dy
        top, bottom = (pick(start[1], end[1]) for pick in (min, max))
        left, right = (pick(start[0], end[0]) for pick in (min, max))
        for y in range(max(0, int(top - reach - 1)), min(HEIGHT, int(bottom + reach + 2))):
            for x in range(max(0, int(left - reach - 1)), min(WIDTH, int(right + reach + 2))):
                along = 0.0 if not length else ((x + 0.5 - start[0]) * dx + (y + 0.5 - start[1]) * dy) / length
                along = min(1.0, max(0.0, along))
                away = math.hypot(x + 0.5 - start[0] - along * dx, y + 0.5 - start[1] - along * dy)
                share = round(4 * min(1.0, max(0.0, reach + 0.5 - away))) / 4
                if share:
                    old = self.rows[y][3 * x : 3 * x + 3]
                    mixed = (round(a + (b - a) * share) for a, b in zip(old, colour, strict=True))
                    self.rows[y][3 * x : 3 * x + 3] = bytes(mixed)


def picture_of(team: str) -> bytes | None:
    """Return the picture of a team's prototype, by the team's short name, None where the story has none."""
    draw = PICTURES.get(team)
    if draw is None:
        return None
    sheet = Sheet()
    sheet.box(0, 0, WIDTH, 6, INK)
    sheet.box(24, 24, 12, 18, INK)
    sheet.box(46, 28, 150, 10, MIDDLE)
    sheet.box(600, 28, 96, 10, LIGHT)
    draw(sheet)
    return sheet.png()


def _bow(start: float, middle: float, end: float, t: float) -> float:
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end


def _chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)


def _lines(sheet: Sheet, x: float, y: float, widths: Sequence[float], colour: Colour = LIGHT, step: float = 16) -> None:
    """Draw lines of text as bars."""
    for number, width in enumerate(widths):
        sheet.box(x, y + step * number, width, 7, colour)


def _atlas(sheet: Sheet) -> None:
    """A map of squares shaded by an index, ways between them, a list of three beside it."""
    shades = (PALE, LIGHT, MIDDLE, INK)
    grid = ("..1221..", ".123321.", "01233210", "0112332.", ".0112210", "..01100.")
    for row, cells in enumerate(grid):
        for column, cell in enumerate(cells):
            if cell != ".":
                sheet.box(28 + 54 * column, 66 + 54 * row, 52, 52, shades[int(cell)])
    for start, end in (((109, 226), (271, 172)), ((163, 334), (325, 226)), ((379, 118), (271, 172))):
        sheet.arc(start, end, 34, 3, RED)
        sheet.disc(*start, 6, PAPER)
        sheet.disc(*start, 4, RED)
        sheet.disc(*end, 5, RED)
    for number, width in enumerate((170, 128, 92)):
        y = 92 + 96 * number
        _lines(sheet, 496, y, (150, 110), MIDDLE)
        sheet.box(496, y + 40, 190, 14, PALE)
        sheet.box(496, y + 40, width, 14, INK)


def _timetable(sheet: Sheet) -> None:
    """Hours across, stops down, journeys as slanting lines; one arrives before the red hour."""
    for column in range(11):
        sheet.box(110 + 56 * column, 76, 1, 290, LIGHT)
    for row in range(6):
        sheet.box(110, 86 + 54 * row, 562, 2, LIGHT)
        _lines(sheet, 28, 82 + 54 * row, (66 - 8 * (row % 3),), MIDDLE)
    for start, speed, bold in ((124, 30, False), (196, 36, True), (290, 26, False), (402, 40, False), (500, 22, False)):
        points: list[Point] = [(start, 87)]
        for row in range(1, 6):
            x = points[-1][0] + speed
            points += [(x, 87 + 54 * row), (x + 6, 87 + 54 * row)]
        sheet.line(points, 5 if bold else 2.5, INK if bold else MIDDLE)
    sheet.box(432, 66, 3, 306, RED)
    sheet.disc(433.5, 62, 7, RED)


def _yards(sheet: Sheet) -> None:
    """Quarters as bars of three trades, a line of the people there are, what is missing in red."""
    needs = (
        (60, 40, 20),
        (80, 54, 26),
        (104, 60, 30),
        (120, 70, 44),
        (110, 66, 40),
        (84, 52, 30),
        (58, 40, 22),
        (40, 30, 16),
    )
    there = (132, 140, 150, 158, 160, 154, 140, 120)
    for number, (quarter, known) in enumerate(zip(needs, there, strict=True)):
        x, y = 52 + 80 * number, 350.0
        for height, colour in zip(quarter, (INK, MIDDLE, LIGHT), strict=True):
            y -= height
            sheet.box(x, y, 46, height - 2, colour)
        if sum(quarter) > known:
            sheet.box(x, 350 - sum(quarter), 46, sum(quarter) - known, RED)
        _lines(sheet, x + 8, 364, (30,), MIDDLE)
    sheet.box(36, 350, 652, 2, INK)
    sheet.line([(75 + 80 * number, 350 - known) for number, known in enumerate(there)], 3, INK)


def _graft(sheet: Sheet) -> None:
    """One trade on the left, branches to five near it, each with the skills it shares."""
    sheet.box(28, 180, 128, 64, INK)
    _lines(sheet, 44, 198, (92, 64), PAPER)
    for number, shared in enumerate((5, 4, 4, 2, 1)):
        y = 92 + 66 * number
        steps = [n / 20 for n in range(21)]
        way = [(156 + 204 * t, 212 + (y - 212) * (3 * t * t - 2 * t**3)) for t in steps]
        sheet.line(way, 1.5 + shared, MIDDLE if shared > 2 else LIGHT)
        sheet.disc(366, y, 8, INK if shared > 2 else MIDDLE)
        _lines(sheet, 392, y - 12, (110 - 14 * (number % 3),), MIDDLE)
        for skill in range(6):
            sheet.box(392 + 30 * skill, y + 4, 24, 12, INK if skill < shared else LIGHT)
        sheet.box(616, y - 10, 76, 24, PALE)
        _lines(sheet, 628, y - 2, (50,), MIDDLE)


def _cards(sheet: Sheet) -> None:
    """Eight cards to cut out, each with a trade's mark and a few lines."""
    for number in range(8):
        x, y = 28 + 170 * (number % 4), 64 + 166 * (number // 4)
        for dash in range(0, 160, 10):
            for edge in (y, y + 154):
                sheet.box(x + dash, edge, 5, 1, MIDDLE)
        for dash in range(0, 154, 10):
            for edge in (x, x + 160):
                sheet.box(edge, y + dash, 1, 5, MIDDLE)
        colour = (INK, MIDDLE, RED, MIDDLE)[(number + number // 4) % 4]
        if number % 3 == 0:
            sheet.disc(x + 80, y + 52, 30, colour)
            sheet.disc(x + 80, y + 52, 12, PAPER)
        elif number % 3 == 1:
            for bar in range(4):
                sheet.box(x + 46 + 18 * bar, y + 70 - 12 * bar, 14, 14 + 12 * bar, colour)
        else:
            sheet.line([(x + 48, y + 78), (x + 80, y + 26), (x + 112, y + 78)], 8, colour)
        _lines(sheet, x + 20, y + 102, (120, 84, 100), LIGHT)


def _locks(sheet: Sheet) -> None:
    """Five locks as steps of water; two gates are shut."""
    for number, shut in enumerate((False, True, False, True, False)):
        x, top = 36 + 132 * number, 300 - 46 * number
        sheet.box(x, top, 132, 360 - top, MIDDLE if number % 2 else LIGHT)
        sheet.box(x, top, 132, 4, INK)
        gate = RED if shut else INK
        sheet.box(x + 124, top - 52, 8, 52 + (46 if number < 4 else 0), gate if shut else PALE)
        sheet.disc(x + 128, top - 60, 9, gate)
        _lines(sheet, x + 16, top + 20, (84, 56), PAPER if number % 2 else MIDDLE)
    sheet.line([(60, 290), (96, 290), (90, 298), (66, 298), (60, 290)], 3, INK)
    sheet.line([(78, 290), (78, 262), (96, 284)], 3, INK)
    sheet.box(36, 360, 660, 3, INK)


def _breath(sheet: Sheet) -> None:
    """A commune's people year by year, then three years ahead with what is not known."""
    known = (232, 226, 214, 216, 204, 196, 198, 186, 176)
    for row in range(4):
        sheet.box(60, 110 + 66 * row, 420, 1, LIGHT)
    for step in range(96):
        spread = 6 + step * 0.42
        sheet.box(372 + step, 176 - step * 0.34 - spread, 1, 2 * spread, LIGHT)
    sheet.line([(60 + 39 * number, value) for number, value in enumerate(known)], 4, INK)
    sheet.line([(372 + 12 * number, 176 - 4.1 * number) for number in range(9)], 2.5, RED)
    sheet.disc(372, 176, 7, INK)
    sheet.box(60, 340, 420, 2, INK)
    sheet.box(520, 84, 172, 2, INK)
    _lines(sheet, 520, 104, (150, 164, 120), MIDDLE)
    sheet.box(520, 168, 96, 34, INK)
    _lines(sheet, 520, 226, (164, 140, 158, 96), LIGHT)
    sheet.line([(520, 330), (548, 300), (576, 330)], 6, RED)


def _rounds(sheet: Sheet) -> None:
    """Lines of numbers: the exact point, the range that is known, the round number that is written."""
    for number, (middle, spread) in enumerate(((0.62, 0.11), (0.34, 0.05), (0.78, 0.08), (0.5, 0.18))):
        y = 108 + 76 * number
        _lines(sheet, 28, y - 4, (80,), MIDDLE)
        sheet.box(140, y, 430, 2, INK)
        for tick in range(11):
            sheet.box(140 + 43 * tick, y - (9 if tick % 5 == 0 else 5), 1, 18 if tick % 5 == 0 else 10, INK)
        sheet.box(140 + 430 * (middle - spread), y - 12, 860 * spread, 26, LIGHT)
        sheet.box(140, y, 430, 2, INK)
        sheet.disc(140 + 430 * middle, y + 1, 4, MIDDLE)
        sheet.disc(140 + 43 * round(10 * middle), y + 1, 9, RED)
        sheet.box(600, y - 14, 90, 28, PALE)
        _lines(sheet, 614, y - 4, (60,), INK)


PICTURES: dict[str, Callable[[Sheet], None]] = {
    "les-sondeurs": _atlas,
    "maree-haute": _timetable,
    "cap-cotentin": _yards,
    "le-verger": _graft,
    "bocage-et-compagnie": _cards,
    "les-eclusiers": _locks,
    "les-estuaires": _breath,
    "compte-rond": _rounds,
}
