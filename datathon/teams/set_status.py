"""Say how a team takes part: an organiser's act with a reason, which the journal keeps and every member is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.outbox import write
from datathon.people.tables import Person
from datathon.store import audit
from datathon.store.db import locked
from datathon.store.tables import AuditEntry
from datathon.teams import status_letter
from datathon.teams.rules import clean_line
from datathon.teams.tables import Membership, Team

ACT = "set_team_status"
REASON_LIMIT = 500
MOVES: Mapping[str, tuple[str, ...]] = {
    "active": ("out_of_competition", "ineligible", "withdrawn"),
    "out_of_competition": ("active", "ineligible", "withdrawn"),
    "ineligible": ("active", "out_of_competition", "withdrawn"),
    "withdrawn": ("active", "out_of_competition"),
}
"""Status -> those that an organiser may give next. A team that withdrew is not judged any more: it can only come back."""
ANNOUNCED = "The ranking is announced: it keeps every team as it was, and no status changes any more."
MEANWHILE = "Somebody else changed the status of this team meanwhile. Read what it is now, then decide again."


@dataclass(frozen=True, slots=True)
class Decision:
    """What an organiser wants: the status they saw, ``before``, the one to give, ``after``, and why."""

    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision about a team: its status ``after`` it, the ``reason`` that its members were told, and when."""

    after: str
    reason: str
    at: datetime


def set_status(
    db: Session,
    *,
    edition: Edition,
    slug: str,
    organiser_id: UUID,
    decision: Decision,
    announced: Callable[[], bool],
    base_url: str,
    now: datetime,
) -> UUID:
    """Give a team another status, write it in the journal with its reason and tell each member; return the team's key.

    ``announced`` is asked once nobody can publish meanwhile: afterwards nothing changes any more. Raises NotFound,
    Invalid (no reason, too long, no such status, the present one), Conflict (announced, changed by somebody else
    meanwhile, a move that there is not, nobody left in the team).
    """
    found = db.exec(select(Team.id).where(Team.edition_id == edition.id, Team.slug == slug)).one_or_none()
    row = None if found is None else locked(db, Team, found)
    if row is None or locked(db, EditionRow, edition.id) is None:
        raise NotFound("This team does not exist.")
    if announced():
        raise Conflict(ANNOUNCED)
    if row.status != decision.before:
        raise Conflict(MEANWHILE)
    members = _members(db, row.id)
    _check_move(row.status, decision.after, empty=not members)
    reason = _checked_reason(decision.reason)
    row.status = decision.after
    db.add(row)
    audit.record(
        db, ACT, row.slug, now=now, actor=organiser_id, edition=edition.id,
        team=str(row.id), before=decision.before, after=row.status, reason=reason,
    )  # fmt: skip
    link = f"{base_url}/e/{edition.id}/team"
    for person in members:
        said = status_letter.words(edition, person, row, reason=reason, link=link)
        write(
            db, to=person.email, subject=said.subject, body=said.body, now=now, person_id=person.id,
            edition_id=edition.id,
        )  # fmt: skip
    db.flush()  # the boards that are drawn next show it
    return row.id


def last_decision(db: Session, edition_id: str, team_id: UUID) -> Decided | None:
    """Return what organisers decided last about a team's status, None when they never did."""
    query = select(AuditEntry).where(AuditEntry.edition_id == edition_id, AuditEntry.act == ACT)
    for line in db.exec(query.order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())):
        if line.details.get("team") == str(team_id):
            return Decided(str(line.details["after"]), str(line.details["reason"]), line.at)
    return None


def _check_move(before: str, after: str, *, empty: bool) -> None:
    if after not in MOVES:
        raise Invalid("Choose a status.", field="status")
    if after == before:
        raise Invalid("The team has this status already: choose another one.", field="status")
    if after not in MOVES[before]:
        raise Conflict("A team that withdrew can only come back, in or out of competition.")
    if before == "withdrawn" and empty:
        raise Conflict("Nobody is in this team any more: it stays withdrawn.")


def _checked_reason(raw: str) -> str:
    reason = clean_line(raw)
    if not any(c.isalnum() for c in reason):
        raise Invalid("Say why: the team reads the reason, and the journal keeps it.", field="reason")
    if len(reason) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    return reason


def _members(db: Session, team_id: UUID) -> list[Person]:
    query = select(Person).join(Membership, col(Membership.person_id) == col(Person.id))
    present = query.where(Membership.team_id == team_id, col(Membership.left_at).is_(None))
    return list(db.exec(present.order_by(col(Person.id))))
