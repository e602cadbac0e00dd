"""What waits although a worker is free: submissions that need the level full, while the scorer service has less.

They are neither taken nor rung for, so that they stand in nobody's way.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlmodel import Session, col, func, select

from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge
from datathon.scoring.queries import scorer_level
from datathon.scoring.tables import Rescoring
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

CONTAINER = "container"

_Names = list[tuple[str, str]]


def demanding(known: Catalogue) -> _Names:
    """Return edition and name of each challenge that is scored at the level full only."""
    return [(edition, challenge.id) for edition, challenge in _demanding(known)]


def not_held(db: Session, known: Catalogue, *, now: datetime, level: str | None = None) -> list[ColumnElement[bool]]:
    """Return the conditions under which a submission may be taken.

    ``level`` of the service that would score it; None: the one that workers see at ``now``. An organiser's predictions
    beside a program are a file like any other.
    """
    found = list(_demanding(known))
    if not found or (scorer_level(db, now=now) if level is None else level) != CONTAINER:
        return []
    readers = [(edition, one.id) for edition, one in found if one.filter == "files"]
    programs = [(edition, one.id) for edition, one in found if one.filter != "files"]
    where = tuple_(col(Submission.edition_id), col(Submission.challenge_id))
    plain = and_(col(Submission.team_id).is_(None), col(Submission.file_name).endswith(".csv"))
    return [where.not_in(readers), or_(where.not_in(programs), plain)]


def not_held_again(
    db: Session, known: Catalogue, *, now: datetime, level: str | None = None
) -> list[ColumnElement[bool]]:
    """Return the conditions under which an item of a rescoring may be taken, as ``not_held`` does."""
    found = demanding(known)
    if not found or (scorer_level(db, now=now) if level is None else level) != CONTAINER:
        return []
    return [tuple_(col(Rescoring.edition_id), col(Rescoring.challenge_id)).not_in(found)]


def is_held(db: Session, challenge: Challenge, *, now: datetime) -> bool:
    """Whether what teams hand in for ``challenge`` is held at ``now``."""
    return challenge.needs_full and scorer_level(db, now=now) == CONTAINER


def count_held(db: Session, known: Catalogue, edition_id: str, *, now: datetime) -> int:
    """Return how many received submissions of the edition are held at ``now``."""
    free = not_held(db, known, now=now)
    if not free:
        return 0
    query = select(func.count()).where(col(Submission.state) == State.RECEIVED, Submission.edition_id == edition_id)
    return db.exec(query.where(~and_(*free))).one()


def _demanding(known: Catalogue) -> Iterator[tuple[str, Challenge]]:
    for edition in known.editions.values():
        for challenge in edition.challenges:
            if challenge.needs_full:
                yield edition.id, challenge
