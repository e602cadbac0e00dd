"""Receive a prediction file: the only place where a team's submission begins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from datathon.editions.rules import Challenge, Edition, PhaseKind, Window, local_day
from datathon.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from datathon.store.files import Stored
from datathon.submissions.admission import acting_team
from datathon.submissions.ledger import day_of, given_back_lately, reserve, usage
from datathon.submissions.rules import (
    State,
    check_open,
    check_pace,
    check_quota,
    clean_file_name,
    clean_message,
    request_key,
)
from datathon.submissions.tables import Submission
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a team can prove: which bytes the platform holds since when. ``digest`` is SHA-256 in hexadecimal.

    ``repeated`` tells that the same request had come before and this is what it gave.
    """

    submission_id: UUID
    edition_id: str
    challenge_id: str
    team_name: str
    number: int
    file_name: str
    size_bytes: int
    digest: str
    message: str
    state: str
    received_at: datetime
    repeated: bool


def receive(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    stored: Stored,
    file_name: str,
    message: str = "",
    idempotency_key: str | None = None,
    now: datetime,
) -> Receipt:
    """Insert the row *received* for a file that is already safe in the store, or say why not.

    ``windows`` are the edition's at ``now``. Everything is decided under the team's lock, so that of any number of
    files sent together no more are taken than the quota leaves. A request repeated with its ``idempotency_key`` gives
    the submission it made, even after the deadline. The place in the quota is reserved in the same transaction as the
    row. Raises NotAllowed, Conflict, Invalid or TooLarge; then nothing was
    counted.
    """
    if challenge.submission is None:
        raise NotFound("This challenge takes no prediction files.")
    team = acting_team(db, edition=edition, team_id=team_id, person_id=person_id)
    key = request_key(idempotency_key, challenge=challenge.id, digest=stored.digest)
    before = _made_by(db, team.id, key)
    if before is not None:
        return _receipt(before, team, repeated=True)
    check_open(windows, PhaseKind.SUBMISSIONS)
    if stored.size == 0:
        raise Invalid("The file is empty. Choose the file that holds your predictions.", field="file")
    if stored.size > challenge.upload_bytes:
        raise TooLarge("The file is larger than %(limit)s.", field="file", limit=challenge.upload_bytes)
    check_pace(given_back_lately(db, team_id=team.id, now=now))
    used = usage(db, team_id=team.id, edition=edition, challenge_id=challenge.id, now=now)
    check_quota(challenge.quota, used, resets_at=local_day(now, edition.zone)[1])
    row = Submission(
        edition_id=edition.id,
        challenge_id=challenge.id,
        team_id=team.id,
        person_id=person_id,
        number=_next_number(db, team.id, challenge),
        file_name=clean_file_name(file_name),
        digest=stored.digest,
        size_bytes=stored.size,
        message=clean_message(message),
        idempotency_key=key,
        state=State.RECEIVED.value,
        received_at=now,
    )
    db.add(row)
    db.flush()  # a broken constraint must show here, inside the act, and not at the door's commit
    reserve(db, row, day=day_of(now, edition), now=now)
    return _receipt(row, team, repeated=False)


def receive_baseline(
    db: Session,
    *,
    edition: Edition,
    challenge: Challenge,
    name: str,
    stored: Stored,
    suffix: str = ".csv",
    now: datetime,
) -> UUID:
    """Insert the row *received* for a baseline of the organiser, once for each file name; return its key.

    ``suffix`` tells predictions (.csv) from a program (.py, .zip). It has no team, no quota and no rank: the board shows it as a mark to beat.
    """
    if challenge.submission is None:
        raise NotFound("This challenge takes no prediction files.")
    ours = and_(
        col(Submission.edition_id) == edition.id,
        col(Submission.challenge_id) == challenge.id,
        col(Submission.team_id).is_(None),
    )
    known = db.exec(
        select(Submission).where(ours, Submission.baseline == name, Submission.digest == stored.digest)
    ).first()
    if known is not None:
        return known.id
    count = db.exec(select(func.count()).select_from(Submission).where(ours)).one()
    row = Submission(
        edition_id=edition.id,
        challenge_id=challenge.id,
        baseline=name,
        number=count + 1,
        file_name=clean_file_name(f"{name}{suffix}"),
        digest=stored.digest,
        size_bytes=stored.size,
        received_at=now,
    )
    db.add(row)
    db.flush()  # the caller gets the key of a row that exists
    return row.id


def _made_by(db: Session, team_id: UUID, key: str | None) -> Submission | None:
    if key is None:
        return None
    query = select(Submission).where(Submission.team_id == team_id, Submission.idempotency_key == key)
    return db.exec(query).one_or_none()


def _next_number(db: Session, team_id: UUID, challenge: Challenge) -> int:
    query = select(func.max(col(Submission.number))).where(
        Submission.team_id == team_id,
        Submission.edition_id == challenge.edition,
        Submission.challenge_id == challenge.id,
    )
    return (db.exec(query).one() or 0) + 1


def _receipt(row: Submission, team: Team, *, repeated: bool) -> Receipt:
    if row.team_id != team.id:
        raise Conflict("This request belongs to another team.")
    return Receipt(
        submission_id=row.id,
        edition_id=row.edition_id,
        challenge_id=row.challenge_id,
        team_name=team.name,
        number=row.number,
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        digest=row.digest,
        message=row.message,
        state=row.state,
        received_at=row.received_at,
        repeated=repeated,
    )
