"""Say which brackets a team belongs to: its captain claims them, organisers correct them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Invalid, NotAllowed, NotFound
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.queries import is_member
from datathon.teams.rules import check_registration
from datathon.teams.tables import Team


def checked(edition: Edition, brackets: Collection[str]) -> list[str]:
    """Return brackets in the order of the edition, each once. Raises Invalid for one that the edition does not have."""
    known = [bracket.id for bracket in edition.brackets]
    for name in brackets:
        if name not in known:
            raise Invalid("This edition has no bracket “%(bracket)s”.", field="brackets", bracket=name[:80])
    return [name for name in known if name in brackets]


def claim(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    team_id: UUID,
    person_id: UUID,
    brackets: Collection[str],
    now: datetime,
) -> None:
    """Let the captain say which brackets the team belongs to, while registration is open.

    Raises NotFound, NotAllowed (not the captain), Conflict (registration closed), Invalid (no such bracket).
    """
    row = locked(db, Team, team_id)
    if row is None or row.edition_id != edition.id or not is_member(db, team_id, person_id):
        raise NotFound("You are not in this team.")
    if row.captain_id != person_id:
        raise NotAllowed("Only the team's captain can do this.")
    check_registration(windows)
    _write(db, row, checked(edition, brackets), action="claim_brackets", actor=person_id, now=now)


def correct(
    db: Session, *, edition: Edition, slug: str, organiser_id: UUID, brackets: Collection[str], now: datetime
) -> None:
    """Let an organiser say which brackets a team belongs to, at any time. Raises NotFound, Invalid (no such bracket)."""
    found = db.exec(select(Team.id).where(Team.edition_id == edition.id, Team.slug == slug)).one_or_none()
    row = None if found is None else locked(db, Team, found)
    if row is None:
        raise NotFound("This team does not exist.")
    _write(db, row, checked(edition, brackets), action="correct_brackets", actor=organiser_id, now=now)


def _write(db: Session, row: Team, kept: list[str], *, action: str, actor: UUID, now: datetime) -> None:
    if row.brackets == kept:
        return
    before, row.brackets = row.brackets, kept
    db.add(row)
    audit.record(db, action, row.slug, now=now, actor=actor, edition=row.edition_id, before=before, after=kept)
    db.flush()  # the boards that are drawn next show it
