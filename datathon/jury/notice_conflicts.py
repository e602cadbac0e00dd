"""The platform records the conflicts of interest that follow from what it knows of people and teams."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.jury.conflicts import Finding, Known, Party, findings
from datathon.jury.tables import ConflictOfInterest
from datathon.people.tables import Person, Role
from datathon.store import audit
from datathon.teams.tables import Membership, Team


def unnoticed(db: Session, edition_id: str, *, juror_id: UUID | None = None) -> tuple[Finding, ...]:
    """Return what the platform finds and no row says yet, for one juror or for all; lifted rows stay lifted."""
    query = select(ConflictOfInterest.juror_id, ConflictOfInterest.team_id).where(
        ConflictOfInterest.edition_id == edition_id
    )
    known = {(juror, team) for juror, team in db.exec(query)}
    found = findings(_jurors(db, edition_id, juror_id), _parties(db, edition_id))
    return tuple(one for one in found if (one.juror_id, one.team_id) not in known)


def notice_conflicts(
    db: Session, *, edition_id: str, now: datetime, juror_id: UUID | None = None
) -> tuple[Finding, ...]:
    """Record what ``unnoticed`` finds and return it; the caller holds the jury open."""
    found = unnoticed(db, edition_id, juror_id=juror_id)
    for one in found:
        db.add(
            ConflictOfInterest(
                edition_id=edition_id,
                juror_id=one.juror_id,
                team_id=one.team_id,
                source=one.source,
                reason=one.reason[:300],
                declared_at=now,
            )
        )
        audit.record(
            db,
            "conflict_found",
            str(one.team_id),
            now=now,
            actor=None,
            edition=edition_id,
            juror=str(one.juror_id),
            source=one.source,
        )
    db.flush()
    return found


def _jurors(db: Session, edition_id: str, juror_id: UUID | None) -> tuple[Known, ...]:
    query = (
        select(Person)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition_id, Role.role == "juror")
        .order_by(col(Person.id))
    )
    if juror_id is not None:
        query = query.where(Person.id == juror_id)
    return tuple(_known(person) for person in db.exec(query))


def _parties(db: Session, edition_id: str) -> tuple[Party, ...]:
    query = (
        select(Membership.team_id, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(Membership.edition_id == edition_id, col(Membership.left_at).is_(None))
    )
    members: dict[UUID, list[Known]] = {}
    for team_id, person in db.exec(query):
        members.setdefault(team_id, []).append(_known(person))
    teams = db.exec(select(Team.id, Team.mentors).where(Team.edition_id == edition_id).order_by(col(Team.id)))
    return tuple(Party(key, tuple(members.get(key, ())), tuple(mentors.splitlines())) for key, mentors in teams)


def _known(person: Person) -> Known:
    return Known(person.id, person.name, person.email, person.organisation)
