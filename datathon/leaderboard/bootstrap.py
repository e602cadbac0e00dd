"""How sure the order of a board is: the test rows drawn again, the same draw for every team. Needs numpy.

Source: ranking specification 4.4. Memory does not grow with the rows: they come in blocks, and what each draw takes of a
block follows from one multinomial split, so that the counts of all blocks together are one multinomial draw.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MadeBy = Literal["mean", "root", "rest"]
Block = TypeVar("Block", bound=Sized)

DRAWS = 2000
LEVEL = 0.95
FEW_ROWS = 30
"""With fewer rows the figures are called indicative."""
BLOCK_ROWS = 1024
"""Rows at a time: 2,000 draws of a block take 16 MB of counts, twice that while they are made."""
_PAIRS_AT_A_TIME = 2_000_000


@dataclass(frozen=True, slots=True)
class Certainty:
    """What the draws say of ``k`` teams, in the order they came.

    ``place[i, p]`` is the share of draws where team i has rank p + 1 (rows sum to 1; ranks are shared, so that columns
    need not). ``first``, ``podium``, ``median`` and ``drawn`` (lowest and highest rank of the middle ``level`` of the
    draws, inverted distribution) follow from it. ``beats[i, j]`` is the share of draws where i is strictly better than
    j. ``better[i, j]`` tells that i is better than j beyond the noise of all pairs together (``critical``: the largest
    studentised difference that 95 per cent of the draws stay under); ``ranks`` are the ranks that this leaves open,
    the observed one among them. ``rows`` that were drawn from.
    """

    rows: int
    draws: int
    level: float
    observed: tuple[int, ...]
    place: Floats
    first: Floats
    podium: Floats
    median: tuple[int, ...]
    drawn: tuple[tuple[int, int], ...]
    beats: Floats
    critical: float
    better: npt.NDArray[np.bool_]
    ranks: tuple[tuple[int, int], ...]

    @property
    def indicative(self) -> bool:
        """Whether the rows are too few to say more than a direction."""
        return self.rows < FEW_ROWS


def seed_of(key: bytes, edition: str, phase: str) -> int:
    """Return the seed of the draws, the same each time for one edition and phase: 64 bits of an HMAC-SHA256."""
    return int.from_bytes(hmac.new(key, f"{edition}+{phase}".encode(), hashlib.sha256).digest()[:8], "big")


def blocks_of(losses: Floats, size: int = BLOCK_ROWS) -> Callable[[], Iterator[Floats]]:
    """Return what ``bootstrap`` reads from a matrix (rows, teams) that is in memory already."""
    return lambda: (losses[start : start + size] for start in range(0, len(losses), size))


def bootstrap(
    blocks: Callable[[], Iterable[Floats]],
    *,
    rows: int,
    teams: int,
    made_by: MadeBy,
    decimals: int,
    seed: int,
    draws: int = DRAWS,
    level: float = LEVEL,
    progress: Callable[[float], object] = lambda _: None,
) -> Certainty:
    """Draw ``rows`` rows with replacement ``draws`` times, rank the teams each time, and return what came of it.

    ``blocks()`` yields the losses (lower is better) in blocks of shape (some rows, teams), twice. The value of a team is
    the mean of its losses, the root of that or 1 minus it, rounded to ``decimals`` before it is compared, as on boards.
    Raises ValueError for fewer than two rows or no team. ``progress`` hears the share done.
    """
    _check(rows, teams)
    means = sum((block.sum(axis=0) for block in blocks()), np.zeros(teams)) / rows
    away, spread, taken = np.zeros((draws, teams)), np.zeros((teams, teams)), 0
    for counts, block in draw_by_block(blocks(), rows=rows, draws=draws, seed=seed):
        centred = block - means
        away += counts @ centred
        spread += centred.T @ centred
        taken += len(block)
        progress(0.8 * taken / rows)
    error = pair_error(spread / (rows - 1), rows)
    return summarise(means, away / rows, error, rows=rows, made_by=made_by, decimals=decimals,
                     level=level, progress=lambda done: progress(0.8 + 0.2 * done))  # fmt: skip


def draw_by_block(blocks: Iterable[Block], *, rows: int, draws: int, seed: int) -> Iterator[tuple[Floats, Block]]:
    """Yield how often each draw took each row of a block, shape (draws, rows of the block), and the block.

    All blocks together, ``rows`` long, are one multinomial draw, the same for one seed.
    """
    rng = np.random.default_rng(seed)
    left, taken = np.full(draws, rows), 0
    for block in blocks:
        size = len(block)
        # Of what is left of each draw, how much falls into this block.
        here = rng.binomial(left, 1.0 if taken + size == rows else size / (rows - taken))
        yield _counts(rng, here, size), block
        left, taken = left - here, taken + size


def from_counts(
    losses: Floats, counts: npt.NDArray[np.int64], *, made_by: MadeBy = "mean", decimals: int = 6, level: float = LEVEL
) -> Certainty:
    """Return the same from draws that are given: ``counts`` (draws, rows) says how often each row was drawn."""
    rows, teams = losses.shape
    _check(rows, teams)
    means = losses.mean(axis=0)
    centred = losses - means
    error = pair_error(centred.T @ centred / (rows - 1), rows)
    return summarise(means, counts @ centred / rows, error, rows=rows, made_by=made_by, decimals=decimals, level=level)


def groups(order: list[int], better: npt.NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Return the largest runs of neighbours in ``order`` of whom nobody is better than another beyond the noise.

    Runs may overlap: the first and the second cannot be told apart, nor the second and the third, the first and the
    third can. Runs of one are left out.
    """
    found: list[tuple[int, ...]] = []
    reached = 0
    for start in range(len(order)):
        end = start + 1
        while end < len(order) and not any(
            better[one, order[end]] or better[order[end], one] for one in order[start:end]
        ):
            end += 1
        if end - start > 1 and end > reached:
            found.append(tuple(order[start:end]))
            reached = end
    return tuple(found)


