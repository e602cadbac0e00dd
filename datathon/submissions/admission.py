"""Who may act for a team at all."""

from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, NotAllowed, NotFound
from datathon.store.db import locked
from datathon.teams.queries import has_accepted, is_member, memberships
from datathon.teams.tables import Team


def acting_team(db: Session, *, edition: Edition, team_id: UUID, person_id: UUID) -> Team:
    """Return the team's row, locked until the transaction ends, when this person may hand something in for it now.

    The lock makes everything the team does at once happen one after the other: quotas and numbers are decided under it.
    Raises NotAllowed (not a present member, rules not accepted) or Conflict (the team left or is too small).
    """
    row = locked(db, Team, team_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("This team does not exist.")
    if not is_member(db, row.id, person_id):
        raise NotAllowed("You are no longer in the team %(team)s. Join a team to take part.", team=row.name)
    if row.status not in {"active", "out_of_competition"}:
        raise Conflict("The team %(team)s no longer takes part in the edition.", team=row.name)
    if not has_accepted(db, edition, person_id):
        raise NotAllowed("Accept the rules of the edition first.", field="rules")
    if len(memberships(db, row.id)) < edition.teams.min_size:
        raise Conflict("Your team needs at least %(limit)s members before it takes part.", limit=edition.teams.min_size)
    return row
