"""The waiting line: who is next, how many are before a submission, how long that takes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import PhaseKind, Window
from datathon.editions.tables import EditionRow
from datathon.scoring.held import not_held
from datathon.scoring.order import RATIO, Waiting, about_s, expected_s, fair
from datathon.scoring.pulse import WORKER, alive
from datathon.submissions.rules import State, middle_of
from datathon.submissions.tables import Submission

HORIZON = 500
"""Waiting submissions looked at when the order is decided: each team's first, then each team's second, and so on."""

RECENT = 100
"""Submissions received last whose time in a worker's hands makes the expected wait."""

LATELY = 200
"""Submissions taken last that are remembered, to serve next who was served longest ago."""

LAST_HOUR = timedelta(hours=1)
"""Submissions of an edition go first this long before they close, and this long after, for those that still wait."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line at one instant. ``order`` is who is taken when, ``running`` the challenges in the workers' hands.

    ``service_s`` maps a challenge to the middle of the seconds its last files took; ``workers`` counts the live ones.
    """

    order: tuple[Waiting, ...]
    running: tuple[str, ...]
    service_s: Mapping[str, float]
    workers: int

    def ahead(self, submission_id: UUID) -> int | None:
        """Return how many will be taken before this one; None when it does not wait, or waits beyond the horizon."""
        return next((place for place, one in enumerate(self.order) if one.id == submission_id), None)

    def wait_s(self, submission_id: UUID) -> int | None:
        """Return about how many seconds remain until this one has its result; None where nothing honest can be said."""
        place = self.ahead(submission_id)
        if place is None:
            return None
        expected = expected_s(
            self.order[:place],
            self.order[place].challenge,
            running=self.running,
            service_s=self.service_s,
            workers=self.workers,
        )
        return None if expected is None else about_s(expected)


def waiting(db: Session, known: Catalogue, *, now: datetime, level: str | None = None) -> list[Waiting]:
    """Return the received submissions in the order in which they should be taken, at most HORIZON of them.

    Each team's first ones are looked at before anybody's later ones, so that no number of files from one team hides
    another team's. What the ``level`` of the sandbox holds back is left out, see ``held.not_held``.
    """
    turn = func.row_number().over(
        partition_by=col(Submission.team_id), order_by=[col(Submission.received_at), col(Submission.id)]
    )
    rows = (
        select(
            col(Submission.id).label("id"),
            col(Submission.attempt).label("attempt"),
            col(Submission.team_id).label("team_id"),
            col(Submission.received_at).label("received_at"),
            col(Submission.edition_id).label("edition_id"),
            col(Submission.challenge_id).label("challenge_id"),
            turn.label("turn"),
        )  # type: ignore[call-overload]  # sqlmodel spells out at most four columns
        .where(col(Submission.state) == State.RECEIVED, *not_held(db, known, now=now, level=level))
        .subquery()
    )
    order = rows.c.turn, rows.c.received_at, rows.c.id
    found = [Waiting(*row[:6]) for row in db.execute(select(rows).order_by(*order).limit(HORIZON)).all()]
    if not found:
        return []
    running = db.exec(
        select(Submission.team_id, func.count())
        .where(col(Submission.state) == State.RUNNING)
        .group_by(Submission.team_id)  # type: ignore[arg-type]  # a column at run time
    ).all()
    editions = {one.edition for one in found}
    # With one team, or one edition, there is nobody to put before anybody: the common case asks no further.
    urgent = urgent_editions(db, known, editions, now=now) if len(editions) > 1 else frozenset[str]()
    lately = _lately_taken(db) if len({one.team for one in found}) > 1 else []
    return fair(
        found,
        dict(running),
        served={team: at for team, _, at in reversed(lately)},
        urgent=urgent,
        recent=[edition for _, edition, _ in lately[:RATIO]],
    )


def line(db: Session, known: Catalogue, *, now: datetime) -> Line:
    """Return the line with what is needed to say how long it takes; the same few queries however long it is."""
    running = db.exec(select(Submission.challenge_id).where(col(Submission.state) == State.RUNNING)).all()
    return Line(
        order=tuple(waiting(db, known, now=now)),
        running=tuple(running),
        service_s=service_times_s(db),
        workers=len(alive(db, WORKER, now=now)),
    )


def service_times_s(db: Session) -> dict[str, float]:
    """Return, by challenge, the middle of the seconds that its last files spent in a worker's hands."""
    query = (
        select(Submission.challenge_id, Submission.started_at, Submission.finished_at)
        .where(
            col(Submission.state).in_([State.SCORED, State.REJECTED]),
            col(Submission.started_at).is_not(None),
            col(Submission.finished_at).is_not(None),
        )
        .order_by(col(Submission.received_at).desc())
        .limit(RECENT)
    )
    taken: dict[str, list[float]] = defaultdict(list)
    for challenge, started, finished in db.exec(query):
        if started is not None and finished is not None:
            taken[challenge].append((finished - started).total_seconds())
    return {challenge: middle for challenge, times in taken.items() if (middle := middle_of(times)) is not None}


def urgent_editions(db: Session, known: Catalogue, editions: Collection[str], *, now: datetime) -> frozenset[str]:
    """Return those of ``editions`` whose submissions go first at ``now``."""
    registered = db.exec(select(EditionRow.id).where(col(EditionRow.id).in_(editions))).all()
    found = [known.edition(name) for name in registered]
    return frozenset(e.id for e in found if e is not None and is_urgent(windows_of(db, e, now=now), now=now))


def is_urgent(windows: tuple[Window, ...], *, now: datetime) -> bool:
    """Whether submissions close within the hour or closed within the last one, or an open phase of them says so itself."""
    phases = [w for w in windows if w.phase.kind is PhaseKind.SUBMISSIONS]
    return any(
        (w.closes is not None and abs(w.closes - now) <= LAST_HOUR and w.opens <= now)
        or (w.phase.priority and w.opens <= now and (w.closes is None or now <= w.closes + LAST_HOUR))
        for w in phases
    )


def _lately_taken(db: Session) -> list[tuple[UUID | None, str, datetime]]:
    """Return team, edition and instant of the last submissions taken, newest first."""
    query = (
        select(Submission.team_id, Submission.edition_id, Submission.started_at)
        .where(col(Submission.started_at).is_not(None))
        .order_by(col(Submission.started_at).desc())
        .limit(LATELY)
    )
    return [(team, edition, at) for team, edition, at in db.exec(query) if at is not None]