def _check(rows: int, teams: int) -> None:
    if teams < 1:
        raise ValueError("there is no team")
    if rows < 2:
        raise ValueError("fewer than two rows say nothing of the noise")


def _counts(rng: np.random.Generator, here: npt.NDArray[np.int64], size: int) -> Floats:
    """Return how often each of ``size`` rows was drawn, shape (draws, size); draw b has ``here[b]`` of them."""
    drawn = rng.integers(0, size, size=int(here.sum()), dtype=np.int32)
    drawn += np.repeat(np.arange(len(here), dtype=np.int32) * size, here)
    return np.bincount(drawn, minlength=len(here) * size).reshape(len(here), size).astype(np.float64)


def _value(means: Floats, made_by: MadeBy, decimals: int) -> Floats:
    """Return the metric of mean losses, rounded and turned so that lower is better."""
    # A mean of squares may come out of the sums a hair below zero.
    made = np.sqrt(np.maximum(means, 0)) if made_by == "root" else means - 1 if made_by == "rest" else means
    return np.round(made, decimals) + 0.0


def summarise(
    means: Floats,
    away: Floats,
    error: Floats,
    *,
    rows: int,
    made_by: MadeBy,
    decimals: int,
    level: float,
    progress: Callable[[float], object] = lambda _: None,
) -> Certainty:
    """Return the certainty from mean losses (teams,), each draw's distance to them (draws, teams) and ``pair_error``."""
    draws, teams = away.shape
    values = _value(means + away, made_by, decimals)
    ranks = np.empty((draws, teams), dtype=np.int64)
    beats, largest = np.zeros((teams, teams)), np.zeros(draws)
    inverse = np.divide(1.0, error, out=np.zeros_like(error), where=error > 0)
    step = max(1, _PAIRS_AT_A_TIME // (teams * teams))
    for start in range(0, draws, step):
        part = slice(start, start + step)
        strictly = values[part, :, None] < values[part, None, :]
        ranks[part] = 1 + strictly.sum(axis=1)
        beats += strictly.sum(axis=0)
        largest[part] = (np.abs(away[part, :, None] - away[part, None, :]) * inverse).max(axis=(1, 2))
        progress(min(1.0, (start + step) / draws))
    critical = float(np.quantile(largest, level, method="inverted_cdf"))
    observed = _value(means, made_by, decimals)
    # Better by how much: positive where i is ahead of j. Nobody is ahead of an equal score.
    lead = means[None, :] - means[:, None]
    # Where no row tells two teams apart in more than a constant, any lead is one.
    studentised = np.where(error > 0, lead * inverse, np.where(lead > 0, np.inf, 0.0))
    better = (studentised > critical) & (observed[:, None] < observed[None, :])
    place = np.stack([(ranks == rank).mean(axis=0) for rank in range(1, teams + 1)], axis=1)
    quantiles = np.quantile(ranks, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0, method="inverted_cdf")
    return Certainty(
        rows=rows,
        draws=draws,
        level=level,
        observed=tuple(int(1 + (observed < one).sum()) for one in observed),
        place=place,
        first=place[:, 0],
        podium=place[:, :3].sum(axis=1),
        median=tuple(int(one) for one in quantiles[1]),
        drawn=tuple((int(low), int(high)) for low, high in zip(quantiles[0], quantiles[2], strict=True)),
        beats=beats / draws,
        critical=critical,
        better=better,
        ranks=tuple((int(1 + better[:, i].sum()), int(teams - better[i].sum())) for i in range(teams)),
    )


def pair_error(spread: Floats, rows: int) -> Floats:
    """Return the standard error of each difference of two means; 0 where the two never differ by more than a constant."""
    own = np.diag(spread)
    variance: Any = own[:, None] + own[None, :] - 2 * spread
    # What is left of equal columns after the subtraction is rounding.
    variance[variance < 1e-12 * (own[:, None] + own[None, :])] = 0.0
    return np.asarray(np.sqrt(variance / rows))
