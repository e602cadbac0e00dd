"""Who grades whom: a plan that is feasible, even, connected, and compares teams as well as it can.

Source: ranking specification 4.7. The binary program is HiGHS's, through scipy; what it finds is improved by swaps.
numpy and scipy are imported when a plan is made, which is rare.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datathon.jury.feasible import Need, check_feasible, flow
from datathon.jury.panel import check_connected, islands
from datathon.kernel.errors import Invalid

COMPLETE_UP_TO = 150
"""Sheets up to which everybody grades everything by default: the best statistics there is."""

TRIALS = 4000
"""Swaps tried in all; the same number on every machine, so that the same input gives the same plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An assignment: teams by juror in reading order, loads, and how well it compares.

    ``variance`` is the mean over pairs of teams of the variance of their difference, ``worst`` the largest, both in
    units of a mark's variance (sigma^2); ``complete`` tells that only conflicts are missing.
    """

    order: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    variance: float
    worst: float
    complete: bool

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The (juror, team) pairs."""
        return frozenset((j, t) for j, teams in self.order.items() for t in teams)


def default_per_team(teams: int, jurors: int, wanted: int) -> int:
    """Return the jurors each team gets: all of them up to 150 sheets, else ``wanted``."""
    return jurors if teams * jurors <= COMPLETE_UP_TO else min(wanted, jurors)


def assign(need: Need, *, seed: int) -> Plan:
    """Return the plan for ``need``; the same input and seed give the same plan.

    With ``per_team`` as many as there are jurors everybody grades every team without conflict. Kept pairs stay. Raises Invalid, in
    words, when the need cannot be met, and when conflicts and caps leave panels that cannot be compared.
    """
    if need.per_team >= len(need.jurors):
        pairs = [(j, t) for j in need.jurors for t in need.teams if need.may(j, t)]
        over = [j for j in need.jurors if sum(p[0] == j for p in pairs) > need.cap(j)]
        if over:
            raise Invalid("%(jurors)s would get more sheets than agreed.", jurors=", ".join(over))
        lonely = [t for t in need.teams if all(p[1] != t for p in pairs)]
        if lonely:
            raise Invalid("Nobody may grade %(teams)s.", teams=", ".join(lonely))
        check_connected(pairs)
        return _plan(need, pairs, seed, complete=True)
    check_feasible(need)
    matrix = _improved(need, _start(need, seed), seed)
    pairs = [(j, t) for n, t in enumerate(need.teams) for m, j in enumerate(need.jurors) if matrix[n][m]]
    check_connected(pairs)
    return _plan(need, pairs, seed, complete=False)


def _plan(need: Need, pairs: Sequence[tuple[str, str]], seed: int, *, complete: bool) -> Plan:
    mean, worst = design_variance(pairs)
    order = reading_order(need.teams, need.jurors, pairs, seed=seed)
    return Plan(order, {j: len(teams) for j, teams in order.items()}, mean, worst, complete)


