"""Submissions and dossiers, read for a page or an act. Scores are read in the scoring room, which stands above."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.people.tables import Person
from datathon.submissions.tables import FinalChoice, Prototype, PrototypeFile, Submission
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One submission of a team, without its score. ``problems`` is what a refused file has wrong, as it was recorded."""

    id: UUID
    edition_id: str
    challenge_id: str
    team_id: UUID | None
    team_name: str
    person_name: str
    number: int
    file_name: str
    digest: str
    size_bytes: int
    message: str
    state: str
    attempt: int
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    code: str
    problems: tuple[Mapping[str, object], ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class DossierFile:
    """A file of a dossier."""

    id: UUID
    field: str
    file_name: str
    digest: str
    size_bytes: int
    media_type: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """A team's dossier as it stands. ``fields`` maps a field's id to its text; files are in ``files``."""

    id: UUID
    edition_id: str
    challenge_id: str
    team_id: UUID
    team_name: str
    title: str
    slug: str
    fields: Mapping[str, str]
    state: str
    version: int
    updated_at: datetime
    updated_by: str
    submitted_at: datetime | None
    public: bool
    files: tuple[DossierFile, ...]

    def file(self, field: str) -> DossierFile | None:
        """Return the file of a field, or None."""
        return next((f for f in self.files if f.field == field), None)


def submissions_of(db: Session, *, team_id: UUID, challenge_id: str) -> tuple[SubmissionView, ...]:
    """Return a team's submissions to a challenge, newest first."""
    query = (
        select(Submission, Team.name, Person.name, FinalChoice.id)
        .join(Team, col(Team.id) == col(Submission.team_id))
        .join(Person, col(Person.id) == col(Submission.person_id), isouter=True)
        .join(FinalChoice, col(FinalChoice.submission_id) == col(Submission.id), isouter=True)
        .where(Submission.team_id == team_id, Submission.challenge_id == challenge_id)
        .order_by(col(Submission.number).desc())
    )
    return tuple(_submission(s, team, person, choice is not None) for s, team, person, choice in db.exec(query))


def submission(db: Session, submission_id: UUID) -> SubmissionView | None:
    """Return one submission by its key, a baseline's too."""
    query = (
        select(Submission, Team.name, Person.name, FinalChoice.id)
        .join(Team, col(Team.id) == col(Submission.team_id), isouter=True)
        .join(Person, col(Person.id) == col(Submission.person_id), isouter=True)
        .join(FinalChoice, col(FinalChoice.submission_id) == col(Submission.id), isouter=True)
        .where(Submission.id == submission_id)
    )
    found = db.exec(query).one_or_none()
    return None if found is None else _submission(found[0], found[1], found[2], found[3] is not None)


def dossier_of(db: Session, *, team_id: UUID, challenge_id: str) -> Dossier | None:
    """Return a team's dossier for a challenge, or None when it has begun none."""
    query = select(Prototype).where(Prototype.team_id == team_id, Prototype.challenge_id == challenge_id)
    row = db.exec(query).one_or_none()
    return None if row is None else _dossier(db, row)


def dossier(db: Session, prototype_id: UUID) -> Dossier | None:
    """Return a dossier by its key."""
    row = db.get(Prototype, prototype_id)
    return None if row is None else _dossier(db, row)


def _submission(row: Submission, team: str | None, person: str | None, chosen: bool) -> SubmissionView:  # noqa: FBT001 - a column read, not a switch
    return SubmissionView(
        id=row.id,
        edition_id=row.edition_id,
        challenge_id=row.challenge_id,
        team_id=row.team_id,
        team_name=team or row.baseline,
        person_name=person or "",
        number=row.number,
        file_name=row.file_name,
        digest=row.digest,
        size_bytes=row.size_bytes,
        message=row.message,
        state=row.state,
        attempt=row.attempt,
        received_at=row.received_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        code=row.code,
        problems=tuple(row.problems),
        chosen=chosen,
    )


def _dossier(db: Session, row: Prototype) -> Dossier:
    team, writer = db.get(Team, row.team_id), db.get(Person, row.updated_by)
    files = db.exec(
        select(PrototypeFile).where(PrototypeFile.prototype_id == row.id).order_by(col(PrototypeFile.field))
    )
    return Dossier(
        id=row.id,
        edition_id=row.edition_id,
        challenge_id=row.challenge_id,
        team_id=row.team_id,
        team_name="" if team is None else team.name,
        title=row.title,
        slug=row.slug,
        fields={str(k): str(v) for k, v in row.fields.items()},
        state=row.state,
        version=row.version,
        updated_at=row.updated_at,
        updated_by="" if writer is None else writer.name,
        submitted_at=row.submitted_at,
        public=row.public,
        files=tuple(
            DossierFile(f.id, f.field, f.file_name, f.digest, f.size_bytes, f.media_type, f.added_at) for f in files
        ),
    )
