"""The map of an edition as its folder says it, and each mistake with its line."""

from pathlib import Path

import pytest
from challenge_folders import EDITION, write_edition

from datathon.editions.catalogue import CatalogueError, load_edition

TOWN = '\n[[places]]\nname = "Caen"\nlon = -0.37\nlat = 49.18\n'
LINE = '\n[[outlines]]\nkind = "land"\npoints = [[-1, 49.3], [1.5, 50], [1, 48]]\n'


def test_places_and_outlines_are_read(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai", toml=EDITION + TOWN + LINE)
    found = load_edition(folder).places
    assert [(place.name, place.at.lon, place.at.lat) for place in found.towns] == [("Caen", -0.37, 49.18)]
    assert found.outlines[0].points[1].lat == 50


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (TOWN + TOWN, "name"),
        (TOWN.replace("49.18", "491.8"), "lat: degrees north from -85 to 85 expected, found 491.8"),
        (TOWN.replace("-0.37", "-370"), "lon: degrees east from -180 to 180 expected, found -370"),
        (TOWN.replace("-0.37", '"ouest"'), "lon: a number expected"),
        (TOWN + LINE.replace("[1, 48]", "[1]"), "outlines[1].points[3]: a pair such as [-0.37, 49.18] expected"),
        (TOWN + LINE.replace("[1, 48]", "[1, true]"), "a pair such as"),
        (TOWN + LINE.replace("[[-1, 49.3], [1.5, 50], [1, 48]]", "[[1, 48]]"), "points: 2 to 400 pairs expected"),
        (TOWN + LINE.replace('"land"', '"cost"'), "outlines[1].kind: 'cost' unknown"),
        (LINE, "outlines: a map needs a town in [[places]]"),
        (TOWN + "population = 3\n", "population: unknown key"),
    ],
)
def test_each_mistake_is_named(tmp_path: Path, said: str, expected: str) -> None:
    folder = write_edition(tmp_path / "essai", toml=EDITION + said)
    with pytest.raises(CatalogueError) as caught:
        load_edition(folder)
    assert expected in str(caught.value)
