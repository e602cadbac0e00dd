"""Comparisons of two prototypes at a time: strengths by Bradley and Terry, and which pair to show next. Pure.

Source: ranking specification 4.6; Bradley and Terry, Biometrika 39 (1952), with a normal prior that keeps undefeated
prototypes finite and every graph solvable. No juror is weighed by agreement with the others: a dissenting juror would
be silently counted for less.
"""

import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from datathon.jury.linear import cholesky, inverse, solve
from datathon.jury.panel import islands

PRIOR = 1.0
LONGEST_STEP = 2.0
ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Vote:
    """One comparison; ``tie`` gives half a win to each."""

    juror: str
    winner: str
    loser: str
    tie: bool = False


@dataclass(frozen=True, slots=True)
class Strengths:
    """Strengths theta by item, summing to 0; higher is better. ``sd`` are posterior standard deviations.

    ``connected``: comparisons join all items; otherwise only the prior relates the parts, and the page must say so.
    """

    theta: Mapping[str, float]
    sd: Mapping[str, float]
    connected: bool

    def beats(self, one: str, other: str) -> float:
        """Return the probability, 0 to 1, that ``one`` is preferred to ``other``."""
        return _sigmoid(self.theta[one] - self.theta[other])


def strengths(items: Collection[str], votes: Iterable[Vote], *, prior: float = PRIOR) -> Strengths:
    """Return the strengths that maximise sum(w log sigmoid(theta_i - theta_j)) - prior / 2 * sum(theta^2).

    The order of the votes does not matter. Raises ValueError for a vote on an unknown item or on one item against
    itself, and for a prior that is not above 0.
    """
    if not prior > 0:
        raise ValueError("the prior must be above 0")
    names = sorted(items)
    wins = _wins(names, votes)
    theta = [0.0] * len(names)
    for _ in range(ROUNDS):
        gradient, hessian = _derivatives(theta, wins, prior)
        step = solve(cholesky(hessian), gradient)
        longest = max((abs(s) for s in step), default=0.0)
        shrink = min(1.0, LONGEST_STEP / longest) if longest else 1.0
        theta = [t + shrink * s for t, s in zip(theta, step, strict=True)]
        if longest < 1e-13:
            break
    mean = math.fsum(theta) / len(theta) if theta else 0.0
    covariance = inverse(cholesky(_derivatives(theta, wins, prior)[1]))
    pairs = [("", name) for name in names[:1]] + [(f"{i} {j}", names[k]) for i, j in wins for k in (i, j)]
    return Strengths(
        theta=dict(zip(names, [t - mean for t in theta], strict=True)),
        sd={name: math.sqrt(covariance[n][n]) for n, name in enumerate(names)},
        connected=len(islands(pairs)) <= 1 and len({t for _, t in pairs}) == len(names),
    )


def _wins(names: Sequence[str], votes: Iterable[Vote]) -> dict[tuple[int, int], tuple[float, float]]:
    """Return, for each compared pair of indices, the wins of the first and of the second."""
    place = {name: n for n, name in enumerate(names)}
    found: dict[tuple[int, int], list[float]] = {}
    for vote in votes:
        if vote.winner not in place or vote.loser not in place or vote.winner == vote.loser:
            raise ValueError(f"no comparison of two known items: {vote.winner!r}, {vote.loser!r}")
        i, j = place[vote.winner], place[vote.loser]
        pair = found.setdefault((min(i, j), max(i, j)), [0.0, 0.0])
        if vote.tie:
            pair[0] += 0.5
            pair[1] += 0.5
        else:
            pair[0 if i < j else 1] += 1
    return {pair: (won[0], won[1]) for pair, won in sorted(found.items())}


def _derivatives(
    theta: Sequence[float], wins: Mapping[tuple[int, int], tuple[float, float]], prior: float
) -> tuple[list[float], list[list[float]]]:
    gradient = [-prior * t for t in theta]
    hessian = [[prior if i == j else 0.0 for j in range(len(theta))] for i in range(len(theta))]
    for (i, j), (first, second) in wins.items():
        p = _sigmoid(theta[i] - theta[j])
        pull = first - (first + second) * p
        gradient[i] += pull
        gradient[j] -= pull
        curve = (first + second) * p * (1 - p)
        hessian[i][i] += curve
        hessian[j][j] += curve
        hessian[i][j] -= curve
        hessian[j][i] -= curve
    return gradient, hessian


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def next_pair(
    juror: str,
    items: Collection[str],
    votes: Sequence[Vote],
    *,
    seed: int,
    conflicts: Collection[str] = (),
    occupied: Collection[str] = (),
) -> tuple[str, str] | None:
    """Return the pair (left, right) to show a juror next, None when nothing is left to compare.

    Among pairs without a conflict, not seen by this juror, at no stand that is ``occupied`` by another juror: fewest
    comparisons so far, then the closest strengths, then chance. Left and right are chance too; ``seed`` repeats both.
    """
    seen = {frozenset((v.winner, v.loser)) for v in votes if v.juror == juror}
    free = sorted(set(items) - set(conflicts) - set(occupied))
    counts: dict[frozenset[str], int] = {}
    for vote in votes:
        pair = frozenset((vote.winner, vote.loser))
        counts[pair] = counts.get(pair, 0) + 1
    theta = strengths(items, votes).theta
    draw = random.Random(f"{seed} {juror} {len(votes)}")  # noqa: S311 - a fair order, not a secret
    best: list[tuple[str, str]] = []
    at: tuple[int, float] | None = None
    for n, one in enumerate(free):
        for other in free[n + 1 :]:
            pair = frozenset((one, other))
            if pair in seen:
                continue
            key = counts.get(pair, 0), round(abs(theta[one] - theta[other]), 9)
            if at is None or key < at:
                best, at = [], key
            if key == at:
                best.append((one, other))
    if not best:
        return None
    chosen = draw.choice(best)
    return chosen if draw.random() < 0.5 else (chosen[1], chosen[0])


def agreement_with(juror: str, votes: Sequence[Vote], fitted: Strengths) -> float | None:
    """Return the share, 0 to 1, of a juror's decided votes that go the way of the strengths; None without such a vote.

    It is shown, never used: nobody's vote counts for less.
    """
    own = [v for v in votes if v.juror == juror and not v.tie]
    if not own:
        return None
    return sum(fitted.theta[v.winner] > fitted.theta[v.loser] for v in own) / len(own)
