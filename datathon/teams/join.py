"""Join a team by its invitation link."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Conflict, NotFound
from datathon.store.db import locked
from datathon.teams.admission import check_person
from datathon.teams.queries import TeamView, invited_to, is_member, memberships, team
from datathon.teams.rules import check_registration, check_room
from datathon.teams.tables import Membership, Team

STALE_LINK = "This invitation link is no longer valid. Ask the team's captain for the present one."


def join(
    db: Session, *, edition: Edition, windows: tuple[Window, ...], token: str, person_id: UUID, now: datetime
) -> TeamView:
    """Add the person to the team whose invitation link they hold; following the link twice changes nothing.

    Raises NotFound (no such link), Conflict (registration closed, team full or withdrawn, already in another team),
    NotAllowed (rules not accepted, organiser or juror).
    """
    found = invited_to(db, edition.id, token)
    if found is None:
        raise NotFound(STALE_LINK)
    row = locked(db, Team, found.id)
    if row is None or row.invitation != token:
        raise NotFound(STALE_LINK)
    if not is_member(db, row.id, person_id):
        check_registration(windows)
        if row.status not in {"active", "out_of_competition"}:
            raise Conflict("The team %(team)s no longer takes part.", team=row.name)
        check_room(len(memberships(db, row.id)), edition.teams)
        check_person(db, edition=edition, person_id=person_id)
        db.add(Membership(edition_id=edition.id, team_id=row.id, person_id=person_id, joined_at=now))
        db.flush()  # the view reads the membership back
    joined = team(db, row.id)
    if joined is None:
        raise NotFound(STALE_LINK)
    return joined
