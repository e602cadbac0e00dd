"""Erase a person: the account is emptied, marks and results stay, minutes and journal name a pseudonym."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID

from sqlmodel import Session, col, or_, select

from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import Catalogue
from datathon.jury.conflicts import folded
from datathon.jury.tables import Assignment, ConflictOfInterest, JurorAvailability, JuryInvitation, Sheet
from datathon.kernel.errors import Conflict, NotAllowed, NotFound
from datathon.people.erase_account import erase_account, is_erased, pseudonym_of
from datathon.people.tables import Person, Role
from datathon.publication.named import replace_named
from datathon.publication.tables import Deliberation, FrozenMinutes, MinutesSignature
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.leave import leave
from datathon.teams.rules import may_change
from datathon.teams.tables import Membership, Team


@dataclass(frozen=True, slots=True)
class Erased:
    """What erasing did: the pseudonym, the editions concerned, sheets that stay, editions whose minutes changed, texts."""

    pseudonym: str
    editions: tuple[str, ...]
    sheets: int
    minutes: tuple[str, ...]
    texts: int = 0


def erase(
    db: Session,
    catalogue: Catalogue,
    *,
    person_id: UUID,
    actor: UUID,
    now: datetime,
    texts: Collection[str] | None = (),
) -> Erased:
    """Erase the account of ``person_id``; ``actor`` is that person, or an organiser of everything they take part in.

    Submitted sheets keep counting, drafts never will; a team whose work is still open is left as ``leave`` does. Frozen
    minutes get the pseudonym and a new SHA-256, and the journal keeps both. ``texts`` are the places, of those that
    ``named.places_named`` lists, in which the pseudonym replaces the name (None: everywhere it can). Raises NotFound for no account, Conflict for
    one that was erased before or is the only organiser of an edition, NotAllowed for whoever may not erase it.
    """
    person = locked(db, Person, person_id)
    if person is None:
        raise NotFound("There is no such account.")
    if is_erased(person):
        raise Conflict("This account is erased already.")
    editions = concerned(db, person_id)
    if actor != person_id:
        check_may_erase(db, editions=editions, person_id=person_id, organiser_id=actor)
    _check_not_alone(db, person_id)
    name, pseudonym = person.name, pseudonym_of(person)
    _leave_teams(db, catalogue, person_id, now)
    sheets = _leave_juries(db, person)
    _rename_mentor(db, person, pseudonym)
    replaced = replace_named(db, person, editions, chosen=texts, pseudonym=pseudonym, actor=actor, now=now)
    minutes = _rename_in_minutes(db, name, pseudonym, actor=actor, now=now)
    erase_account(db, person)
    for edition in editions:
        audit.record(
            db,
            "erase_account",
            str(person_id),
            now=now,
            actor=actor,
            edition=edition,
            pseudonym=pseudonym,
            sheets=sheets.get(edition, 0),
        )
    db.flush()
    return Erased(pseudonym, editions, sum(sheets.values()), minutes, replaced)


def concerned(db: Session, person_id: UUID) -> tuple[str, ...]:
    """Return the editions a person takes or took part in, by a role or a team."""
    roles = db.exec(select(Role.edition_id).where(Role.person_id == person_id))
    teams = db.exec(select(Membership.edition_id).where(Membership.person_id == person_id))
    return tuple(sorted({*roles, *teams}))


def check_may_erase(db: Session, *, editions: tuple[str, ...], person_id: UUID, organiser_id: UUID) -> None:
    """Raise NotAllowed unless ``organiser_id`` organises every one of ``editions`` and the person organises none."""
    organised = {
        (who, edition)
        for who, edition in db.exec(
            select(Role.person_id, Role.edition_id).where(
                col(Role.person_id).in_((person_id, organiser_id)), Role.role == "organiser"
            )
        )
    }
    if any(who == person_id for who, _ in organised):
        raise NotAllowed("An organiser’s account is erased by its owner alone, on the page of the account.")
    foreign = [edition for edition in editions if (organiser_id, edition) not in organised]
    if foreign or not editions:
        raise NotAllowed(
            "This account also takes part in editions that you do not organise (%(editions)s): its owner erases it, on the page of the account.",
            editions=", ".join(foreign) or "–",
        )


def _check_not_alone(db: Session, person_id: UUID) -> None:
    query = select(Role).where(Role.role == "organiser")
    organisers: dict[str, set[UUID]] = {}
    for role in db.exec(query):
        organisers.setdefault(role.edition_id, set()).add(role.person_id)
    alone = sorted(edition for edition, people in organisers.items() if people == {person_id})
    if alone:
        raise Conflict(
            "You are the only organiser of %(editions)s. Have somebody else made organiser first.",
            editions=", ".join(alone),
        )


def _leave_teams(db: Session, catalogue: Catalogue, person_id: UUID, now: datetime) -> None:
    query = select(Membership).where(Membership.person_id == person_id, col(Membership.left_at).is_(None))
    for membership in db.exec(query).all():
        edition = catalogue.edition(membership.edition_id)
        windows = () if edition is None else windows_of(db, edition, now=now)
        if may_change(windows):
            leave(db, windows=windows, team_id=membership.team_id, person_id=person_id, now=now)


def _leave_juries(db: Session, person: Person) -> dict[str, int]:
    """Take the person out of juries without a submitted sheet; return how many submitted sheets stay, by edition."""
    kept: dict[str, int] = {}
    for edition in db.exec(select(Sheet.edition_id).where(Sheet.juror_id == person.id, Sheet.state == "submitted")):
        kept[edition] = kept.get(edition, 0) + 1
    for role in db.exec(select(Role).where(Role.person_id == person.id, Role.role == "juror")).all():
        role.president = False
        if role.edition_id not in kept:
            db.delete(role)
            for given in db.exec(
                select(Assignment).where(Assignment.juror_id == person.id, Assignment.edition_id == role.edition_id)
            ).all():
                db.delete(given)
    for said in db.exec(select(JurorAvailability).where(JurorAvailability.juror_id == person.id)).all():
        db.delete(said)
    asked = or_(col(JuryInvitation.person_id) == person.id, col(JuryInvitation.email) == person.email)
    for invitation in db.exec(select(JuryInvitation).where(asked)).all():
        db.delete(invitation)
    db.flush()
    return kept


def _rename_mentor(db: Session, person: Person, pseudonym: str) -> None:
    """Name the pseudonym where teams said who advised them, and in the conflicts that the platform found from that."""
    known = {folded(person.name), folded(person.email)}
    for team in db.exec(select(Team).where(Team.mentors != "")).all():
        team.mentors = "\n".join(pseudonym if folded(line) in known else line for line in team.mentors.splitlines())
        db.add(team)
    found = select(ConflictOfInterest).where(
        ConflictOfInterest.juror_id == person.id, col(ConflictOfInterest.source).in_(("mentor", "structure"))
    )
    for conflict in db.exec(found).all():
        conflict.reason = pseudonym if conflict.source == "mentor" else ""
        db.add(conflict)
    db.flush()


def _rename_in_minutes(db: Session, name: str, pseudonym: str, *, actor: UUID, now: datetime) -> tuple[str, ...]:
    written = re.compile(rf"(?<!\w)(?:{re.escape(escape(name))}|{re.escape(name)})(?!\w)")
    changed = dict[str, tuple[str, str]]()  # SHA-256 before -> edition, SHA-256 after
    for row in db.exec(select(Deliberation).where(Deliberation.minutes != "")).all():
        text, digest = _renamed(written, pseudonym, row.minutes)
        if text != row.minutes:
            changed[row.minutes_sha256] = (row.edition_id, digest)
            row.minutes, row.minutes_sha256 = text, digest
            db.add(row)
    for kept in db.exec(select(FrozenMinutes)).all():
        text, digest = _renamed(written, pseudonym, kept.content)
        if text != kept.content:
            changed[kept.sha256] = (kept.edition_id, digest)
            kept.content, kept.sha256 = text, digest
        text, digest = _renamed(written, pseudonym, kept.public)
        if text != kept.public:
            changed[kept.public_sha256] = (kept.edition_id, digest)
            kept.public, kept.public_sha256 = text, digest
        db.add(kept)
    for signature in db.exec(select(MinutesSignature).where(MinutesSignature.name == name)).all():
        signature.name = pseudonym
        db.add(signature)
    for before, (edition, after) in changed.items():
        audit.record(
            db, "erase_from_minutes", edition, now=now, actor=actor, edition=edition,
            pseudonym=pseudonym, before=before, after=after,
        )  # fmt: skip
    return tuple(dict.fromkeys(edition for edition, _ in changed.values()))


def _renamed(written: re.Pattern[str], pseudonym: str, text: str) -> tuple[str, str]:
    """Return a text with the pseudonym for the name, and its SHA-256."""
    found = written.sub(pseudonym, text)
    return found, hashlib.sha256(found.encode()).hexdigest()
