"""The page of one's own account, and the copy of its data."""

from dataclasses import dataclass

from sqlmodel import Session

from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Edition
from datathon.people.queries import acceptances_of, letters_of, roles_of
from datathon.people.tables import Person
from datathon.teams.queries import MembershipView, memberships_of
from datathon.web.account.typed import Typed


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A present team; ``edition`` is None when its folder is not readable at the moment."""

    edition: Edition | None
    membership: MembershipView


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role over an edition."""

    edition: Edition | None
    edition_id: str
    role: str
    president: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The account, what it belongs to, and who can erase it. ``details`` and ``password`` are the two forms."""

    person: Person
    teams: tuple[TeamLine, ...]
    roles: tuple[RoleLine, ...]
    contacts: tuple[str, ...]
    details: Typed
    password: Typed


def account_page(db: Session, person: Person, catalogue: Catalogue, *, details: Typed, password: Typed) -> AccountPage:
    """Gather the page of an account."""
    present = [m for m in memberships_of(db, person.id) if m.left_at is None]
    roles = roles_of(db, person.id)
    concerned = {m.edition_id for m in present} | {r.edition_id for r in roles}
    editions = [catalogue.edition(key) for key in sorted(concerned)] or list(catalogue.editions.values())
    return AccountPage(
        person=person,
        teams=tuple(TeamLine(catalogue.edition(m.edition_id), m) for m in present),
        roles=tuple(RoleLine(catalogue.edition(r.edition_id), r.edition_id, r.role, r.president) for r in roles),
        contacts=tuple(sorted({e.organiser["email"] for e in editions if e and e.organiser.get("email")})),
        details=details,
        password=password,
    )


def own_data(db: Session, person: Person) -> dict[str, object]:
    """Return a copy of what the platform keeps about a person's account, as JSON values; instants in ISO 8601, UTC."""
    return {
        "account": {
            "id": str(person.id),
            "email": person.email,
            "name": person.name,
            "language": person.language,
            "profile": person.profile,
            "organisation": person.organisation,
            "created_at": person.created_at.isoformat(),
            "confirmed_at": person.confirmed_at.isoformat() if person.confirmed_at else None,
        },
        "roles": [
            {"edition": r.edition_id, "role": r.role, "president": r.president, "granted_at": r.granted_at.isoformat()}
            for r in roles_of(db, person.id)
        ],
        "acceptances": [
            {
                "edition": a.edition_id,
                "document": a.document,
                "version": a.version,
                "sha256": a.digest,
                "accepted_at": a.accepted_at.isoformat(),
            }
            for a in acceptances_of(db, person.id)
        ],
        "memberships": [
            {
                "edition": m.edition_id,
                "team": m.team,
                "joined_at": m.joined_at.isoformat(),
                "left_at": m.left_at.isoformat() if m.left_at else None,
            }
            for m in memberships_of(db, person.id)
        ],
        "letters": [
            {"subject": x.subject, "to": x.to, "state": x.state, "written_at": x.written_at.isoformat()}
            for x in letters_of(db, person.id)
        ],
    }
