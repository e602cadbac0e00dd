"""The catalogue of editions and challenges: folders in, checked frozen objects out. The file is the truth.

A mistake in one edition never hides another, nor one in a challenge its neighbours: ``load_catalogue`` lists what could
not be read beside what could. ``load_edition`` and ``load_challenge`` raise ``CatalogueError`` with every mistake as ``file:line: message``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from datathon.editions.problems import CatalogueError, Problem
from datathon.editions.read_challenge import read_challenge
from datathon.editions.read_edition import Flaws, read_edition
from datathon.editions.rules import Challenge, Edition

__all__ = ["BrokenFolder", "Catalogue", "CatalogueError", "Problem", "load_catalogue", "load_challenge", "load_edition"]


@dataclass(frozen=True, slots=True)
class BrokenFolder:
    """An edition folder with mistakes. ``challenges`` are those that cannot be used; without any, the whole edition cannot."""

    id: str
    folder: Path
    problems: tuple[Problem, ...]
    challenges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every edition by id, in the order of their folders' names, and the folders that are broken."""

    root: Path
    editions: Mapping[str, Edition] = field(default_factory=dict)
    broken: tuple[BrokenFolder, ...] = ()

    def edition(self, edition_id: str) -> Edition | None:
        """Return the edition with this id, or None."""
        return self.editions.get(edition_id)

    def challenge(self, edition_id: str, challenge_id: str) -> Challenge | None:
        """Return the challenge with this id of this edition, or None."""
        edition = self.editions.get(edition_id)
        return None if edition is None else edition.challenge(challenge_id)

    def is_broken(self, edition_id: str, challenge_id: str) -> bool:
        """Whether this challenge's folder is there and cannot be used now."""
        return any(one.id == edition_id and challenge_id in one.challenges for one in self.broken)


def load_catalogue(root: Path) -> Catalogue:
    """Read every ``root/*/edition.toml``. Raises nothing for a broken folder: it is listed in ``broken``.

    An edition whose only mistakes are in some of its challenges is there without these, and listed in ``broken`` too.
    """
    editions: dict[str, Edition] = {}
    broken = []
    for path in sorted(root.glob("*/edition.toml")):
        folder = path.parent
        problems: list[Problem] = []
        flaws: Flaws = {}
        edition = read_edition(folder, problems, flaws)
        usable = edition is not None and not problems and bool(edition.challenges)
        if edition is not None and usable:
            editions[folder.name] = edition
        if flaws or not usable:
            every = (*problems, *(problem for some in flaws.values() for problem in some))
            lost = tuple(flaws) if usable else ()
            broken.append(BrokenFolder(folder.name, folder, CatalogueError(every).problems, lost))
    return Catalogue(root, editions, tuple(broken))


def load_edition(folder: Path) -> Edition:
    """Read an edition folder with all its challenges. Raises CatalogueError with every mistake found."""
    problems: list[Problem] = []
    edition = read_edition(folder, problems)
    if edition is None or problems:
        raise CatalogueError(tuple(problems))
    return edition


def load_challenge(folder: Path, edition_id: str | None = None) -> Challenge:
    """Read one challenge folder, which may stand alone.

    Without ``edition_id`` the folder belongs to the edition of its parent folder when that has an ``edition.toml``,
    and to none ("") otherwise; then title and texts may be missing. Raises CatalogueError with every mistake found.
    """
    parent = folder.absolute().parent
    if edition_id is None:
        edition_id = parent.name if (parent / "edition.toml").is_file() else ""
    problems: list[Problem] = []
    challenge = read_challenge(folder, edition=edition_id, problems=problems)
    if challenge is None or problems:
        raise CatalogueError(tuple(problems))
    return challenge
