"""Organisers open a session of comparisons, close it, and open it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.jury.comparison_tables import Comparison, ComparisonJuror, ComparisonStand
from datathon.jury.queries import graded_teams, rubric_of
from datathon.jury.rules import REASON_LIMIT
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Role
from datathon.store import audit
from datathon.store.db import locked

TITLE_LIMIT = 120
MOST_MINUTES = 120
USUAL_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What an organiser asks for: the teams and jurors of a session, and how long a stand stays one juror's."""

    title: str
    teams: Sequence[UUID]
    jurors: Sequence[UUID]
    minutes: int = USUAL_MINUTES


def open_comparison(
    db: Session, *, edition: Edition, organiser_id: UUID, asked: Asked, seed: int, now: datetime
) -> UUID:
    """Open a session and return its key.

    Raises Invalid, with the field: no title, fewer than two prototypes, nobody to compare them, minutes out of range;
    NotFound for a team without a prototype to grade or somebody who is not on the jury.
    """
    rubric_of(edition)
    title = asked.title.strip()
    if not 0 < len(title) <= TITLE_LIMIT:
        raise Invalid("Give a title of at most %(limit)s characters.", field="title", limit=TITLE_LIMIT)
    if not 1 <= asked.minutes <= MOST_MINUTES:
        raise Invalid("From 1 to %(most)s minutes.", field="minutes", most=MOST_MINUTES)
    teams, jurors = set(asked.teams), set(asked.jurors)
    if len(teams) < 2:
        raise Invalid("Choose two prototypes at least: there is nothing to compare one with.", field="team")
    if not jurors:
        raise Invalid("Choose one member of the jury at least.", field="juror")
    if not teams <= {team.team_id for team in graded_teams(db, edition)}:
        raise NotFound("No prototype of this team is to be graded.")
    on_jury = set(db.exec(select(Role.person_id).where(Role.edition_id == edition.id, Role.role == "juror")))
    if not jurors <= on_jury:
        raise NotFound("This person is not on the jury of this edition.")
    row = Comparison(
        edition_id=edition.id, title=title, minutes=asked.minutes, seed=seed, opened_at=now, opened_by=organiser_id
    )
    db.add(row)
    db.flush()
    db.add_all(ComparisonStand(comparison_id=row.id, team_id=team) for team in sorted(teams))
    db.add_all(ComparisonJuror(comparison_id=row.id, juror_id=juror) for juror in sorted(jurors))
    audit.record(
        db, "open_comparison", title, now=now, actor=organiser_id, edition=edition.id, comparison=str(row.id),
        prototypes=len(teams), jurors=len(jurors), minutes=asked.minutes, seed=seed,
    )  # fmt: skip
    db.flush()
    return row.id


def close_comparison(
    db: Session, *, edition: Edition, comparison_id: UUID, organiser_id: UUID, version: int, now: datetime
) -> bool:
    """Close a session: no vote counts after it. Return False when it was closed already.

    ``version`` is the one that was looked at. Raises Conflict when somebody closed and reopened it meanwhile.
    """
    row = held(db, edition, comparison_id)
    if row.closed_at is not None:
        return False
    _check_version(row, version)
    row.closed_at, row.closed_by, row.version = now, organiser_id, version + 1
    db.add(row)
    audit.record(
        db, "close_comparison", row.title, now=now, actor=organiser_id, edition=edition.id, comparison=str(row.id)
    )
    db.flush()
    return True


def reopen_comparison(
    db: Session,
    *,
    edition: Edition,
    comparison_id: UUID,
    organiser_id: UUID,
    version: int,
    reason: str,
    now: datetime,
) -> None:
    """Open a closed session again, with a reason that stands in the journal.

    Raises Invalid without a reason, Conflict when it is open or changed meanwhile.
    """
    row = held(db, edition, comparison_id)
    _check_version(row, version)
    if row.closed_at is None:
        raise Conflict("These comparisons are open already.")
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    row.closed_at, row.closed_by, row.version = None, None, version + 1
    db.add(row)
    audit.record(
        db, "reopen_comparison", row.title, now=now, actor=organiser_id, edition=edition.id, comparison=str(row.id),
        reason=reason.strip(),
    )  # fmt: skip
    db.flush()


def held(db: Session, edition: Edition, comparison_id: UUID) -> Comparison:
    """Return a session's row, held until the transaction ends: answers of its jurors wait for one another.

    Raises NotFound for a session of another edition.
    """
    row = locked(db, Comparison, comparison_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("There are no such comparisons in this edition.")
    return row


def _check_version(row: Comparison, version: int) -> None:
    if row.version != version:
        raise Conflict("Somebody else closed or reopened these comparisons meanwhile. Read the page again.")
