"""A juror answers the question of conflicts of interest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.notice_conflicts import notice_conflicts
from datathon.jury.queries import conflicts_of, rubric_of, sheet_row
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.secrecy import undertake
from datathon.jury.tables import ConflictOfInterest, Declaration, JuryClosing
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.people.tables import Role
from datathon.store import audit
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Declared:
    """A juror's declaration: when, and the teams this juror does not grade (declared by anybody)."""

    declared_at: datetime
    teams: frozenset[UUID]


def declare(
    db: Session, *, edition: Edition, juror_id: UUID, conflicts: Mapping[UUID, str], secrecy: bool, now: datetime
) -> Declared:
    """Record a juror's conflicts (team -> reason; none: an empty mapping); the sheets open from then on.

    ``secrecy``: the juror undertakes with it to keep the jury's debates secret; False is enough where the present
    version of that text was accepted before.

    A second declaration replaces what the juror said before; what others declared about the juror stays, and what the
    platform finds is added. A sheet of a team declared late is kept, but no longer counts. Raises NotAllowed (not a
    juror), Conflict (jury closed), NotFound (no such team), Invalid (reason too long, no undertaking of secrecy).
    """
    rubric_of(edition)
    hold_jury(db, edition_id=edition.id)
    check_juror(db, edition_id=edition.id, juror_id=juror_id)
    _check_teams(db, edition.id, conflicts)
    undertake(db, edition, juror_id=juror_id, now=now, anew=secrecy)
    row = db.exec(
        select(Declaration)
        .where(Declaration.edition_id == edition.id, Declaration.juror_id == juror_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        row = Declaration(edition_id=edition.id, juror_id=juror_id, declared_at=now)
    row.declared_at = now
    db.add(row)
    teams = _replace(db, edition, juror_id, conflicts, now)
    audit.record(
        db,
        "declare_conflicts",
        str(juror_id),
        now=now,
        actor=juror_id,
        edition=edition.id,
        teams=sorted(str(team) for team in teams),
    )
    return Declared(now, teams)


def hold_jury(db: Session, *, edition_id: str) -> None:
    """Keep the jury from being closed until the transaction ends; Conflict when it is closed already.

    Jurors share this hold and do not wait for one another; closing waits for all of them, and they for it.
    """
    db.exec(select(EditionRow.id).where(EditionRow.id == edition_id).with_for_update(read=True)).one_or_none()
    if db.get(JuryClosing, edition_id) is not None:
        raise Conflict("The jury is closed; sheets can no longer change.")


def check_juror(db: Session, *, edition_id: str, juror_id: UUID) -> None:
    """Raise NotAllowed for somebody who is not on this edition's jury."""
    query = select(Role.id).where(Role.person_id == juror_id, Role.edition_id == edition_id, Role.role == "juror")
    if db.exec(query).first() is None:
        raise NotAllowed("You are not on the jury of this edition.")


def _check_teams(db: Session, edition_id: str, conflicts: Mapping[UUID, str]) -> None:
    known = set(db.exec(select(Team.id).where(Team.edition_id == edition_id)))
    if not set(conflicts) <= known:
        raise NotFound("This team is not in this edition.")
    for team, reason in conflicts.items():
        if len(reason.strip()) > REASON_LIMIT:
            raise Invalid("A reason has at most %(limit)s characters.", field=str(team), limit=REASON_LIMIT)


def _replace(
    db: Session, edition: Edition, juror_id: UUID, conflicts: Mapping[UUID, str], now: datetime
) -> frozenset[UUID]:
    query = select(ConflictOfInterest).where(
        ConflictOfInterest.edition_id == edition.id, ConflictOfInterest.juror_id == juror_id
    )
    known = {row.team_id: row for row in db.exec(query)}
    for team, row in known.items():
        if row.source == "juror" and team not in conflicts:
            db.delete(row)
    for team, reason in conflicts.items():
        kept = known.get(team) or ConflictOfInterest(
            edition_id=edition.id, juror_id=juror_id, team_id=team, declared_by=juror_id, declared_at=now
        )
        new = team not in known or kept.lifted_at is not None
        if new or kept.source == "juror":
            kept.source, kept.reason, kept.declared_by = "juror", reason.strip(), juror_id
            kept.lifted_at, kept.lifted_by, kept.lifted_why = None, None, ""
            db.add(kept)
        if new:
            _note_late(db, edition, juror_id=juror_id, team_id=team, reason=reason.strip(), now=now)
    db.flush()
    notice_conflicts(db, edition_id=edition.id, juror_id=juror_id, now=now)
    return frozenset(conflicts_of(db, edition_id=edition.id, juror_id=juror_id))


def _note_late(db: Session, edition: Edition, *, juror_id: UUID, team_id: UUID, reason: str, now: datetime) -> None:
    if sheet_row(db, edition=edition, juror_id=juror_id, team_id=team_id) is not None:
        record_conflict(
            db,
            edition,
            juror_id=juror_id,
            team_id=team_id,
            reason=reason,
            source="juror",
            actor=juror_id,
            now=now,
        )


def record_conflict(
    db: Session,
    edition: Edition,
    *,
    juror_id: UUID,
    team_id: UUID,
    reason: str,
    source: str,
    actor: UUID,
    now: datetime,
) -> None:
    """Write a conflict into the journal, and whether a sheet leaves the computation by it."""
    sheet = sheet_row(db, edition=edition, juror_id=juror_id, team_id=team_id)
    audit.record(
        db,
        "declare_conflict",
        str(team_id),
        now=now,
        actor=actor,
        edition=edition.id,
        juror=str(juror_id),
        source=source,
        reason=reason,
        sheet="none" if sheet is None else sheet.state,
    )
