"""Work out again the strengths behind comparisons two by two, with numpy."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datathon.publication.verify.read import NotResultsError, Pairs

ROUNDS = 200
Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Strengths:
    """Theta and its standard deviation by team, as they are published; whether the comparisons join all teams."""

    theta: Mapping[str, float]
    sd: Mapping[str, float]
    connected: bool


def worked_pairs(pairs: Pairs) -> Strengths:
    """Return the strengths behind these wins; NotResultsError where none can be found."""
    place = {team: n for n, team in enumerate(pairs.teams)}
    size = len(place)
    won = np.zeros((size, size))
    for one, other, first, second in pairs.wins:
        won[place[one], place[other]] += first
        won[place[other], place[one]] += second
    with np.errstate(all="ignore"):
        theta, hessian = _fitted(won, pairs.prior)
    mean = math.fsum(theta) / size if size else 0.0
    spread = np.sqrt(np.diag(_inverse(hessian))) if size else theta

    def said(value: float) -> float:
        return round(float(value), pairs.decimals) + 0.0

    return Strengths(
        {team: said(theta[n] - mean) for team, n in place.items()},
        {team: said(spread[n]) for team, n in place.items()},
        _joined(pairs),
    )


def _fitted(won: Matrix, prior: float) -> tuple[Matrix, Matrix]:
    """Return the maximum and the negative Hessian there; NotResultsError where none is found."""
    size = len(won)
    games = won + won.T
    theta, hessian = np.zeros(size), prior * np.eye(size)
    for _ in range(ROUNDS if size else 0):
        chance = 1 / (1 + np.exp(-(theta[:, None] - theta[None, :])))
        slope = (won - games * chance).sum(axis=1) - prior * theta
        curve = games * chance * (1 - chance)
        hessian = np.diag(curve.sum(axis=1)) - curve + prior * np.eye(size)
        step = _inverse(hessian) @ slope
        longest = float(np.abs(step).max())
        theta = theta + step * min(1.0, 2.0 / longest if longest else 1.0)
        if longest < 1e-12:
            break
    return theta, hessian


def _inverse(matrix: Matrix) -> Matrix:
    try:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise NotResultsError("pairwise: these wins and this prior have no strengths") from None


def _joined(pairs: Pairs) -> bool:
    reached, edge = set[str](), set(pairs.teams[:1])
    while edge:
        reached |= edge
        edge = {t for one, other, *_ in pairs.wins if {one, other} & edge for t in (one, other)} - reached
    return len(reached) == len(pairs.teams)
