"""What only a team's captain does: hand over, renew the invitation link, rename."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Window
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Invalid, NotAllowed, NotFound
from datathon.kernel.ids import new_token
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.create import team_slug
from datathon.teams.queries import is_member
from datathon.teams.rules import check_registration, clean_line, clean_name
from datathon.teams.tables import Team


def hand_over(db: Session, *, team_id: UUID, person_id: UUID, to: UUID, now: datetime) -> None:
    """Make another present member the captain. Raises NotAllowed for who is not the captain, Invalid for a stranger."""
    row = _led_by(db, team_id, person_id)
    if not is_member(db, team_id, to):
        raise Invalid("Only a present member can become captain.", field="to")
    row.captain_id = to
    audit.record(db, "hand_over_team", row.slug, now=now, actor=person_id, edition=row.edition_id)


def renew_invitation(db: Session, *, team_id: UUID, person_id: UUID) -> str:
    """Replace the invitation link, so that the old one no longer opens the team; return the new token."""
    row = _led_by(db, team_id, person_id)
    row.invitation = new_token()
    return row.invitation


def rename(
    db: Session, *, windows: tuple[Window, ...], team_id: UUID, person_id: UUID, name: str, town: str, now: datetime
) -> str:
    """Give the team another name and town while registration is open; return its slug. Raises as ``create`` does."""
    row = _led_by(db, team_id, person_id)
    check_registration(windows)
    kept, kept_town = clean_name(name), clean_line(town)
    if len(kept_town) > 80:
        raise Invalid("A town's name has at most %(limit)s characters.", field="town", limit=80)
    locked(db, EditionRow, row.edition_id)  # two renames to one name wait for each other here
    before = row.name
    row.slug = team_slug(db, edition_id=row.edition_id, name=kept, own=row.id)
    row.name, row.town = kept, kept_town
    audit.record(
        db, "rename_team", row.slug, now=now, actor=person_id, edition=row.edition_id, before=before, after=kept
    )
    return row.slug


def _led_by(db: Session, team_id: UUID, person_id: UUID) -> Team:
    row = locked(db, Team, team_id)
    if row is None or not is_member(db, team_id, person_id):
        raise NotFound("You are not in this team.")
    if row.captain_id != person_id:
        raise NotAllowed("Only the team's captain can do this.")
    return row
