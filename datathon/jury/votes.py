"""The count of a public vote. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datathon.editions.vote import VoteRules


@dataclass(frozen=True, slots=True)
class Votes:
    """``ballots`` came; ``counts`` says how many of them name each team that could be named.

    ``frozen`` tells the weight, the sum of all weights ("whole") and the instant at which the rules were frozen;
    ``void`` the printed sheets that were void: number, codes, how many had served, whether those ballots were "kept" or
    "removed".
    """

    rules: VoteRules
    ballots: int
    counts: Mapping[str, int]
    frozen: Mapping[str, Any] | None = None
    void: tuple[Mapping[str, Any], ...] = ()

    def share(self, team: str) -> float | None:
        """Return the share of the ballots that name a team, 0 to 1; 0 where no ballot came, None for a strange team.

        It depends on the ballots and on this team alone: a team that leaves moves nobody else's share.
        """
        named = self.counts.get(team)
        return None if named is None else named / self.ballots if self.ballots else 0.0


def count(rules: VoteRules, candidates: Iterable[str], ballots: Iterable[Iterable[str]]) -> Votes:
    """Count ballots; names that are no candidate's (a team that withdrew) count for nobody, their ballots stay."""
    counts, came = dict.fromkeys(candidates, 0), 0
    for ballot in ballots:
        came += 1
        for team in set(ballot):
            if team in counts:
                counts[team] += 1
    return Votes(rules, came, counts)


def leaders(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the teams that most ballots name; none where no ballot names anybody."""
    most = max(counts.values(), default=0)
    return tuple(team for team, named in counts.items() if named == most) if most else ()
