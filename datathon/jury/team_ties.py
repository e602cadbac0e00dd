"""What a team says of its ties with the jury: its mentors, and members of the jury who should not grade it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.jury.declare import hold_jury
from datathon.jury.notice_conflicts import notice_conflicts
from datathon.jury.tables import ConflictOfInterest
from datathon.kernel.alphabet import alphabetical
from datathon.kernel.errors import Invalid, NotFound
from datathon.people.fields import line
from datathon.people.tables import Person, Role
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.tables import Team

MOST_MENTORS = 10
LONGEST_MENTOR = 90


@dataclass(frozen=True, slots=True)
class JurorName:
    """A member of the jury as a team sees them; ``declared`` when this team said that they should not grade it."""

    id: UUID
    name: str
    structure: str
    president: bool
    declared: bool


def jury_for_team(db: Session, *, edition_id: str, team_id: UUID) -> tuple[JurorName, ...]:
    """Return the jury, its head first, with what this team declared; nothing of what others declared."""
    declared = set(
        db.exec(
            select(ConflictOfInterest.juror_id).where(
                ConflictOfInterest.edition_id == edition_id,
                ConflictOfInterest.team_id == team_id,
                ConflictOfInterest.source == "team",
                col(ConflictOfInterest.lifted_at).is_(None),
            )
        )
    )
    people = db.exec(
        select(Person, Role.president)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition_id, Role.role == "juror")
        .order_by(col(Person.id))
    )
    found = [JurorName(p.id, p.name, p.organisation, president, p.id in declared) for p, president in people]
    return tuple(sorted(found, key=lambda juror: (not juror.president, alphabetical(juror.name))))


def name_mentors(db: Session, *, edition_id: str, team_id: UUID, text: str, person_id: UUID, now: datetime) -> None:
    """Keep a team's mentors, one per line; those on the jury are recused at once. Conflict once the jury is closed.

    Raises Invalid above ten mentors or ninety characters each, NotFound for a team that is gone.
    """
    hold_jury(db, edition_id=edition_id)
    lines = [line(one, field="mentors", longest=LONGEST_MENTOR) for one in text.splitlines()]
    mentors = [one for one in lines if one]
    if len(mentors) > MOST_MENTORS:
        raise Invalid("At most %(count)s mentors, one per line.", field="mentors", count=MOST_MENTORS)
    team = locked(db, Team, team_id)
    if team is None or team.edition_id != edition_id:
        raise NotFound("This team is not in this edition.")
    team.mentors = "\n".join(mentors)
    db.flush()
    audit.record(db, "name_mentors", str(team_id), now=now, actor=person_id, edition=edition_id, count=len(mentors))
    notice_conflicts(db, edition_id=edition_id, now=now)
