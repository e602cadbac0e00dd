"""What jurors wrote for the teams: an organiser lets each comment go or withholds it, and teams read it after the announcement.

Nobody edits a comment: it is the juror's, and stays whole. Whoever reads it as the team sees neither name nor pseudonym.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.tables import ConflictOfInterest, JuryClosing, Sheet
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person
from datathon.publication.tables import CommentReview, PublishedRanking
from datathon.store import audit
from datathon.store.db import locked
from datathon.teams.tables import Team

REASON_LIMIT = 300
APPROVED, WITHHELD = "approved", "withheld"


@dataclass(frozen=True, slots=True)
class Comment:
    """A juror's comment for a team as organisers read it. ``state`` is "", approved or withheld; ``version`` 0 before."""

    sheet_id: UUID
    team: str
    juror: str
    text: str
    state: str
    reason: str
    version: int


def comments(db: Session, edition: Edition) -> tuple[Comment, ...]:
    """Return every comment of a sheet that counts, those nobody decided about first, then by team.

    Raises Conflict while the jury is open: until then comments can change, and nobody but their authors reads them.
    """
    if edition.rubric is None:
        raise NotFound("This edition has no jury.")
    if db.get(JuryClosing, edition.id) is None:
        raise Conflict("The jury is not closed yet.")
    query = (
        select(Sheet, Team.name, Person.name, CommentReview)
        .join(Team, col(Team.id) == col(Sheet.team_id))
        .join(Person, col(Person.id) == col(Sheet.juror_id), isouter=True)
        .join(CommentReview, col(CommentReview.sheet_id) == col(Sheet.id), isouter=True)
        .where(*_counting(edition))
        .order_by(func.lower(col(Team.name)), col(Sheet.id))
    )
    found = [_comment(sheet, team, juror or "", review) for sheet, team, juror, review in db.exec(query)]
    return tuple(sorted((c for c in found if c.text), key=lambda c: c.state != ""))


def _comment(sheet: Sheet, team: str, juror: str, review: CommentReview | None) -> Comment:
    text = sheet.comment_team.strip()
    if review is None:
        return Comment(sheet.id, team, juror, text, "", "", 0)
    if review.digest != _digest(text):
        return Comment(sheet.id, team, juror, text, "", "", review.version)
    return Comment(sheet.id, team, juror, text, review.state, review.reason, review.version)


def decide(
    db: Session,
    *,
    edition: Edition,
    organiser_id: UUID,
    sheet_id: UUID,
    version: int,
    approve: bool,
    reason: str = "",
    now: datetime,
) -> None:
    """Let a comment go to its team, or withhold it with a ``reason``; ``version`` is the decision that was looked at.

    Raises Conflict while the jury is open and when somebody else decided meanwhile, Invalid for a comment withheld
    without a reason, NotFound for a sheet whose comment is not there.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    found = next((c for c in comments(db, edition) if c.sheet_id == sheet_id), None)
    if found is None:
        raise NotFound("There is no such comment.")
    if found.version != version:
        raise Conflict("Somebody else decided about this comment meanwhile. Read it again.")
    said = reason.strip()
    if len(said) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field=str(sheet_id), limit=REASON_LIMIT)
    if not approve and not said:
        raise Invalid("Say why this comment is withheld; the reason stays with the organisers.", field=str(sheet_id))
    row = db.get(CommentReview, sheet_id)
    if row is None:
        row = CommentReview(
            sheet_id=sheet_id, edition_id=edition.id, state="", digest="", decided_at=now, decided_by=organiser_id
        )
    row.state, row.reason = (APPROVED, "") if approve else (WITHHELD, said)
    row.version, row.digest, row.decided_at, row.decided_by = version + 1, _digest(found.text), now, organiser_id
    db.add(row)
    act = "approve_comment" if approve else "withhold_comment"
    audit.record(
        db, act, found.team, now=now, actor=organiser_id, edition=edition.id,
        sheet=str(sheet_id), comment=row.digest, reason=row.reason,
    )  # fmt: skip
    db.flush()


def released(db: Session, edition: Edition, team_id: UUID) -> tuple[str, ...]:
    """Return the approved comments for a team, nothing before the announcement.

    They come in an order that says nothing about their authors, and that differs from one team to the next.
    """
    announced = db.exec(select(PublishedRanking.id).where(PublishedRanking.edition_id == edition.id)).first()
    if announced is None or edition.rubric is None:
        return ()
    query = (
        select(Sheet.id, Sheet.comment_team, CommentReview.digest)
        .join(CommentReview, col(CommentReview.sheet_id) == col(Sheet.id))
        .where(*_counting(edition), Sheet.team_id == team_id, CommentReview.state == APPROVED)
    )
    found = [(key, text.strip()) for key, text, digest in db.exec(query) if digest == _digest(text.strip())]
    return tuple(text for _, text in sorted(found, key=lambda pair: hashlib.sha256(pair[0].bytes).digest()))


def _counting(edition: Edition) -> tuple[ColumnElement[bool], ...]:
    barred = (
        select(ConflictOfInterest.id)
        .where(
            ConflictOfInterest.edition_id == edition.id,
            col(ConflictOfInterest.juror_id) == col(Sheet.juror_id),
            col(ConflictOfInterest.team_id) == col(Sheet.team_id),
            col(ConflictOfInterest.lifted_at).is_(None),
        )
        .exists()
    )
    challenge = "" if edition.rubric is None else edition.rubric.challenge
    return (
        col(Sheet.edition_id) == edition.id,
        col(Sheet.challenge_id) == challenge,
        col(Sheet.state) == "submitted",
        ~barred,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
