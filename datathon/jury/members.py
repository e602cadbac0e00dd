"""Who is on a jury or invited to it, how much each can take, and who does not grade whom; read for organisers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.queries import Matrix
from datathon.jury.secrecy import undertaking
from datathon.jury.tables import ConflictOfInterest, Declaration, JurorAvailability, JuryInvitation
from datathon.kernel.alphabet import alphabetical
from datathon.people.erase_account import is_erased
from datathon.people.tables import Acceptance, Person, Role
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member of a jury. ``email`` is "" when the account was erased; ``sheets``: at most so many (None: no limit said); ``secret_at`` of the present undertaking."""

    id: UUID
    name: str
    email: str
    structure: str
    president: bool
    sheets: int | None
    times: str
    declared_at: datetime | None
    secret_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """Who does not grade whom, who said so (None: the platform) and why; ``lifted_at`` when it no longer holds."""

    id: UUID
    juror: str
    team: str
    source: str
    reason: str
    by: str | None
    at: datetime
    lifted_at: datetime | None
    lifted_why: str


def members(db: Session, edition: Edition) -> tuple[MemberLine, ...]:
    """Return the members of a jury, its head first, then by name."""
    text = undertaking(edition)
    declared = dict(
        db.exec(select(Declaration.juror_id, Declaration.declared_at).where(Declaration.edition_id == edition.id)).all()
    )
    secret = dict(
        db.exec(
            select(Acceptance.person_id, Acceptance.accepted_at).where(
                Acceptance.edition_id == edition.id,
                Acceptance.document == text.id,
                Acceptance.version == text.version,
            )
        ).all()
    )
    wishes = availability(db, edition.id)
    people = db.exec(
        select(Person, Role.president)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition.id, Role.role == "juror")
        .order_by(col(Person.id))
    ).all()
    in_order = sorted(people, key=lambda found: (not found[1], alphabetical(found[0].name)))
    return tuple(
        MemberLine(
            p.id,
            p.name,
            "" if is_erased(p) else p.email,
            p.organisation,
            president,
            wishes[p.id].sheets if p.id in wishes else None,
            wishes[p.id].times if p.id in wishes else "",
            declared.get(p.id),
            secret.get(p.id),
        )
        for p, president in in_order
    )


def availability(db: Session, edition_id: str) -> Mapping[UUID, JurorAvailability]:
    """Return what jurors said about their availability, by juror."""
    query = select(JurorAvailability).where(JurorAvailability.edition_id == edition_id)
    return {row.juror_id: row for row in db.exec(query)}


def open_invitations(db: Session, edition_id: str) -> tuple[JuryInvitation, ...]:
    """Return the invitations that nobody accepted, the newest first."""
    query = (
        select(JuryInvitation)
        .where(JuryInvitation.edition_id == edition_id, col(JuryInvitation.accepted_at).is_(None))
        .order_by(col(JuryInvitation.invited_at).desc(), col(JuryInvitation.id))
    )
    return tuple(db.exec(query))


def conflict_lines(db: Session, edition_id: str) -> tuple[ConflictLine, ...]:
    """Return every conflict of an edition, by juror and team, lifted ones last."""
    said = dict(
        db.exec(
            select(Person.id, Person.name).where(
                col(Person.id).in_(
                    select(ConflictOfInterest.declared_by).where(ConflictOfInterest.edition_id == edition_id)
                )
            )
        ).all()
    )
    query = (
        select(ConflictOfInterest, Person.name, Team.name)
        .join(Person, col(Person.id) == col(ConflictOfInterest.juror_id))
        .join(Team, col(Team.id) == col(ConflictOfInterest.team_id))
        .where(ConflictOfInterest.edition_id == edition_id)
        .order_by(
            col(ConflictOfInterest.lifted_at).is_not(None), func.lower(col(Person.name)), func.lower(col(Team.name))
        )
    )
    return tuple(
        ConflictLine(
            row.id,
            juror,
            team,
            row.source,
            row.reason,
            None if row.declared_by is None else said.get(row.declared_by),
            row.declared_at,
            row.lifted_at,
            row.lifted_why,
        )
        for row, juror, team in db.exec(query)
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a jury as it stands.

    ``kind`` is nobody, alone, all_conflicts (a juror), nobody_left (a team) or unplanned (a team that the plan gives to
    nobody).
    """

    kind: str
    name: str = ""


def troubles(matrix: Matrix) -> tuple[Trouble, ...]:
    """Return what an organiser should put right before grading: an empty or lonely jury, jurors and teams left without."""
    if not matrix.jurors:
        return (Trouble("nobody"),)
    found = [Trouble("alone", matrix.jurors[0].name)] if len(matrix.jurors) == 1 else []
    if matrix.teams:
        found += [Trouble("all_conflicts", row.name) for row in matrix.jurors if set(row.cells) == {"conflict"}]
        found += [
            Trouble(
                "unplanned" if any(row.cells[place] == "none" for row in matrix.jurors) else "nobody_left", team.name
            )
            for place, team in enumerate(matrix.teams)
            if all(row.cells[place] in {"conflict", "none"} for row in matrix.jurors)
        ]
    return tuple(found)