def design_variance(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Return mean and largest variance of the difference of two teams, in sigma^2; infinite when not connected.

    e' L+ e over pairs of teams, L the Laplacian of the graph of (juror, team) ``pairs``. 0 for a single team.
    """
    import numpy as np  # noqa: PLC0415 - only plans need it

    if len(islands(pairs)) > 1:
        return math.inf, math.inf
    teams, jurors = sorted({t for _, t in pairs}), sorted({j for j, _ in pairs})
    meets = np.zeros((len(teams), len(jurors)))
    for juror, team in pairs:
        meets[teams.index(team), jurors.index(juror)] = 1
    # The Schur complement on the teams: what is left when the jurors' severities are free.
    schur = np.diag(meets.sum(axis=1)) - meets @ np.diag(1 / meets.sum(axis=0)) @ meets.T
    inverse = np.linalg.pinv(schur, hermitian=True)
    own = np.diag(inverse)
    between = own[:, None] + own[None, :] - 2 * inverse
    above = between[np.triu_indices(len(teams), 1)]
    return (float(above.mean()), float(above.max())) if above.size else (0.0, 0.0)


def reading_order(
    teams: Sequence[str], jurors: Sequence[str], pairs: Sequence[tuple[str, str]], *, seed: int
) -> dict[str, tuple[str, ...]]:
    """Return each juror's teams in reading order: one shuffled round, begun at another place by each juror.

    On a complete design with as many jurors as teams each team stands once at each place, so that the drift of a long
    day is spread evenly.
    """
    draw = random.Random(seed)  # noqa: S311 - a fair order, not a secret
    around, queue = list(teams), list(jurors)
    draw.shuffle(around)
    draw.shuffle(queue)
    wanted = set(pairs)
    found = {}
    for place, juror in enumerate(queue):
        own = [t for t in around if (juror, t) in wanted]
        first = place * len(own) // len(queue)
        found[juror] = tuple(own[first:] + own[:first])
    return {juror: found[juror] for juror in jurors}


def _start(need: Need, seed: int) -> Any:
    """Return a teams x jurors array of 0 and 1: loads as even as can be, soft costs small, otherwise by chance."""
    import numpy as np  # noqa: PLC0415 - only plans need it
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - as above
    from scipy.sparse import csr_array, kron  # noqa: PLC0415 - as above

    count, size = len(need.teams), len(need.jurors)
    high = _lowest_ceiling(need)
    allowed = np.array([[need.may(j, t) for j in need.jurors] for t in need.teams], dtype=float)
    chance = np.random.default_rng(seed).random((count, size))
    costs = np.array([[need.costs.get((j, t), 0.0) for j in need.jurors] for t in need.teams])
    per_team = kron(np.eye(count), np.ones((1, size)))
    per_juror = kron(np.ones((1, count)), np.eye(size))
    standing = np.array([[(j, t) in need.kept for j in need.jurors] for t in need.teams], dtype=float)
    caps = np.maximum([min(need.cap(j), high) for j in need.jurors], standing.sum(axis=0))
    wanted = np.array([need.wanted(t) for t in need.teams])
    for low in range(high - 1, -1, -1):
        done = milp(
            (1000 * count * size * costs + chance).ravel(),
            integrality=np.ones(count * size),
            bounds=Bounds(standing.ravel(), allowed.ravel()),
            constraints=[
                LinearConstraint(csr_array(per_team), wanted, wanted),
                LinearConstraint(csr_array(per_juror), np.minimum(low, caps), caps),
            ],
        )
        if done.x is not None:
            return np.rint(done.x).reshape(count, size).astype(int)
    raise Invalid("No plan was found.")


def _lowest_ceiling(need: Need) -> int:
    """Return the smallest load that, as a cap for everybody, still lets every team have its jurors."""
    low = max(1, math.ceil(len(need.teams) * need.per_team / len(need.jurors)))
    while flow(replace(need, caps={j: min(need.cap(j), low) for j in need.jurors})).short:
        low += 1
    return low


def _improved(need: Need, matrix: Any, seed: int) -> Any:
    """Swap the jurors of two teams while the comparison gets better and no soft cost rises; loads stay as they are."""
    import numpy as np  # noqa: PLC0415 - only plans need it

    draw = np.random.default_rng([seed, 1])
    costs = np.array([[need.costs.get((j, t), 0.0) for j in need.jurors] for t in need.teams])
    allowed = np.array([[need.may(j, t) for j in need.jurors] for t in need.teams])
    free = np.array([[(j, t) not in need.kept for j in need.jurors] for t in need.teams])
    meets = (matrix.T @ matrix).astype(float)
    best = _spread(meets, need.per_team)
    for _ in range(TRIALS if len(need.teams) > 1 else 0):
        one, other = draw.choice(len(need.teams), 2, replace=False)
        gives = np.flatnonzero((matrix[one] == 1) & (matrix[other] == 0) & allowed[other] & free[one])
        takes = np.flatnonzero((matrix[other] == 1) & (matrix[one] == 0) & allowed[one] & free[other])
        if not (gives.size and takes.size):
            continue
        i, j = draw.choice(gives), draw.choice(takes)
        if costs[one, j] + costs[other, i] > costs[one, i] + costs[other, j]:
            continue
        moved = matrix[[one, other]]
        changed = meets - np.outer(moved[0], moved[0]) - np.outer(moved[1], moved[1])
        moved[0, i], moved[1, i], moved[0, j], moved[1, j] = 0, 1, 1, 0
        changed += np.outer(moved[0], moved[0]) + np.outer(moved[1], moved[1])
        value = _spread(changed, need.per_team)
        if value < best - 1e-9 or (value <= best + 1e-9 and draw.random() < 0.2):
            matrix[[one, other]], meets, best = moved, changed, value
    return matrix


def _spread(meets: Any, per_team: int) -> float:
    """Return the mean variance of a difference up to constants, from the jurors' side, which is the smaller one.

    ``meets`` counts the teams that two jurors share, each juror's load on its diagonal. With equal numbers per team the
    inverse of I - M + v v' gives the variance: M is ``meets`` scaled, v its own direction of eigenvalue 1, which is
    left out. Parts that do not hang together come out some 1e9 each.
    """
    import numpy as np  # noqa: PLC0415 - only plans need it

    loads = meets.diagonal()
    used = loads > 0
    root = np.sqrt(loads[used])
    scaled = meets[np.ix_(used, used)] / np.outer(root, root) / per_team
    direction = root / math.sqrt(loads.sum())
    system = (1 + 1e-9) * np.eye(len(root)) - scaled + np.outer(direction, direction)
    return float(np.linalg.inv(system).trace()) + 1e9 * int((~used).sum())
