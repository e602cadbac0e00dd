"""In which order waiting submissions are taken. Pure."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, takewhile
from types import MappingProxyType
from uuid import UUID

RATIO = 4
"""Submissions of an edition that is about to close taken for each one of the others, while both wait."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A received submission; ``team`` is None for a baseline of the organiser."""

    id: UUID
    attempt: int
    team: UUID | None
    received_at: datetime
    edition: str = ""
    challenge: str = ""


def fair(
    waiting: Iterable[Waiting],
    running: Mapping[UUID | None, int],
    *,
    served: Mapping[UUID | None, datetime] = MappingProxyType({}),
    urgent: Collection[str] = (),
    recent: Sequence[str] = (),
) -> list[Waiting]:
    """Return ``waiting`` in rounds: each team's first before anybody's second.

    ``running`` counts what each team already has in the workers' hands: these rounds are behind it. Within a round those
    go first who were not ``served`` lately (the instant of a team's last taking), then who was served longest ago, then
    the oldest file: without that memory a single worker would take all the files of a team that sent many before the
    first of one that came later. Baselines form one team of their own.

    Editions in ``urgent`` go before the others, RATIO to one, so that nobody starves; ``recent`` holds the editions of
    the last submissions taken, newest first, so that the ratio holds when the order is asked for again after each. The
    order does not depend on that of ``waiting``; equal instants are told apart by id.
    """
    taken: Counter[UUID | None] = Counter(running)
    rounds: list[tuple[int, datetime, datetime, UUID, Waiting]] = []
    for one in sorted(waiting, key=lambda w: (w.received_at, w.id)):
        rounds.append((taken[one.team], served.get(one.team, LONG_AGO), one.received_at, one.id, one))
        taken[one.team] += 1
    ordered = [entry[4] for entry in sorted(rounds, key=lambda entry: entry[:4])]
    first = [one for one in ordered if one.edition in urgent]
    others = [one for one in ordered if one.edition not in urgent]
    if not first or not others:
        return ordered
    in_a_row = sum(1 for _ in takewhile(lambda edition: edition in urgent, recent))
    return _interleaved(first, others, lead=max(0, RATIO - in_a_row))


def _interleaved(first: list[Waiting], others: list[Waiting], *, lead: int) -> list[Waiting]:
    """Return ``lead`` of the first, then one of the others and RATIO of the first in turn, then what is left."""
    ahead = iter(first)
    order = [*islice(ahead, lead)]
    for one in others:
        order += [one, *islice(ahead, RATIO)]
    return [*order, *ahead]


def expected_s(
    ahead: Iterable[Waiting],
    own: str,
    *,
    running: Iterable[str],
    service_s: Mapping[str, float],
    workers: int,
) -> float | None:
    """Return the seconds until a submission of the challenge ``own`` has its result, None when nothing is known of it.

    ``ahead`` is what will be taken before it, ``running`` the challenges of what is in the workers' hands, each half
    done on average; ``service_s`` maps a challenge to the seconds that one of its files takes in a worker's hands, lately
    and in the middle. A challenge without any counts as the middle of the others. Work is shared by ``workers``; None
    when none of them lives.
    """
    if not service_s or workers < 1:
        return None
    usual = sorted(service_s.values())[len(service_s) // 2]
    work = sum(service_s.get(one.challenge, usual) for one in ahead)
    work += sum(service_s.get(challenge, usual) / 2 for challenge in running)
    return work / workers + service_s.get(own, usual)


def about_s(seconds: float) -> int:
    """Return an expected wait as it is said: up to the next 5 s below 10 s, 10 s below a minute, minute, or five minutes."""
    for below, step in ((10, 5), (60, 10), (1800, 60)):
        if seconds <= below:
            return max(step, step * math.ceil(seconds / step))
    return 300 * math.ceil(seconds / 300)
