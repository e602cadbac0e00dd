"""The map of the towns: what it shows, where names stand, what a folder may say."""

from datathon.editions.places import Outline, OutlineKind, Place, PlaceKind, Places, Point
from datathon.web.public.town_map import WIDTH, town_map

CAEN, ROUEN = Place("Caen", Point(-0.37, 49.18)), Place("Rouen", Point(1.1, 49.44))
EVREUX = Place("Évreux", Point(1.15, 49.02))
SEA = Place("La Manche", Point(-0.6, 49.8), PlaceKind.SEA)
COAST = Outline(OutlineKind.LAND, (Point(-3, 49.3), Point(3, 50), Point(3, 47), Point(-3, 47)))
GROUND = Places((CAEN, ROUEN, EVREUX, SEA), (COAST,))


def test_a_team_stands_in_the_town_it_wrote_whatever_the_accents() -> None:
    drawn = town_map(GROUND, [("Les Éclusiers", "EVREUX"), ("Le Verger", " rouen "), ("Ailleurs", "Lyon")])
    assert drawn is not None
    assert {town.name: town.teams for town in drawn.lived} == {"Rouen": ("Le Verger",), "Évreux": ("Les Éclusiers",)}


def test_no_map_where_no_team_comes_from_a_town_of_it() -> None:
    assert town_map(GROUND, [("Ailleurs", "Lyon"), ("Nulle part", "")]) is None
    assert town_map(Places(), [("Le Verger", "Rouen")]) is None
    assert town_map(Places((SEA,)), [("Le Verger", "La Manche")]) is None


def test_everything_lies_within_the_frame_north_above_south() -> None:
    drawn = town_map(GROUND, [("Le Verger", "Rouen")])
    assert drawn is not None
    assert all(0 < town.x < WIDTH and 0 < town.y < drawn.height for town in (*drawn.towns, *drawn.seas))
    by_name = {town.name: town for town in drawn.towns}
    assert by_name["Rouen"].y < by_name["Évreux"].y
    assert by_name["Caen"].x < by_name["Rouen"].x
    assert [line.degrees for line in drawn.meridians] == sorted(line.degrees for line in drawn.meridians)
    assert drawn.land.endswith("z")


def test_a_single_town_and_towns_on_one_spot_are_drawn() -> None:
    alone = town_map(Places((ROUEN,)), [("Le Verger", "Rouen")])
    assert alone is not None
    assert (alone.lived[0].x, alone.lived[0].named) == (WIDTH / 2, True)
    crowd = Places(tuple(Place(f"Ville {n}", ROUEN.at) for n in range(9)))
    drawn = town_map(crowd, [("A", "Ville 3")])
    assert drawn is not None
    named = [(town.label_x, town.label_y) for town in drawn.towns if town.named]
    assert len(named) == len(set(named))
    assert drawn.lived[0].named
