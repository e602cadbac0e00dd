"""What the style pages show: made-up lines, criteria, phases and towns, small enough to be seen whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from datathon.editions.places import Outline, OutlineKind, Place, PlaceKind, Places, Point
from datathon.kernel.errors import Invalid, Refusal
from datathon.web.public.calendar import Chart, Dated, Line
from datathon.web.public.certainty import Certainty
from datathon.web.public.movement import STEP, TOP, Move, Slope
from datathon.web.public.town_map import town_map
from datathon.web.scale import scale


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a board; ``kind`` is its class: pin, own, ref or none."""

    rank: int | None
    team: str
    score: float
    interval: tuple[int, int] | None
    submissions: int = 0
    kind: str = ""
    note: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A written level of a criterion."""

    low: float
    high: float
    text: Mapping[str, str]
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of a rubric as the sheet draws it."""

    id: str
    number: int
    title: str
    help: Mapping[str, str]
    levels: tuple[Level, ...]
    mark: float | None
    typed: str | None = None
    theirs: float | None = None
    refusal: Refusal | None = None
    weight: float | None = None
    comment_below: float | None = 5
    maximum: float = 20
    step: float = 0.5

    @property
    def kept(self) -> float | None:
        """The mark as it is kept."""
        return self.mark


@dataclass(frozen=True, slots=True)
class Moved:
    """What a chart of slopes draws."""

    slopes: tuple[Slope, ...]
    height: int
    stayed: int
    largest: Move


OWN = {"fr": "Votre équipe, à 0,0095 du rang du dessus", "en": "Your team, 0.0095 from the rank above"}
REFERENCE = {"fr": "Non classée : le secteur le plus fréquent", "en": "Not ranked: the commonest sector"}
BESIDE = {"fr": "hors concours", "en": "out of competition"}
ROWS = (
    Entry(3, "Marée haute", 0.3391, None, 4, "pin", OWN),
    Entry(1, "Cap Cotentin", 0.3712, (1, 2), 6),
    Entry(2, "Les Sondeurs de la baie du Mont et des îles Chausey, équipe des deux rives", 0.3486, (1, 3), 12),
    Entry(3, "Marée haute", 0.3391, (2, 3), 4, "own"),
    Entry(None, "Les Invités", 0.3344, None, 2, "", BESIDE),
    Entry(None, "Référence", 0.1587, None, 0, "ref", REFERENCE),
)
# The first two cannot be told apart, nor the last two; the first and the last can.
CERTAINTY = Certainty(
    "ready", "", places=3, draws=2000, rows=252, indicative=False, brackets={0: (2,), 1: (2,)}, lanes=2, together=2
)
_PARIS = ZoneInfo("Europe/Paris")


def dates() -> tuple[Dated, ...]:
    """Return three milestones: one over, the next one, a later one."""
    named = (
        (datetime(2026, 11, 2, 8, tzinfo=UTC), {"fr": "Ouverture", "en": "Opening"}),
        (datetime(2026, 12, 4, 17, tzinfo=UTC), {"fr": "Fin des dépôts", "en": "End of submissions"}),
        (datetime(2026, 12, 11, 13, tzinfo=UTC), {"fr": "Remise du prix", "en": "Award"}),
    )
    return tuple(
        Dated(at.astimezone(_PARIS), title, past=n == 0, next=n == 1, year=at.year)
        for n, (at, title) in enumerate(named)
    )


def phases() -> Chart:
    """Return three phases of an edition of five weeks, one of them a single instant."""
    drawn = scale(starts=date(2026, 11, 2), days=35, zone=_PARIS, now=datetime(2026, 11, 22, 12, tzinfo=UTC))
    lines = (
        Line({"fr": "Dépôts", "en": "Submissions"}, 0, 91, 34, at_end=False, point=False),
        Line({"fr": "Dossiers", "en": "Dossiers"}, 62, 91, 64, at_end=True, point=False),
        Line({"fr": "Annonce", "en": "Announcement"}, 98, 98, 94, at_end=True, point=True),
    )
    return Chart(drawn, lines, 120)


def criteria() -> tuple[Criterion, ...]:
    """Return a criterion with its mark, one saved elsewhere with another mark, one whose mark was refused."""
    helped = {"fr": "Un avis fondé sur ce qui est montré.", "en": "An opinion founded on what is shown."}
    low = Level(0, 10, {"fr": "Des intentions, peu de preuves.", "en": "Intentions, little evidence."})
    high = {"fr": "Essayé par les personnes concernées.", "en": "Tried by the people concerned."}
    over = Invalid("The mark must lie between 0 and %(maximum)s.", maximum=20)
    return (
        Criterion("sf-1", 1, "Utilité", helped, (low, Level(10.5, 20, high, checked=True)), 14, weight=30),
        Criterion("sf-2", 2, "Rigueur", helped, (), 12.5, theirs=11),
        Criterion("sf-3", 3, "Clarté", helped, (), None, typed="24", refusal=over),
    )


def moved() -> Moved:
    """Return four teams, of which two changed places and one is the reader's own."""
    names = (("Cap Cotentin", 1, 2), ("Les Sondeurs", 2, 1), ("Marée haute", 3, 3), ("Le Verger", 4, 4))
    moves = [Move(name, name.lower(), 0.4, 0.4, before, after, own=before == 3) for name, before, after in names]
    slopes = tuple(Slope(one, TOP + STEP * (one.before - 1), TOP + STEP * (one.after - 1), one.team) for one in moves)
    return Moved(slopes, TOP + STEP * len(moves), 2, moves[1])


_TOWNS = (("Cherbourg", -1.62, 49.64), ("Caen", -0.37, 49.18), ("Rouen", 1.1, 49.44), ("Avranches", -1.36, 48.68))
_COAST = ((-3, 49.7), (-1.9, 49.7), (-1.3, 49.6), (-1.1, 49.35), (0.1, 49.3), (0.2, 49.7), (3, 50.2), (3, 48), (-3, 48))
_GROUND = Places(
    (
        *(Place(name, Point(lon, lat)) for name, lon, lat in _TOWNS),
        Place("Manche", Point(-0.4, 49.75), PlaceKind.SEA),
    ),
    (
        Outline(OutlineKind.LAND, tuple(Point(*at) for at in _COAST)),
        Outline(OutlineKind.RIVER, (Point(0.2, 49.45), Point(1.1, 49.44), Point(2.3, 48.9))),
        Outline(OutlineKind.BORDER, (Point(-1.5, 48.5), Point(0.9, 48.7), Point(1.7, 49.9))),
    ),
)
TOWNS = town_map(_GROUND, (("Cap Cotentin", "Cherbourg"), ("Les Sondeurs", "Caen"), ("Marée haute", "Caen")))
