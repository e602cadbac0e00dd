"""Who graded whom: completeness and connectedness of a jury's panels. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datathon.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Grade:
    """One juror's total for one team, in points; higher is better."""

    juror: str
    team: str
    points: float


@dataclass(frozen=True, slots=True)
class Island:
    """Teams and jurors that grades connect with one another and with nobody else; both sorted."""

    teams: tuple[str, ...]
    jurors: tuple[str, ...]


def islands(pairs: Iterable[tuple[str, str]]) -> tuple[Island, ...]:
    """Return the connected parts of the (juror, team) pairs, the largest first, then by first team.

    Two teams of different islands cannot be compared: a strict jury and weak prototypes look the same.
    """
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for juror, team in pairs:
        parent[root(("juror", juror))] = root(("team", team))
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for node in list(parent):
        teams, jurors = found.setdefault(root(node), ([], []))
        (teams if node[0] == "team" else jurors).append(node[1])
    parts = [Island(tuple(sorted(teams)), tuple(sorted(jurors))) for teams, jurors in found.values()]
    return tuple(sorted(parts, key=lambda island: (-len(island.teams), island.teams, island.jurors)))


def is_complete(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether every juror among the (juror, team) pairs graded every team among them."""
    return len(set(pairs)) == len({j for j, _ in pairs}) * len({t for _, t in pairs})


def missing_bridges(parts: Sequence[Island]) -> tuple[tuple[str, str], ...]:
    """Return (juror, team) pairs, one for each island after the first, that would connect them all.

    Each takes a juror of the first island to the first team of another; whoever has jurors free may choose other pairs.
    """
    return tuple((parts[0].jurors[0], other.teams[0]) for other in parts[1:])


def check_connected(pairs: Sequence[tuple[str, str]]) -> None:
    """Raise Invalid naming the islands and a missing bridge when grades do not connect all teams; or without grades."""
    parts = islands(pairs)
    if not parts:
        raise Invalid("No sheet counts: there is nothing to compare.")
    if len(parts) == 1:
        return
    juror, team = missing_bridges(parts)[0]
    raise Invalid(
        "The panels cannot be compared, nobody graded in both: %(panels)s. A sheet of %(juror)s for %(team)s would connect them.",
        panels=" | ".join(f"{', '.join(p.teams)} ({', '.join(p.jurors)})" for p in parts),
        juror=juror,
        team=team,
    )
