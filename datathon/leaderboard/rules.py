"""Who stands where: quantised scores, shared ranks, best per team, final choice. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Direction = Literal["lower", "higher"]
"""Which end of a metric is better. Never guessed: the challenge or the shipped scorer declares it."""

Kind = Literal["team", "baseline", "out_of_competition"]
"""Only a ``team`` has a rank; the others stand between the ranks where their score puts them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One scored submission: whose it is and its value, a finite double on the public part unless said otherwise."""

    owner: str
    kind: Kind
    value: float
    received_at: datetime
    submission: str


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a board. ``rank`` is None for what is not ranked; ``score`` is quantised; ``best`` is the entry shown."""

    rank: int | None
    owner: str
    kind: Kind
    score: float
    submissions: int
    best: Entry


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored submission of one team with both values; ``chosen_at`` is None when the team did not choose it."""

    submission: str
    public: float
    private: float
    received_at: datetime
    chosen_at: datetime | None = None


def quantise(value: float, decimals: int) -> float:
    """Return ``value`` rounded to the declared decimals; equality is decided on this, so that it is transitive.

    Raises ValueError for NaN and infinities: they never enter a comparison.
    """
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value!r}")
    return round(value, decimals) + 0.0


def sort_key(value: float, direction: Direction) -> float:
    """Return a number that is smaller for a better ``value``."""
    return value if direction == "lower" else -value


def shared_ranks(keys: Sequence[tuple[float, ...]]) -> tuple[int, ...]:
    """Return the rank of each key, 1 for the smallest: one plus the number of strictly smaller keys ("1224").

    Equal keys share their rank and the next rank skips. Compare quantised values only.
    """
    first: dict[tuple[float, ...], int] = {}
    for position, key in enumerate(sorted(keys), start=1):
        first.setdefault(key, position)
    return tuple(first[key] for key in keys)


def board(entries: Iterable[Entry], *, direction: Direction, decimals: int) -> tuple[Place, ...]:
    """Return the board of the best entry per owner, best first.

    Equal quantised scores share a rank; among them the earliest submission is shown first, then the owner's name in
    code-point order. Baselines and teams out of competition are placed but not ranked. The order in which entries
    come does not matter, and one more entry never worsens its own owner's rank.
    """
    by_owner: dict[str, list[Entry]] = {}
    for entry in entries:
        by_owner.setdefault(entry.owner, []).append(entry)

    def key(entry: Entry) -> float:
        return sort_key(quantise(entry.value, decimals), direction)

    best = [
        (min(given, key=lambda e: (key(e), e.received_at, e.submission)), len(given)) for given in by_owner.values()
    ]
    best.sort(key=lambda pair: (key(pair[0]), pair[0].received_at, pair[0].owner))
    ranked = [entry for entry, _ in best if entry.kind == "team"]
    ranks = dict(zip((e.owner for e in ranked), shared_ranks([(key(e),) for e in ranked]), strict=True))
    return tuple(
        Place(ranks.get(entry.owner), entry.owner, entry.kind, quantise(entry.value, decimals), count, entry)
        for entry, count in best
    )


def final_candidate(
    candidates: Iterable[Candidate], *, direction: Direction, decimals: int, selections: int
) -> Candidate | None:
    """Return the submission that counts in the end: best private value among the chosen ones.

    At most ``selections`` chosen submissions count, the first chosen ones. Without any choice the best public value
    counts (the earliest among equals), whatever its private value. None when the team has no scored submission.
    """
    given = list(candidates)
    chosen = sorted((c for c in given if c.chosen_at is not None), key=lambda c: (c.chosen_at, c.submission))[
        :selections
    ]
    if chosen:
        return min(
            chosen, key=lambda c: (sort_key(quantise(c.private, decimals), direction), c.received_at, c.submission)
        )
    return min(
        given,
        key=lambda c: (sort_key(quantise(c.public, decimals), direction), c.received_at, c.submission),
        default=None,
    )
