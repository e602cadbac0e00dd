"""Who asks the public board how often, and what of the gains there remains on the hidden rows. For organisers.

Private values are read only when the caller says that they are public by now: the query has no other way to them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import primary
from datathon.leaderboard.rules import Direction, sort_key
from datathon.scoring.current import counts, of_its_challenge, shown
from datathon.scoring.tables import ChallengeBasis, Score
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

LAST = timedelta(hours=24)
SMALL_ROWS = 2
"""A file that changes the public score by no more than so many rows is a small step: whoever tries rows takes many."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One file that got a score, withdrawn ones too; ``private`` is None until private values are public."""

    number: int
    at: datetime
    public: float
    private: float | None = None


@dataclass(frozen=True, slots=True)
class Probing:
    """How one team used the board.

    ``files`` got a score, ``late`` of them in the last 24 hours, ``busiest`` on the day with most, ``busy_day``.
    ``improved`` of them were better than all before; ``small`` changed the score by no more than two rows (None while
    the rows are not known). ``gained`` is what the best file is better than the first on the public part, ``kept`` the
    difference of the same two files on the private part; better is positive.
    """

    team: str
    slug: str
    status: str
    files: int
    late: int
    busiest: int
    busy_day: date
    improved: int
    small: int | None
    gained: float
    kept: float | None

    @property
    def share_late(self) -> float:
        """Share of the files that came in the last 24 hours."""
        return self.late / self.files

    @property
    def share_kept(self) -> float | None:
        """Share of the public gain that the hidden rows confirm, None without a gain or before they are public."""
        return None if self.kept is None or self.gained <= 0 else self.kept / self.gained


@dataclass(frozen=True, slots=True)
class Report:
    """All teams that got a score, most files first, and how many files came on each day, in the edition's zone."""

    teams: tuple[Probing, ...]
    days: tuple[tuple[date, int], ...]
    with_private: bool

    @property
    def files(self) -> int:
        """Files of all teams together."""
        return sum(team.files for team in self.teams)

    @property
    def share_kept(self) -> float | None:
        """Share of all public gains together that the hidden rows confirm; None where it is not known."""
        gained = sum(t.gained for t in self.teams if t.kept is not None)
        return None if not self.with_private or gained <= 0 else sum(t.kept or 0.0 for t in self.teams) / gained


def report(
    db: Session, edition: Edition, challenge: Challenge, *, rows: int | None, until: datetime, with_private: bool
) -> Report:
    """Return how teams used the board of a challenge until ``until``; ``rows`` are those of its public part.

    ``with_private``: whether private values are public, so that organisers may see what remained of the gains.
    """
    metric = primary(challenge)
    columns: list[Any] = [Team.name, Team.slug, Team.status, Submission.number, Submission.received_at, Score.public]
    query = (
        select(*columns, *([Score.private] if with_private else []))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .join(Score, counts())
        .join(ChallengeBasis, of_its_challenge(), isouter=True)
        .where(
            shown(),
            Submission.edition_id == edition.id,
            Submission.challenge_id == challenge.id,
            col(Submission.state).in_(("scored", "withdrawn")),
        )
        .order_by(col(Submission.number))
    )
    by_team: dict[tuple[str, str, str], list[Answer]] = {}
    for name, slug, status, number, at, public, *private in db.exec(query):
        if metric.name in public:
            hidden = private[0].get(metric.name) if private else None
            by_team.setdefault((name, slug, status), []).append(Answer(number, at, public[metric.name], hidden))
    found = [
        probing_of(*team, answers, direction=metric.direction, rows=rows, until=until, zone=edition.zone)
        for team, answers in by_team.items()
    ]
    days = Counter(_day(one.at, edition.zone) for answers in by_team.values() for one in answers)
    found.sort(key=lambda one: (-one.files, one.team, one.slug))
    return Report(tuple(found), tuple(sorted(days.items())), with_private)


def probing_of(
    team: str,
    slug: str,
    status: str,
    answers: Sequence[Answer],
    *,
    direction: Direction,
    rows: int | None,
    until: datetime,
    zone: ZoneInfo,
) -> Probing:
    """Return how a team used the board, from its files in their order, one at least."""
    keys = [sort_key(one.public, direction) for one in answers]
    best = min(range(len(keys)), key=lambda n: (keys[n], n))
    busy_day, busiest = max(_days(answers, zone), key=lambda pair: (pair[1], pair[0]))
    first, top = answers[0].private, answers[best].private
    return Probing(
        team=team,
        slug=slug,
        status=status,
        files=len(answers),
        late=sum(until - LAST <= one.at < until for one in answers),
        busiest=busiest,
        busy_day=busy_day,
        improved=sum(key < min(keys[:n]) for n, key in enumerate(keys) if n),
        small=None if rows is None else _small(keys, rows),
        gained=keys[0] - keys[best],
        kept=None if first is None or top is None else sort_key(first, direction) - sort_key(top, direction),
    )


def _small(keys: Sequence[float], rows: int) -> int:
    # A hair more than two rows: scores are sums of doubles.
    widest = (SMALL_ROWS + 1e-6) / rows
    return sum(0 < abs(keys[n] - keys[n - 1]) <= widest for n in range(1, len(keys)))


def _days(answers: Iterable[Answer], zone: ZoneInfo) -> list[tuple[date, int]]:
    return sorted(Counter(_day(one.at, zone) for one in answers).items())


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
