"""What a person must bring to enter a team, whether they create it or join it."""

from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, NotAllowed
from datathon.people.tables import Person, Role
from datathon.store.db import locked
from datathon.teams.queries import has_accepted
from datathon.teams.tables import Membership, Team


def check_person(db: Session, *, edition: Edition, person_id: UUID) -> None:
    """Refuse a person who is in another team, holds an office of the edition or has not accepted its rules.

    Locks the person's row until the transaction ends, so that two tabs cannot put one person in two teams.
    """
    locked(db, Person, person_id)
    current = db.exec(
        select(Team.name)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .where(
            Membership.edition_id == edition.id, Membership.person_id == person_id, col(Membership.left_at).is_(None)
        )
    ).first()
    if current is not None:
        raise Conflict("You are already in the team %(team)s. Leave it first if you want another one.", team=current)
    offices = select(Role.id).where(
        Role.person_id == person_id, Role.edition_id == edition.id, col(Role.role).in_(("organiser", "juror"))
    )
    if db.exec(offices).first() is not None:
        raise NotAllowed("Organisers and members of the jury cannot take part in the edition they look after.")
    if not has_accepted(db, edition, person_id):
        raise NotAllowed("Accept the rules of the edition first.", field="rules")
