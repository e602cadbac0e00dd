"""How sure the order of a board is where a metric is no mean of losses: its sums drawn again, its value made of them.

Needs numpy. Source: ranking specification 4.4. The draws are those of ``bootstrap``; each brings sums of what its rows
bring (``scorers.sums``), and the value is made of these sums as it is made of all rows. Of the area under the ROC curve
the first order is taken: what a row brings is taken from all rows (DeLong's placements).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from datathon.leaderboard.bootstrap import (
    BLOCK_ROWS,
    DRAWS,
    LEVEL,
    Certainty,
    Floats,
    draw_by_block,
    pair_error,
    summarise,
)
from scorers import sums

MOST_NUMBERS = 4_000
"""Sums of all teams that are kept at once: 2,000 draws of them take 64 MB. More teams mean another round of draws."""
_FEWEST_DRAWS = 0.5


@dataclass(frozen=True, slots=True)
class Brought:
    """What the rows of one team bring: ``common`` to all its rows, in ``wide`` sums; ``cells`` for tables of classes."""

    kind: str
    common: sums.Known
    wide: int
    cells: Floats

    def features(self, block: Floats) -> Floats:
        """Return what each row of ``block`` (rows, numbers) adds to the sums, shape (rows, wide)."""
        one = block[:, 0]
        if self.kind in sums.CELLS:
            return np.where(one[:, None] == self.cells, block[:, 1:], 0.0)
        if self.kind == "ratio":
            return block
        if self.kind == "auc":
            above = one >= 0
            return np.column_stack((above, np.where(above, one, 0), ~above, np.where(above, 0, -1 - one)))
        return np.column_stack((block, block * block, one * block[:, 1]))

    def value(self, found: Sequence[float]) -> float:
        """Return the metric's value of sums, nan where they make none."""
        made = sums.value(self.kind, self.common, found)
        return np.nan if made is None else made


def brought_by(kind: str, rows: Floats) -> Brought:
    """Return what is common to the ``rows`` (rows, numbers) of a team."""
    one = rows[:, 0]
    if kind in sums.CELLS:
        cells = np.unique(one)
        return Brought(kind, sums.known(kind, 0, cells.tolist()), len(cells), cells)
    above = one >= 0
    auc = float(np.sum(above)), float(np.sum(~above)), float(np.sum(one[above]))
    return Brought(kind, sums.known(kind, len(rows), (), auc), {"ratio": 3, "auc": 4}.get(kind, 5), np.empty(0))


def recount(
    read: Callable[[int, int, int], Floats],
    teams: Sequence[Brought],
    *,
    rows: int,
    decimals: int,
    seed: int,
    draws: int = DRAWS,
    level: float = LEVEL,
    most_numbers: int = MOST_NUMBERS,
    progress: Callable[[float], object] = lambda _: None,
) -> Certainty | None:
    """Draw ``rows`` rows with replacement ``draws`` times, make every team's value again and rank the teams.

    ``read(team, start, size)`` returns what ``size`` rows of a team bring, shape (size, numbers). Higher values are
    better. Draws in which the value of a team does not exist (no positive was drawn) are left out for all; None when
    that is more than half of them. Raises ValueError for fewer than two rows or no team.
    """
    rounds = batches([team.wide for team in teams], most_numbers)
    drawn, observed = np.empty((draws, len(teams))), np.empty(len(teams))
    for number, batch in enumerate(rounds):
        many = [teams[team] for team in batch]
        ends = np.cumsum([one.wide for one in many])
        found, whole = np.zeros((draws, ends[-1])), np.zeros(ends[-1])
        blocks = (range(start, min(start + BLOCK_ROWS, rows)) for start in range(0, rows, BLOCK_ROWS))
        for counts, those in draw_by_block(blocks, rows=rows, draws=draws, seed=seed):
            read_now = [read(team, those.start, len(those)) for team in batch]
            block = np.hstack([one.features(own) for one, own in zip(many, read_now, strict=True)])
            found += counts @ block
            whole += block.sum(axis=0)
            progress(0.8 * (number + those.stop / rows) / len(rounds))
        parts = zip(batch, many, np.split(found, ends[:-1], axis=1), np.split(whole, ends[:-1]), strict=True)
        for team, one, own, all_rows in parts:
            observed[team] = one.value(all_rows.tolist())
            drawn[:, team] = [one.value(sums_of_draw) for sums_of_draw in own.tolist()]
    there = np.isfinite(drawn).all(axis=1)
    if not np.isfinite(observed).all() or there.sum() < _FEWEST_DRAWS * draws:
        return None
    away = observed - drawn[there]
    centred = away - away.mean(axis=0)
    error = pair_error(centred.T @ centred / (len(away) - 1), 1)
    return summarise(1 - observed, away, error, rows=rows, made_by="rest", decimals=decimals, level=level,
                     progress=lambda done: progress(0.8 + 0.2 * done))  # fmt: skip


def batches(wide: Sequence[int], most: int) -> list[list[int]]:
    """Return the teams in rounds of at most ``most`` sums together, at least one team each."""
    found: list[list[int]] = []
    room = 0
    for team, size in enumerate(wide):
        if not found or size > room:
            found.append([])
            room = most
        found[-1].append(team)
        room -= size
    return found
