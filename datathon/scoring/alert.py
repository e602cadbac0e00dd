"""Tell the organisers of an edition that files failed by the platform's fault: one letter a challenge and hour at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Text
from datathon.people import letters
from datathon.people.outbox import write
from datathon.people.tables import Person, Role
from datathon.scoring.tables import FailureAlert
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team

PAUSE = timedelta(hours=1)
"""Between two letters about one challenge; what fails meanwhile stands in the next."""


@dataclass(frozen=True, slots=True)
class Untold:
    """A failed attempt that no letter told of; ``team`` is the name, that of a baseline where there is no team."""

    submission_id: UUID
    attempt: int
    edition_id: str
    challenge_id: str
    team: str
    number: int


def untold(db: Session, *, now: datetime) -> tuple[Untold, ...]:
    """Return the failed attempts that a letter may tell of now, by edition and challenge, the oldest first."""
    query = (
        select(Submission, Team.name)
        .join(Team, col(Team.id) == col(Submission.team_id), isouter=True)
        .join(
            FailureAlert,
            (col(FailureAlert.submission_id) == col(Submission.id))
            & (col(FailureAlert.attempt) == col(Submission.attempt)),
            isouter=True,
        )
        .where(col(Submission.state) == State.FAILED, col(FailureAlert.submission_id).is_(None))
        .order_by(col(Submission.edition_id), col(Submission.challenge_id), col(Submission.finished_at))
    )
    rows = db.exec(query).all()
    resting = _told_lately(db, now) if rows else frozenset()
    return tuple(
        Untold(row.id, row.attempt, row.edition_id, row.challenge_id, team or row.baseline, row.number)
        for row, team in rows
        if (row.edition_id, row.challenge_id) not in resting
    )


def tell_organisers(db: Session, known: Catalogue, *, base_url: str, now: datetime) -> int:
    """Write the letters that are due and return how many. Each failed attempt is told once, by whoever comes first.

    What the scorer said is not in the letter: it may quote hidden data, and mail travels.
    """
    written = 0
    for (edition_id, challenge_id), group in groupby(untold(db, now=now), lambda u: (u.edition_id, u.challenge_id)):
        failed = tuple(group)
        try:
            with db.begin_nested():
                db.add_all(_alerts(failed, now))
                db.flush()  # another worker that tells the same attempts must show here, before any letter
                edition = known.edition(edition_id)
                challenge = None if edition is None else edition.challenge(challenge_id)
                title: Text = {"fr": challenge_id} if challenge is None else challenge.title
                written += _letters(db, failed, title, link=f"{base_url}/organise/{edition_id}/queue", now=now)
        except IntegrityError:
            continue
    return written


def _alerts(failed: Iterable[Untold], now: datetime) -> list[FailureAlert]:
    return [
        FailureAlert(
            submission_id=one.submission_id,
            attempt=one.attempt,
            edition_id=one.edition_id,
            challenge_id=one.challenge_id,
            told_at=now,
        )
        for one in failed
    ]


def _letters(db: Session, failed: Sequence[Untold], title: Text, *, link: str, now: datetime) -> int:
    edition_id = failed[0].edition_id
    organisers = db.exec(
        select(Person)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition_id, Role.role == "organiser", col(Person.confirmed_at).is_not(None))
        .order_by(col(Person.email))
    ).all()
    for person in organisers:
        words = letters.scoring_failed(
            person.language,
            name=person.name,
            challenge=title.get(person.language) or title["fr"],
            files=[(one.number, one.team) for one in failed],
            link=link,
        )
        write(
            db,
            to=person.email,
            subject=words.subject,
            body=words.body,
            now=now,
            person_id=person.id,
            edition_id=edition_id,
        )
    return len(organisers)


def _told_lately(db: Session, now: datetime) -> frozenset[tuple[str, str]]:
    rows = db.exec(
        select(FailureAlert.edition_id, FailureAlert.challenge_id, func.max(FailureAlert.told_at))
        .where(col(FailureAlert.told_at) > now - PAUSE)
        .group_by(col(FailureAlert.edition_id), col(FailureAlert.challenge_id))
    )
    return frozenset((edition, challenge) for edition, challenge, _ in rows)
