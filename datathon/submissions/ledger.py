"""The quota as a ledger: a place is reserved with the row, then spent by a score or given back.

Every submission of a team opens with one reservation. What ends it closes it once: a score spends the place; a refusal,
a failure of the platform or a withdrawal before any score gives it back. The sum of ``units`` is what is used. The
database refuses a second reservation and a second closing of the same round, whatever runs at once. Baselines of the
organiser have no team and no entry.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.editions.rules import Edition
from datathon.submissions.rules import AN_HOUR, FREE_PER_HOUR, Charge, State, Usage, closing
from datathon.submissions.tables import QuotaEntry, Submission

WORTH: Mapping[Charge, int] = {Charge.RESERVE: 1, Charge.COMMIT: 0, Charge.REFUND: -1}
"""What an entry adds to the usage, in submissions."""


@dataclass(frozen=True, slots=True)
class Account:
    """A team's account for one challenge: what counts, and what was given back on the day by reason.

    ``returned`` maps "rejected", "failed" or "withdrawn" to the number of places of the local day that were given back.
    """

    usage: Usage
    returned: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as organisers read it. ``number`` is the submission's; ``units`` adds to the usage of ``day``."""

    number: int
    kind: str
    reason: str
    units: int
    day: date
    at: datetime
    challenge_id: str


def day_of(now: datetime, edition: Edition) -> date:
    """Return the local day that a submission received at ``now`` is charged to."""
    return now.astimezone(edition.zone).date()


def account(db: Session, *, team_id: UUID, edition: Edition, challenge_id: str, now: datetime) -> Account:
    """Return what the team has used on the local day of ``now`` and in all, and what came back to it today."""
    return account_of_day(
        db, team_id=team_id, edition_id=edition.id, challenge_id=challenge_id, day=day_of(now, edition)
    )


def account_of_day(db: Session, *, team_id: UUID, edition_id: str, challenge_id: str, day: date) -> Account:
    """Return the account as ``account`` does, for a local day that is known already."""
    rows = db.exec(
        select(col(QuotaEntry.day), col(QuotaEntry.reason), func.sum(QuotaEntry.units))
        .where(
            QuotaEntry.team_id == team_id,
            QuotaEntry.edition_id == edition_id,
            QuotaEntry.challenge_id == challenge_id,
        )
        .group_by(col(QuotaEntry.day), col(QuotaEntry.reason))
    ).all()
    today, total, returned = 0, 0, Counter[str]()
    for entered, reason, units in rows:
        total += units
        if entered == day:
            today += units
            if reason:
                returned[reason] -= units
    return Account(Usage(today=today, total=total), dict(returned))


def usage(db: Session, *, team_id: UUID, edition: Edition, challenge_id: str, now: datetime) -> Usage:
    """Return what the team has used of this challenge's quota: on the local day of ``now`` and in all.

    Waiting, running and scored files count; refused and failed ones do not. A withdrawn file is free only when it was
    withdrawn before anybody saw its score: giving back seen scores would make the public part readable without limit.
    """
    return account(db, team_id=team_id, edition=edition, challenge_id=challenge_id, now=now).usage


def given_back_lately(db: Session, *, team_id: UUID, now: datetime) -> list[datetime]:
    """Return when places came back to the team within the hour, its own doing only, in any challenge; newest first."""
    query = (
        select(QuotaEntry.at)
        .where(
            QuotaEntry.team_id == team_id,
            col(QuotaEntry.reason).in_([State.REJECTED.value, State.WITHDRAWN.value]),
            col(QuotaEntry.at) > now - AN_HOUR,
        )
        .order_by(col(QuotaEntry.at).desc())
        .limit(FREE_PER_HOUR)
    )
    return list(db.exec(query))


def reserve(db: Session, row: Submission, *, day: date, now: datetime) -> None:
    """Charge one place of ``day`` for a submission that was given none, or whose last one was given back.

    The caller holds the team's lock and has checked the quota. A baseline is charged nothing. A submission whose place
    is still reserved or spent keeps it: nothing is charged twice.
    """
    if row.team_id is None:
        return
    last = _last(db, row.id)
    if last is not None and last.kind != Charge.REFUND:
        return
    db.add(
        QuotaEntry(
            edition_id=row.edition_id,
            challenge_id=row.challenge_id,
            team_id=row.team_id,
            submission_id=row.id,
            round=1 if last is None else last.round + 1,
            kind=Charge.RESERVE.value,
            units=WORTH[Charge.RESERVE],
            closes=False,
            day=day,
            at=now,
        )
    )
    db.flush()  # a second reservation of the round must show here, inside the act


def settle(db: Session, submission_id: UUID, after: State, *, now: datetime) -> None:
    """Close the submission's reservation as its new state ``after`` asks; nothing when none is open.

    What comes back is taken from the day that was charged, not from the day on which it comes back.
    """
    kind = closing(after)
    last = _last(db, submission_id)
    if kind is None or last is None or last.kind != Charge.RESERVE:
        return
    db.add(
        QuotaEntry(
            edition_id=last.edition_id,
            challenge_id=last.challenge_id,
            team_id=last.team_id,
            submission_id=submission_id,
            round=last.round,
            kind=kind.value,
            units=WORTH[kind],
            closes=True,
            reason=after.value if kind is Charge.REFUND else "",
            day=last.day,
            at=now,
        )
    )
    db.flush()  # a second closing must show here, inside the act that moved the submission


def charged_day(db: Session, submission_id: UUID) -> date | None:
    """Return the local day that the submission was charged to, None for a baseline."""
    last = _last(db, submission_id)
    return None if last is None else last.day


def is_charged(db: Session, submission_id: UUID) -> bool:
    """Whether a place is reserved or spent for the submission now."""
    last = _last(db, submission_id)
    return last is not None and last.kind != Charge.REFUND


def lines(db: Session, *, team_id: UUID) -> tuple[Line, ...]:
    """Return every entry of a team, newest first."""
    query = (
        select(QuotaEntry, Submission.number)
        .join(Submission, col(Submission.id) == col(QuotaEntry.submission_id))
        .where(QuotaEntry.team_id == team_id)
        .order_by(col(QuotaEntry.at).desc(), col(Submission.number).desc(), col(QuotaEntry.round).desc())
        .order_by(col(QuotaEntry.closes).desc())
    )
    return tuple(
        Line(number, entry.kind, entry.reason, entry.units, entry.day, entry.at, entry.challenge_id)
        for entry, number in db.exec(query)
    )


def _last(db: Session, submission_id: UUID) -> QuotaEntry | None:
    query = (
        select(QuotaEntry)
        .where(QuotaEntry.submission_id == submission_id)
        .order_by(col(QuotaEntry.round).desc(), col(QuotaEntry.closes).desc())
        .limit(1)
    )
    return db.exec(query).one_or_none()
