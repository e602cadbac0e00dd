"""What the rules say of a public vote."""

from collections.abc import Mapping
from dataclasses import dataclass

VOTE = "vote"
"""Id and kind of the component that a public vote makes in the final ranking."""

TITLE: Mapping[str, str] = {"fr": "Vote du public", "en": "Public vote"}


@dataclass(frozen=True, slots=True)
class VoteRules:
    """Who comes in is not known: a ballot needs a printed code. ``most`` distinct prototypes stand on one ballot.

    ``challenge`` is the one whose prototypes are voted on. ``weight`` is the component's among those of the ranking, 0
    for a prize that enters no total. ``target`` is the share of the ballots, above 0 and up to 1, that is worth 100
    points. Ballots are taken while the phase ``phase`` is open, or between two acts of an organiser where it is "".
    """

    challenge: str
    title: Mapping[str, str]
    weight: int = 0
    most: int = 3
    target: float = 0.5
    phase: str = ""
