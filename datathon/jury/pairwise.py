"""Comparisons of two prototypes at a time: strengths by Bradley and Terry, and which pair to show next. Pure.

Source: ranking specification 4.6; Bradley and Terry, Biometrika 39 (1952), with a normal prior that keeps undefeated
prototypes finite and every graph solvable. No juror is weighed by agreement with the others: a dissenting juror would
be silently counted for less.
"""

import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datathon.jury.linear import cholesky, inverse
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
class Tally:
    """Wins by pair: (one, other), in alphabetical order, -> wins of the one and of the other, a tie half to each."""

    items: tuple[str, ...]
    wins: Mapping[tuple[str, str], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Strengths:
    """Strengths theta by item, summing to 0; higher is better. ``sd`` are posterior standard deviations.

    ``connected``: comparisons join all items; otherwise only the prior relates the parts, and the page must say so.
    ``parts`` names them, the largest first.
    """

    theta: Mapping[str, float]
    sd: Mapping[str, float]
    connected: bool
    parts: tuple[tuple[str, ...], ...] = ()

    def beats(self, one: str, other: str) -> float:
        """Return the probability, 0 to 1, that ``one`` is preferred to ``other``."""
        return _sigmoid(self.theta[one] - self.theta[other])


def preference(theta: float) -> float:
    """Return a strength on 0 to 100: the chance, in percent, to be preferred to a prototype of middle strength (theta 0).

    A fixed anchor: 0 gives 50, and no team's strength is stretched because another one is far away.
    """
    return round(100 * _sigmoid(theta), 9) + 0.0


def tally(items: Collection[str], votes: Iterable[Vote]) -> Tally:
    """Return the wins of each compared pair. Raises ValueError for a vote on no two known items."""
    names = sorted(items)
    known = set(names)
    found: dict[tuple[str, str], list[float]] = {}
    for vote in votes:
        if vote.winner not in known or vote.loser not in known or vote.winner == vote.loser:
            raise ValueError(f"no comparison of two known items: {vote.winner!r}, {vote.loser!r}")
        one, other = sorted((vote.winner, vote.loser))
        pair = found.setdefault((one, other), [0.0, 0.0])
        if vote.tie:
            pair[0] += 0.5
            pair[1] += 0.5
        else:
            pair[0 if vote.winner == one else 1] += 1
    return Tally(tuple(names), {pair: (won[0], won[1]) for pair, won in sorted(found.items())})


def strengths(items: Collection[str], votes: Iterable[Vote], *, prior: float = PRIOR) -> Strengths:
    """Return the strengths that maximise sum(w log sigmoid(theta_i - theta_j)) - prior / 2 * sum(theta^2).

    The order of the votes does not matter. Raises ValueError for a vote on an unknown item or on one item against
    itself, and for a prior that is not above 0.
    """
    return fitted(tally(items, votes), prior=prior)


def fitted(counts: Tally, *, prior: float = PRIOR) -> Strengths:
    """Return the strengths that ``strengths`` returns, from the wins of each pair."""
    return _fitted(counts.items, tuple(counts.wins.items()), prior)


@lru_cache(maxsize=16)
def _fitted(
    names: tuple[str, ...], wins: tuple[tuple[tuple[str, str], tuple[float, float]], ...], prior: float
) -> Strengths:
    games = _games(names, wins)
    theta = _theta(len(names), games, prior)
    covariance = inverse(cholesky(_hessian(theta, games, prior)))
    pairs = [(f"{one} {other}", name) for (one, other), _ in wins for name in (one, other)]
    lone = [(f" {name}", name) for name in names if name not in {t for _, t in pairs}]
    parts = sorted((tuple(sorted(p.teams)) for p in islands([*pairs, *lone])), key=lambda p: (-len(p), p))
    return Strengths(
        theta=dict(zip(names, theta, strict=True)),
        sd={name: math.sqrt(covariance[n][n]) for n, name in enumerate(names)},
        connected=len(parts) <= 1,
        parts=tuple(parts),
    )


Games = tuple[tuple[int, int, float, float], ...]


def _games(names: Sequence[str], wins: Iterable[tuple[tuple[str, str], tuple[float, float]]]) -> Games:
    place = {name: n for n, name in enumerate(names)}
    return tuple((place[one], place[other], *won) for (one, other), won in wins)


def _theta(size: int, games: Games, prior: float) -> list[float]:
    """Return the maximum by Newton's steps, each solved by conjugate gradients: one pass over the pairs a time."""
    if not prior > 0:
        raise ValueError("the prior must be above 0")
    theta = [0.0] * size
    for _ in range(ROUNDS):
        gradient, curves = _derivatives(theta, games, prior)
        step = _conjugate(gradient, curves, prior)
        longest = max((abs(s) for s in step), default=0.0)
        shrink = min(1.0, LONGEST_STEP / longest) if longest else 1.0
        theta = [t + shrink * s for t, s in zip(theta, step, strict=True)]
        if longest < 1e-13:
            break
    mean = math.fsum(theta) / size if size else 0.0
    return [t - mean for t in theta]


Curves = tuple[tuple[int, int, float], ...]


def _derivatives(theta: Sequence[float], games: Games, prior: float) -> tuple[list[float], Curves]:
    """Return the gradient, and of the negative Hessian what each pair adds."""
    gradient = [-prior * t for t in theta]
    curves = []
    for i, j, first, second in games:
        p = _sigmoid(theta[i] - theta[j])
        pull = first - (first + second) * p
        gradient[i] += pull
        gradient[j] -= pull
        curves.append((i, j, (first + second) * p * (1 - p)))
    return gradient, tuple(curves)


def _hessian(theta: Sequence[float], games: Games, prior: float) -> list[list[float]]:
    hessian = [[prior if i == j else 0.0 for j in range(len(theta))] for i in range(len(theta))]
    for i, j, curve in _derivatives(theta, games, prior)[1]:
        hessian[i][i] += curve
        hessian[j][j] += curve
        hessian[i][j] -= curve
        hessian[j][i] -= curve
    return hessian


def _conjugate(right: Sequence[float], curves: Curves, prior: float) -> list[float]:
    """Return x with (prior I + sum of the pairs' curves) x = ``right``."""
    found, rest = [0.0] * len(right), list(right)
    way, size = list(rest), math.fsum(r * r for r in rest)
    enough = size * 1e-30
    for _ in range(4 * len(right) + 8):
        if size <= enough:
            break
        image = [prior * w for w in way]
        for i, j, curve in curves:
            pull = curve * (way[i] - way[j])
            image[i] += pull
            image[j] -= pull
        pace = size / math.fsum(w * v for w, v in zip(way, image, strict=True))
        found = [f + pace * w for f, w in zip(found, way, strict=True)]
        rest = [r - pace * v for r, v in zip(rest, image, strict=True)]
        before, size = size, math.fsum(r * r for r in rest)
        way = [r + size / before * w for r, w in zip(rest, way, strict=True)]
    return found


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
    skipped: Collection[frozenset[str]] = (),
) -> tuple[str, str] | None:
    """Return the pair (left, right) to show a juror next, None when nothing is left to compare.

    Among pairs without a conflict, not seen by this juror nor ``skipped``, at no stand that is ``occupied`` by another
    juror: fewest comparisons so far, then the closest strengths, then chance. Left and right are chance too; ``seed`` repeats both.
    """
    seen = {frozenset((v.winner, v.loser)) for v in votes if v.juror == juror} | set(skipped)
    free = sorted(set(items) - set(conflicts) - set(occupied))
    counts: dict[frozenset[str], int] = {}
    for vote in votes:
        pair = frozenset((vote.winner, vote.loser))
        counts[pair] = counts.get(pair, 0) + 1
    counted = tally(items, votes)
    theta = dict(
        zip(
            counted.items,
            _theta(len(counted.items), _games(counted.items, counted.wins.items()), PRIOR),
            strict=True,
        )
    )
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
