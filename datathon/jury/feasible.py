"""Can every team get its jurors? A flow says yes, or names the teams that are short. Pure.

Source: ranking specification 4.7; the shortage is Hall's condition, read from the cut of the largest flow.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from datathon.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Need:
    """What an assignment must respect: ``per_team`` jurors for each team, caps by juror (absent: no limit), conflicts.

    ``conflicts`` holds (juror, team) pairs that must not meet, ``costs`` soft ones: the lower the better. ``kept`` holds
    pairs that stand already and stay; they count against caps, which give way to them.
    """

    teams: tuple[str, ...]
    jurors: tuple[str, ...]
    per_team: int
    caps: Mapping[str, int] = field(default_factory=dict)
    conflicts: frozenset[tuple[str, str]] = frozenset()
    costs: Mapping[tuple[str, str], float] = field(default_factory=dict)
    kept: frozenset[tuple[str, str]] = frozenset()

    def cap(self, juror: str) -> int:
        """Return how many sheets this juror may get."""
        standing = sum(j == juror for j, _ in self.kept) if self.kept else 0
        return max(standing, min(self.caps.get(juror, len(self.teams)), len(self.teams)))

    def wanted(self, team: str) -> int:
        """Return how many jurors this team gets."""
        return max(self.per_team, sum(t == team for _, t in self.kept)) if self.kept else self.per_team

    def may(self, juror: str, team: str) -> bool:
        """Whether this juror may grade this team."""
        return (juror, team) not in self.conflicts


@dataclass(frozen=True, slots=True)
class Flow:
    """A largest assignment: its sheets by team, and when it is not enough the teams that are short.

    Then ``needed`` sheets are asked for by ``short`` together, and the jurors can give them ``possible`` at most.
    """

    sheets: Mapping[str, frozenset[str]]
    short: tuple[str, ...] = ()
    needed: int = 0
    possible: int = 0

    @property
    def total(self) -> int:
        """Sheets in all."""
        return sum(len(jurors) for jurors in self.sheets.values())


def flow(need: Need) -> Flow:
    """Return a largest assignment that breaks no cap and no conflict, the same for the same input.

    Raises ValueError for less than one juror per team and for a negative cap.
    """
    if need.per_team < 1 or any(cap < 0 for cap in need.caps.values()):
        raise ValueError("one juror per team at least, and no negative cap")
    given: dict[str, set[str]] = {team: set() for team in need.teams}
    held: dict[str, set[str]] = {juror: set() for juror in need.jurors}
    for juror, team in need.kept:
        given[team].add(juror)
        held[juror].add(team)
    cut: set[str] = set()
    for team in need.teams:
        for _ in range(need.per_team - len(given[team])):
            reached = _augment(need, team, given, held)
            if reached is not None:
                cut |= reached
                break
    sheets = {team: frozenset(jurors) for team, jurors in given.items()}
    if not cut:
        return Flow(sheets)
    # Later teams may have moved sheets: the cut is read again from every team that ended short.
    short: set[str] = set()
    for team in need.teams:
        if len(given[team]) < need.per_team:
            short |= _augment(need, team, given, held) or set()
    bound = {j: sum(k == j and t not in short for k, t in need.kept) for j in need.jurors}
    possible = sum(min(need.cap(j) - bound[j], sum(need.may(j, t) for t in short)) for j in need.jurors)
    names = tuple(t for t in need.teams if t in short)
    return Flow({t: frozenset(j) for t, j in given.items()}, names, sum(need.wanted(t) for t in names), possible)


def _augment(need: Need, start: str, given: Mapping[str, set[str]], held: Mapping[str, set[str]]) -> set[str] | None:
    """Give ``start`` one more juror, moving sheets of others if need be; return the teams reached when it cannot be."""
    came: dict[str, tuple[str, str] | None] = {start: None}
    tried: set[str] = set()
    queue = [start]
    for team in queue:
        for juror in need.jurors:
            if juror in tried or juror in given[team] or not need.may(juror, team):
                continue
            tried.add(juror)
            if len(held[juror]) < need.cap(juror):
                _move(team, juror, came, given, held)
                return None
            for other in sorted(held[juror]):
                if other not in came and (juror, other) not in need.kept:
                    came[other] = (team, juror)
                    queue.append(other)
    return set(came)


def _move(
    team: str,
    juror: str,
    came: Mapping[str, tuple[str, str] | None],
    given: Mapping[str, set[str]],
    held: Mapping[str, set[str]],
) -> None:
    while True:
        given[team].add(juror)
        held[juror].add(team)
        before = came[team]
        if before is None:
            return
        earlier, freed = before
        given[team].discard(freed)
        held[freed].discard(team)
        team, juror = earlier, freed


def check_feasible(need: Need) -> Flow:
    """Return a feasible assignment; raise Invalid naming the teams that are short, and by how much."""
    found = flow(need)
    if found.short:
        raise Invalid(
            "%(teams)s: %(needed)s sheets are needed, but the members of the jury who may grade them can give only %(possible)s.",
            teams=", ".join(found.short),
            needed=found.needed,
            possible=found.possible,
        )
    return found


def jurors_needed(*, prototypes: int, readings: int, minutes_each: float, minutes_per_juror: float) -> int:
    """Return J = ceil(P n t / T), and never fewer than the readings each prototype gets.

    ``minutes_each`` is what one reading takes, ``minutes_per_juror`` what one juror has. Raises ValueError for times
    that are not above 0 and for negative counts.
    """
    if min(prototypes, readings) < 0 or not (minutes_each > 0 and minutes_per_juror > 0):
        raise ValueError("counts from 0 and times above 0 expected")
    work = round(prototypes * readings * minutes_each / minutes_per_juror, 9)
    return max(math.ceil(work), readings if prototypes else 0)
