"""Leave a team."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Window
from datathon.kernel.errors import Conflict, NotFound
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.queries import memberships
from datathon.teams.rules import may_change, successor
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Departure:
    """What leaving did: ``captain_id`` is who leads the team now, ``withdrawn`` tells that nobody is left."""

    team_id: UUID
    captain_id: UUID
    withdrawn: bool


def leave(db: Session, *, windows: tuple[Window, ...], team_id: UUID, person_id: UUID, now: datetime) -> Departure:
    """Take the person out of the team. A leaving captain hands over to the longest-standing member; the last one withdraws the team.

    What the team submitted stays the team's. Raises Conflict once teams no longer work, NotFound for who is not in it.
    """
    row = locked(db, Team, team_id)
    present = memberships(db, team_id)
    own = next((m for m in present if m.person_id == person_id), None)
    if row is None or own is None:
        raise NotFound("You are not in this team.")
    if not may_change(windows):
        raise Conflict("The teams of this edition are settled; write to the organisers.")
    own.left_at = now
    next_captain = successor([(m.joined_at, m.person_id) for m in present if m is not own])
    if next_captain is None:
        row.status = "withdrawn"
        audit.record(db, "withdraw_team", row.slug, now=now, actor=person_id, edition=row.edition_id)
    elif row.captain_id == person_id:
        row.captain_id = next_captain
    db.flush()  # nobody may read the old membership in this transaction
    return Departure(row.id, row.captain_id, withdrawn=next_captain is None)
