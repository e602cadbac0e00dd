"""In which order waiting submissions are taken. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """A received submission; ``team`` is None for a baseline of the organiser."""

    id: UUID
    attempt: int
    team: UUID | None
    received_at: datetime


def fair(waiting: Iterable[Waiting], running: Mapping[UUID | None, int]) -> list[Waiting]:
    """Return ``waiting`` in rounds: each team's first before anybody's second, the oldest first within a round.

    ``running`` counts what each team already has in the workers' hands: these rounds are behind it. Baselines form one
    team of their own. The order does not depend on that of ``waiting``; equal instants are told apart by id.
    """
    taken: Counter[UUID | None] = Counter(running)
    rounds: list[tuple[int, datetime, UUID, Waiting]] = []
    for one in sorted(waiting, key=lambda w: (w.received_at, w.id)):
        rounds.append((taken[one.team], one.received_at, one.id, one))
        taken[one.team] += 1
    return [entry[3] for entry in sorted(rounds, key=lambda entry: entry[:3])]
