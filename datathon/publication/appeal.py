"""A team contests a published ranking, once for each version; the jury's head or an organiser answers with a reason.

An answer changes no rank by itself: a correction is a new version, decided and validated like the first.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.outbox import write
from datathon.people.tables import Person, Role
from datathon.publication import appeal_letters as words
from datathon.publication.queries import latest
from datathon.publication.tables import Appeal
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.tables import Membership, Team

TEXT_LIMIT = 4000
OPEN, UPHELD, REFUSED = "open", "upheld", "refused"
ALREADY = "Your team has filed its appeal against this version already."


@dataclass(frozen=True, slots=True)
class Window:
    """When teams may contest the version ``ranking``: until ``ends`` (excluded)."""

    ranking: int
    ends: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether an appeal can still be filed."""
        return now < self.ends


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal as its team, organisers and the head of the jury read it; names are empty for erased accounts."""

    id: UUID
    team_id: UUID
    team: str
    ranking: int
    text: str
    filed_at: datetime
    filed_by: str
    state: str
    answer: str
    answered_at: datetime | None
    answered_by: str


def window(db: Session, edition: Edition) -> Window | None:
    """Return when the newest published version can be contested; None before it, or where the rules provide nothing.

    That is until the end, in the edition's zone, of the last of the rules' ``appeal_days`` after the publication. Each
    new version opens the window again, since it may move other teams.
    """
    days = 0 if edition.ranking is None else edition.ranking.appeal_days
    published = latest(db, edition.id)
    if not days or published is None:
        return None
    last = published.published_at.astimezone(edition.zone).date() + timedelta(days=days + 1)
    return Window(published.version, datetime.combine(last, time(), tzinfo=edition.zone))


def appeals(db: Session, edition_id: str, *, team_id: UUID | None = None) -> tuple[AppealView, ...]:
    """Return the appeals of an edition, or of one team, those without an answer first, then the newest."""
    filer, answerer = aliased(Person), aliased(Person)
    query = (
        select(Appeal, Team.name, filer.name, answerer.name)
        .join(Team, col(Team.id) == col(Appeal.team_id))
        .join(filer, col(filer.id) == col(Appeal.filed_by), isouter=True)
        .join(answerer, col(answerer.id) == col(Appeal.answered_by), isouter=True)
        .where(Appeal.edition_id == edition_id)
        .order_by(col(Appeal.filed_at).desc(), col(Appeal.id))
    )
    if team_id is not None:
        query = query.where(Appeal.team_id == team_id)
    found = [_view(row, team, by or "", answered or "") for row, team, by, answered in db.exec(query)]
    return tuple(sorted(found, key=lambda a: a.state != OPEN))


def _view(row: Appeal, team: str, filed_by: str, answered_by: str) -> AppealView:
    return AppealView(
        row.id,
        row.team_id,
        team,
        row.ranking,
        row.text,
        row.filed_at,
        filed_by,
        row.state,
        row.answer,
        row.answered_at,
        answered_by,
    )


def file_appeal(
    db: Session, *, edition: Edition, team_id: UUID, person_id: UUID, text: str, base_url: str, now: datetime
) -> UUID:
    """File a team's appeal against the newest version, write to the organisers, and return its key.

    Raises Conflict outside the window and for a second appeal against one version, Invalid for an empty or too long
    text, NotFound where the rules provide no appeal.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    found = window(db, edition)
    if found is None:
        raise NotFound("The rules of this edition provide no appeal, or nothing is announced yet.")
    if not found.is_open(now):
        raise Conflict("Appeals could be filed until %(until)s.", until=found.ends)
    said = text.strip()
    if not said:
        raise Invalid("Say what you contest, and why.", field="text")
    if len(said) > TEXT_LIMIT:
        raise Invalid("An appeal has at most %(limit)s characters.", field="text", limit=TEXT_LIMIT)
    team = db.get_one(Team, team_id)
    row = Appeal(
        edition_id=edition.id, team_id=team_id, ranking=found.ranking, text=said, filed_at=now, filed_by=person_id
    )
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError:
        raise Conflict(ALREADY) from None
    audit.record(
        db, "file_appeal", team.name, now=now, actor=person_id, edition=edition.id, appeal=str(row.id), version=row.ranking
    )  # fmt: skip
    link = f"{base_url}/organise/{edition.id}/appeals"
    for person in _organisers(db, edition.id):
        subject, body = words.filed(edition, person, team.name, link)
        write(db, to=person.email, subject=subject, body=body, now=now, person_id=person.id, edition_id=edition.id)
    return row.id


def answer_appeal(
    db: Session,
    *,
    edition: Edition,
    appeal_id: UUID,
    person_id: UUID,
    state: str,
    answer: str,
    base_url: str,
    now: datetime,
) -> None:
    """Uphold or refuse an appeal with a reason, and write to the team; an answer is final.

    Raises Conflict when somebody answered already, Invalid for another decision or without a reason.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    row = db.get(Appeal, appeal_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("There is no such appeal.")
    if row.state != OPEN:
        raise Conflict("Somebody has answered this appeal already; an answer is final.")
    if state not in {UPHELD, REFUSED}:
        raise Invalid("Say whether the appeal is upheld or refused.", field="decision")
    said = answer.strip()
    if not said:
        raise Invalid("Give the team a reason.", field="answer")
    if len(said) > TEXT_LIMIT:
        raise Invalid("An answer has at most %(limit)s characters.", field="answer", limit=TEXT_LIMIT)
    row.state, row.answer, row.answered_at, row.answered_by = state, said, now, person_id
    db.add(row)
    team = db.get_one(Team, row.team_id)
    audit.record(
        db, f"{state}_appeal", team.name, now=now, actor=person_id, edition=edition.id,
        appeal=str(row.id), version=row.ranking, reason=said,
    )  # fmt: skip
    link = f"{base_url}/e/{edition.id}/team/result"
    for person in _members(db, row.team_id):
        subject, body = words.answered(edition, person, link, upheld=state == UPHELD)
        write(db, to=person.email, subject=subject, body=body, now=now, person_id=person.id, edition_id=edition.id)
    db.flush()


def _organisers(db: Session, edition_id: str) -> list[Person]:
    query = select(Person).join(Role, col(Role.person_id) == col(Person.id))
    return list(db.exec(query.where(Role.edition_id == edition_id, Role.role == "organiser").order_by(col(Person.id))))


def _members(db: Session, team_id: UUID) -> list[Person]:
    query = select(Person).join(Membership, col(Membership.person_id) == col(Person.id))
    return list(
        db.exec(query.where(Membership.team_id == team_id, col(Membership.left_at).is_(None)).order_by(col(Person.id)))
    )
