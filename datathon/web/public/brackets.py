"""Boards of one kind of team: the lines of a bracket, with their ranks among themselves beside those of the whole board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from datathon.editions.groups import Bracket
from datathon.editions.rules import Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.rules import shared_ranks
from datathon.web.guards import NOWHERE


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a board is narrowed to: the lines of a bracket (None: all), the teams whose name has ``wanted`` ("": all)."""

    bracket: Bracket | None = None
    wanted: str = ""

    @property
    def further(self) -> str:
        """What the addresses of a board's other pages carry besides the page."""
        return f"bracket={self.bracket.id}&" if self.bracket is not None else ""


EVERYTHING = Sieve()


def asked(edition: Edition) -> Sieve:
    """Return what the present address asks for. Raises NotFound for a bracket that the edition does not have."""
    wanted, named = " ".join(request.args.get("q", "")[:80].split()), request.args.get("bracket", "")
    bracket = next((one for one in edition.brackets if one.id == named), None)
    if named and bracket is None:
        raise NotFound(NOWHERE)
    return Sieve(bracket, wanted)


def within(rows: Sequence[Mapping[str, Any]], bracket: Bracket | None) -> list[tuple[Mapping[str, Any], int | None]]:
    """Return the rows of a bracket, each with its rank among its ranked teams; of no bracket all rows, without.

    Ranks are shared as on the whole board, and skip likewise. Baselines belong to no bracket.
    """
    if bracket is None:
        return [(row, None) for row in rows]
    inside = [row for row in rows if bracket.id in row.get("brackets", ())]
    ranks = [row["rank"] for row in inside if row["rank"] is not None]
    places = dict(zip(ranks, shared_ranks([(float(rank),) for rank in ranks]), strict=True))
    return [(row, places.get(row["rank"])) for row in inside]
