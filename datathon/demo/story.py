"""The people and the story of the demonstration, read from ``story.toml``; every one of them is invented."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

STORY = Path(__file__).with_name("story.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPerson:
    """An invented account. ``key`` names the person within the story; ``profile`` is domain, data, design or development."""

    key: str
    name: str
    email: str
    profile: str = ""
    organisation: str = ""
    language: str = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRole:
    """A right over an edition: organiser or juror; ``president`` heads the jury."""

    person: str
    edition: str
    role: str
    president: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTeam:
    """A team; the first member is its captain and created it on ``day`` at ``at`` (local, "HH:MM").

    ``brackets`` are the kinds of teams it says it belongs to.
    """

    edition: str
    slug: str
    name: str
    town: str
    day: int
    at: str
    members: tuple[str, ...]
    brackets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySubmission:
    """One prediction file: who sent it and when, and the recipe ``predict.prediction_file`` makes it from."""

    edition: str
    team: str
    challenge: str
    day: int
    at: str
    by: str
    message: str
    recipe: Mapping[str, Any]
    final: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPrototype:
    """One dossier, draft or submitted; ``fields`` by the ids of the challenge's dossier."""

    edition: str
    team: str
    challenge: str
    title: str
    day: int
    at: str
    by: str
    state: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryConflict:
    """A juror who does not mark a team, and why."""

    edition: str
    juror: str
    team: str
    reason: str
    day: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySheet:
    """One juror's marks for one team's dossier, draft or submitted."""

    edition: str
    juror: str
    team: str
    challenge: str
    day: int
    at: str
    state: str
    marks: Mapping[str, float]
    comment_team: str = ""
    comment_private: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryAppeal:
    """A team contests the ranking, and how it is answered: ``state`` upheld or refused."""

    edition: str
    team: str
    by: str
    text: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All of it, in the order of the file."""

    people: tuple[StoryPerson, ...]
    roles: tuple[StoryRole, ...]
    teams: tuple[StoryTeam, ...]
    submissions: tuple[StorySubmission, ...]
    prototypes: tuple[StoryPrototype, ...]
    conflicts: tuple[StoryConflict, ...]
    sheets: tuple[StorySheet, ...]
    appeals: tuple[StoryAppeal, ...]

    def person(self, key: str) -> StoryPerson:
        """Return the person of that key. Raises KeyError when the story has none."""
        return {person.key: person for person in self.people}[key]


@lru_cache(maxsize=1)
def load_story() -> Story:
    """Return the story of the demonstration. Raises TypeError where ``story.toml`` has a key too many or too few."""
    data = tomllib.loads(STORY.read_text(encoding="utf-8"))
    teams = (
        StoryTeam(**{**row, "members": tuple(row["members"]), "brackets": tuple(row.get("brackets", ()))})
        for row in data["teams"]
    )
    return Story(
        people=tuple(StoryPerson(**row) for row in data["people"]),
        roles=tuple(StoryRole(**row) for row in data["roles"]),
        teams=tuple(teams),
        submissions=tuple(StorySubmission(**row) for row in data["submissions"]),
        prototypes=tuple(StoryPrototype(**row) for row in data["prototypes"]),
        conflicts=tuple(StoryConflict(**row) for row in data["conflicts"]),
        sheets=tuple(StorySheet(**row) for row in data["sheets"]),
        appeals=tuple(StoryAppeal(**row) for row in data["appeals"]),
    )
