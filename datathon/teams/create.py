"""Create a team."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition, Window
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.kernel.ids import new_token
from datathon.store.db import locked
from datathon.teams.admission import check_person
from datathon.teams.claim import checked
from datathon.teams.queries import TeamView, team
from datathon.teams.rules import check_registration, clean_line, clean_name, name_key
from datathon.teams.tables import Membership, Team


def create(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    person_id: UUID,
    name: str,
    now: datetime,
    town: str = "",
    brackets: Collection[str] = (),
) -> TeamView:
    """Create a team with this person as its captain and only member.

    Names that differ by case, accents or punctuation only are one name. Raises Conflict (registration closed, name
    taken, already in a team), NotAllowed (rules not accepted, organiser or juror), Invalid (name, town, bracket).
    """
    check_registration(windows)
    kept_name, kept_town = clean_name(name), clean_line(town)
    if len(kept_town) > 80:
        raise Invalid("A town's name has at most %(limit)s characters.", field="town", limit=80)
    # Taking the edition's row first makes two teams of one name impossible to create side by side.
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    check_person(db, edition=edition, person_id=person_id)
    key = team_slug(db, edition_id=edition.id, name=kept_name)
    row = Team(
        edition_id=edition.id,
        name=kept_name,
        slug=key,
        town=kept_town,
        brackets=checked(edition, brackets),
        captain_id=person_id,
        invitation=new_token(),
        created_at=now,
    )
    db.add(row)
    db.flush()  # the membership refers to the team
    db.add(Membership(edition_id=edition.id, team_id=row.id, person_id=person_id, joined_at=now))
    db.flush()  # the view reads the membership back
    created = team(db, row.id)
    if created is None:
        raise NotFound("This team does not exist.")
    return created


def team_slug(db: Session, *, edition_id: str, name: str, own: UUID | None = None) -> str:
    """Return the slug a team of this name has; Conflict when another team of the edition than ``own`` has it already."""
    key = name_key(name)
    taken = db.exec(select(Team.id).where(Team.edition_id == edition_id, Team.slug == key)).first()
    if taken is not None and taken != own:
        raise Conflict("There is already a team called %(name)s. Choose another name.", field="name", name=name)
    return key
