"""Who stands where: quantised scores, shared ranks, best per team, final choice. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Direction = Literal["lower", "higher"]
"""Which end of a metric is better. Never guessed: the challenge or the shipped scorer declares it."""

Counts = Literal["best", "last", "selected"]
"""Which of a team's scored submissions stands on the board; ``selected``: the best of those it chose, else its best."""

Kind = Literal["team", "baseline", "out_of_competition"]
"""Only a ``team`` has a rank; the others stand between the ranks where their score puts them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One scored submission: whose it is and its value, a finite double on the public part unless said otherwise.

    ``ties`` are the sort keys of the metrics that separate equal values, smaller is better. ``number`` counts the
    owner's submissions: unlike the clock it never goes back. ``chosen`` tells a choice for the final ranking.
    """

    owner: str
    kind: Kind
    value: float
    received_at: datetime
    submission: str
    ties: tuple[float, ...] = ()
    number: int = 0
    chosen: bool = False


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


@dataclass(frozen=True, slots=True)
class Order:
    """How a board compares: which end is better, to how many decimals, which submission counts, what separates ties.

    ``ties`` names further metrics as (name, direction, decimals), tried in order; ``earliest``: where all are equal the
    submission that came first ranks first. Without either, equal values share their rank.
    """

    direction: Direction
    decimals: int
    counts: Counts = "best"
    ties: tuple[tuple[str, Direction, int], ...] = ()
    earliest: bool = False

    def key(self, entry: Entry) -> tuple[float, ...]:
        """Return the key by which entries rank, smaller is better; equal keys share a rank."""
        late = (entry.received_at.timestamp(),) if self.earliest else ()
        return (sort_key(quantise(entry.value, self.decimals), self.direction), *entry.ties, *late)

    def tie_keys(self, values: Mapping[str, float]) -> tuple[float, ...]:
        """Return the ``ties`` of an entry with these values by metric; a missing or non-finite value is the worst."""
        given = ((values.get(name), direction, decimals) for name, direction, decimals in self.ties)
        return tuple(
            sort_key(quantise(value, decimals), direction) if value is not None and math.isfinite(value) else math.inf
            for value, direction, decimals in given
        )

    def prefers(self, new: Entry, held: Entry) -> bool:
        """Whether ``new`` counts rather than ``held``, of the same owner. A strict order, the same in any sequence."""
        if self.counts == "last":
            return _sequence(new) > _sequence(held)
        if self.counts == "selected" and new.chosen != held.chosen:
            return new.chosen
        return self._merit(new) < self._merit(held)

    def _merit(self, entry: Entry) -> tuple[tuple[float, ...], datetime, str]:
        return self.key(entry), entry.received_at, entry.submission


def _sequence(entry: Entry) -> tuple[int, datetime, str]:
    return entry.number, entry.received_at, entry.submission


def counted(given: Iterable[Entry], order: Order) -> Entry | None:
    """Return the entry of one owner that counts, None without any."""
    held: Entry | None = None
    for entry in given:
        if held is None or order.prefers(entry, held):
            held = entry
    return held


def board(entries: Iterable[Entry], order: Order) -> tuple[Place, ...]:
    """Return the board of one entry per owner, best first: see ``places``.

    The order in which entries come does not matter, and where the best counts one more entry never worsens its own
    owner's rank.
    """
    by_owner: dict[str, list[Entry]] = {}
    for entry in entries:
        by_owner.setdefault(entry.owner, []).append(entry)
    held = ((counted(given, order), len(given)) for given in by_owner.values())
    return places([(entry, count) for entry, count in held if entry is not None], order)


def places(standing: Iterable[tuple[Entry, int]], order: Order) -> tuple[Place, ...]:
    """Return the board of these owners, each with the entry that counts and the number of its entries; best first.

    Equal keys share a rank; among them the earliest submission is shown first, then the owner's name in code-point
    order. Baselines and teams out of competition are placed but not ranked.
    """
    key = order.key
    shown = sorted(standing, key=lambda pair: (key(pair[0]), pair[0].received_at, pair[0].owner))
    ranked = [entry for entry, _ in shown if entry.kind == "team"]
    ranks = dict(zip((e.owner for e in ranked), shared_ranks([key(e) for e in ranked]), strict=True))
    return tuple(
        Place(ranks.get(entry.owner), entry.owner, entry.kind, quantise(entry.value, order.decimals), count, entry)
        for entry, count in shown
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


def instant_text(at: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
