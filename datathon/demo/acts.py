"""The story told act by act. Every function may be called again after an interruption."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.config import Settings
from datathon.demo.pictures import picture_of
from datathon.demo.story import Story, StorySheet, StorySubmission, StoryTeam
from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge, Edition, Moment, PhaseKind, is_open
from datathon.editions.tables import EditionRow
from datathon.editions.windows import instant
from datathon.jury.calibrate import calibrate
from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.grade import save_draft as save_sheet
from datathon.jury.grade import submit as submit_sheet
from datathon.jury.queries import declared_at, is_calibrated, sheet_row
from datathon.jury.rules import Content
from datathon.kernel.clock import utcnow
from datathon.people.accept import accept
from datathon.people.grant import grant
from datathon.people.passwords import hash_password
from datathon.people.tables import Person
from datathon.publication.appeal import answer_appeal, appeals, file_appeal
from datathon.publication.feedback import comments, decide
from datathon.publication.publish import publish
from datathon.publication.queries import publications
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.attach import Attachment, attach
from datathon.submissions.choose_final import choose_final
from datathon.submissions.dossier import save_draft, submit
from datathon.submissions.queries import dossier_of
from datathon.submissions.receive import receive, receive_baseline
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission
from datathon.submissions.withdraw import withdraw
from datathon.teams.create import create
from datathon.teams.join import join
from datathon.teams.queries import team_of
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the story takes place."""

    settings: Settings
    engine: Engine
    catalogue: Catalogue
    story: Story

    def edition(self, edition_id: str) -> Edition:
        """Return an edition of the story. Raises KeyError when its folder is missing or broken."""
        return self.catalogue.editions[edition_id]

    def challenge(self, edition_id: str, challenge_id: str) -> Challenge:
        """Return a challenge of the story. Raises KeyError when it is missing."""
        found = self.catalogue.challenge(edition_id, challenge_id)
        if found is None:
            raise KeyError(challenge_id)
        return found

    def at(self, db: Session, edition_id: str, day: int, at: str) -> datetime:
        """Return the instant of a local time of an edition that is open here."""
        row = db.get_one(EditionRow, edition_id)
        moment = Moment(day, time.fromisoformat(at))
        return instant(moment, starts=row.starts, zone=self.edition(edition_id).zone)

    def person(self, db: Session, key: str) -> UUID:
        """Return the account of a person of the story."""
        return db.exec(select(Person.id).where(Person.email == self.story.person(key).email)).one()


def enter(scene: Scene, passwords: dict[str, str]) -> None:
    """Bring in people, roles, acceptances, teams and members; the editions are registered already."""
    _people(scene, passwords)
    with transaction(scene.engine) as db:
        _roles(scene, db)
    for team in scene.story.teams:
        with transaction(scene.engine) as db:
            _team(scene, db, team)


def _people(scene: Scene, passwords: dict[str, str]) -> None:
    with reading(scene.engine) as db:
        known = set(db.exec(select(Person.email)).all())
        since = _first_days(scene, db)
    # Hashed outside any transaction: it takes a while by design. Who never signs in gets the hash of nothing known.
    new = [person for person in scene.story.people if person.email not in known]
    hashes = {p.email: hash_password(passwords[p.email]) for p in new if p.email in passwords}
    nobody = hash_password(token_urlsafe(32)) if new else ""
    for person in new:
        created = since.get(person.key, min(since.values()))
        with transaction(scene.engine) as db:
            db.add(
                Person(
                    email=person.email,
                    name=person.name,
                    password_hash=hashes.get(person.email, nobody),
                    language=person.language,
                    profile=person.profile,
                    organisation=person.organisation,
                    confirmed_at=created,
                    created_at=created,
                )
            )


def _first_days(scene: Scene, db: Session) -> dict[str, datetime]:
    """Return when each person first appears: an hour before their first team is made."""
    found: dict[str, datetime] = {}
    for team in scene.story.teams:
        when = scene.at(db, team.edition, team.day, team.at) - timedelta(hours=1)
        for key in team.members:
            found[key] = min(when, found.get(key, when))
    return found


def _roles(scene: Scene, db: Session) -> None:
    for role in scene.story.roles:
        person = scene.person(db, role.person)
        row = db.get_one(EditionRow, role.edition)
        grant(
            db,
            person_id=person,
            role=role.role,
            edition_id=role.edition,
            president=role.president,
            actor=None,
            now=min(row.registered_at, scene.at(db, role.edition, 0, "08:00")),
        )


def _team(scene: Scene, db: Session, team: StoryTeam) -> None:
    edition = scene.edition(team.edition)
    when = scene.at(db, team.edition, team.day, team.at)
    for minutes, key in enumerate(team.members):
        person = scene.person(db, key)
        now = when + timedelta(minutes=3 * minutes)
        if team_of(db, edition.id, person) is not None:
            continue
        rules = edition.document("rules")
        if rules is not None:
            accept(db, person_id=person, edition_id=edition.id, document=rules, now=now)
        windows = windows_of(db, edition, now=now)
        if minutes == 0:
            create(
                db,
                edition=edition,
                windows=windows,
                person_id=person,
                name=team.name,
                town=team.town,
                brackets=team.brackets,
                now=now,
            )
        else:
            link = db.exec(select(Team.invitation).where(Team.edition_id == edition.id, Team.slug == team.slug)).one()
            join(db, edition=edition, windows=windows, token=link, person_id=person, now=now)


def send_baselines(scene: Scene) -> None:
    """Receive the organiser's baselines of every challenge of the story."""
    files = _files(scene)
    for edition in (
        scene.edition(edition_id) for edition_id in sorted({one.edition for one in scene.story.submissions})
    ):
        for challenge in edition.challenges:
            for name in challenge.baselines:
                stored = files.put(BytesIO((challenge.folder / "baselines" / name).read_bytes()), limit_bytes=10**9)
                with transaction(scene.engine) as db:
                    now = scene.at(db, edition.id, 0, "08:30")
                    receive_baseline(
                        db,
                        edition=edition,
                        challenge=challenge,
                        name=Path(name).stem,
                        suffix=Path(name).suffix,
                        stored=stored,
                        now=now,
                    )


def _files(scene: Scene) -> FileStore:
    return FileStore(scene.settings.files_dir, scene.settings.min_free_bytes)


def send(scene: Scene, one: StorySubmission, path: Path, *, key: str) -> None:
    """Receive one prediction file of the story; the same ``key`` again changes nothing."""
    edition = scene.edition(one.edition)
    with path.open("rb") as file:
        stored = _files(scene).put(file, limit_bytes=10**9)
    with transaction(scene.engine) as db:
        now = scene.at(db, one.edition, one.day, one.at)
        receive(
            db,
            edition=edition,
            windows=windows_of(db, edition, now=now),
            challenge=scene.challenge(one.edition, one.challenge),
            team_id=_team_id(db, one.edition, one.team),
            person_id=scene.person(db, one.by),
            stored=stored,
            file_name=f"{one.challenge}_j{one.day:02d}.csv",
            message=one.message,
            idempotency_key=key,
            now=now,
        )


def choose(scene: Scene) -> None:
    """Choose final submissions, a quarter of an hour after the last of them was sent."""
    wanted: dict[tuple[str, str, str], list[StorySubmission]] = defaultdict(list)
    for one in scene.story.submissions:
        if one.final:
            wanted[one.edition, one.team, one.challenge].append(one)
    for (edition_id, team, challenge_id), chosen in wanted.items():
        edition = scene.edition(edition_id)
        with transaction(scene.engine) as db:
            team_id = _team_id(db, edition_id, team)
            rows = [_sent(scene, db, one) for one in chosen]
            now = max(row.received_at for row in rows) + timedelta(minutes=15)
            choose_final(
                db,
                edition=edition,
                windows=windows_of(db, edition, now=now),
                challenge=scene.challenge(edition_id, challenge_id),
                team_id=team_id,
                person_id=scene.person(db, chosen[-1].by),
                submission_ids=[row.id for row in rows if row.state == State.SCORED],
                now=now,
            )


def withdraw_files(scene: Scene) -> None:
    """Withdraw what the story withdraws, an hour after it was sent."""
    for one in scene.story.submissions:
        if not one.withdrawn:
            continue
        edition = scene.edition(one.edition)
        with transaction(scene.engine) as db:
            team_id = _team_id(db, one.edition, one.team)
            row = _sent(scene, db, one)
            if row.state != State.SCORED:
                continue
            now = row.received_at + timedelta(hours=1)
            withdraw(
                db,
                edition=edition,
                windows=windows_of(db, edition, now=now),
                submission_id=row.id,
                team_id=team_id,
                person_id=scene.person(db, one.by),
                now=now,
            )


def _sent(scene: Scene, db: Session, one: StorySubmission) -> Submission:
    query = select(Submission).where(
        Submission.team_id == _team_id(db, one.edition, one.team),
        Submission.challenge_id == one.challenge,
        Submission.received_at == scene.at(db, one.edition, one.day, one.at),
    )
    return db.exec(query).one()


def hand_in(scene: Scene) -> None:
    """Write the dossiers, and hand in those that the story hands in."""
    for one in scene.story.prototypes:
        edition, challenge = scene.edition(one.edition), scene.challenge(one.edition, one.challenge)
        with transaction(scene.engine) as db:
            team_id, person_id = _team_id(db, one.edition, one.team), scene.person(db, one.by)
            if dossier_of(db, team_id=team_id, challenge_id=challenge.id) is not None:
                continue
            now = scene.at(db, one.edition, one.day, one.at)
            windows = windows_of(db, edition, now=now)
            save_draft(
                db,
                edition=edition,
                windows=windows,
                challenge=challenge,
                team_id=team_id,
                person_id=person_id,
                title=one.title,
                fields=one.fields,
                version=0,
                now=now,
            )
            picture = picture_of(one.team)
            if picture is not None and any(field.id == "screenshot" for field in challenge.dossier):
                stored = _files(scene).put(BytesIO(picture), limit_bytes=10**6)
                attach(
                    db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id,
                    field="screenshot", file=Attachment(stored, f"{one.team}.png", picture[:16]), now=now,
                )  # fmt: skip
            if one.state == "submitted":
                submit(
                    db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id,
                    public=True, now=now,
                )  # fmt: skip


def grade_prototypes(scene: Scene) -> None:
    """Let each juror declare conflicts, then mark."""
    jurors = sorted({(sheet.edition, sheet.juror) for sheet in scene.story.sheets})
    for edition_id, juror in jurors:
        with transaction(scene.engine) as db:
            _declare(scene, db, edition_id, juror)
    for sheet in scene.story.sheets:
        with transaction(scene.engine) as db:
            _calibrate(scene, db, sheet)
            _grade(scene, db, sheet)


def _declare(scene: Scene, db: Session, edition_id: str, juror: str) -> None:
    person = scene.person(db, juror)
    if declared_at(db, edition_id=edition_id, juror_id=person) is not None:
        return
    conflicts = [c for c in scene.story.conflicts if (c.edition, c.juror) == (edition_id, juror)]
    sheets = [s for s in scene.story.sheets if (s.edition, s.juror) == (edition_id, juror)]
    first = min(scene.at(db, edition_id, s.day, s.at) for s in sheets) - timedelta(hours=1)
    said = [scene.at(db, edition_id, c.day, c.at) for c in conflicts]
    declare(
        db,
        edition=scene.edition(edition_id),
        juror_id=person,
        conflicts={_team_id(db, edition_id, c.team): c.reason for c in conflicts},
        secrecy=True,
        now=min([first, *said]),
    )


def _calibrate(scene: Scene, db: Session, sheet: StorySheet) -> None:
    """Grade the example where the edition names one, half way between the first sheet and the middle of the scale."""
    edition, juror = scene.edition(sheet.edition), scene.person(db, sheet.juror)
    if edition.rubric is None or is_calibrated(db, edition, juror_id=juror):
        return
    now = scene.at(db, sheet.edition, sheet.day, sheet.at)
    windows = windows_of(db, edition, now=now)
    if is_open(windows, PhaseKind.JURY):
        marks = {
            c.id: (sheet.marks.get(c.id, c.maximum / 2) + c.maximum / 2) / 2 // c.step * c.step
            for c in edition.rubric.criteria
        }
        calibrate(db, edition=edition, windows=windows, juror_id=juror, marks=marks, now=now)


def _grade(scene: Scene, db: Session, sheet: StorySheet) -> None:
    edition = scene.edition(sheet.edition)
    juror, team_id = scene.person(db, sheet.juror), _team_id(db, sheet.edition, sheet.team)
    if sheet_row(db, edition=edition, juror_id=juror, team_id=team_id) is not None:
        return
    now = scene.at(db, sheet.edition, sheet.day, sheet.at)
    act = submit_sheet if sheet.state == "submitted" else save_sheet
    act(
        db,
        edition=edition,
        windows=windows_of(db, edition, now=now),
        juror_id=juror,
        team_id=team_id,
        version=0,
        content=Content(sheet.marks, sheet.comment_team, sheet.comment_private),
        now=now,
    )


def announce(scene: Scene) -> None:
    """Close the jury and publish the ranking of every edition whose announcement has come, at its instant."""
    for edition_id in sorted({role.edition for role in scene.story.roles}):
        edition = scene.edition(edition_id)
        with transaction(scene.engine) as db:
            windows = {w.phase.kind: w for w in windows_of(db, edition, now=utcnow())}
            jury, announcement = windows.get(PhaseKind.JURY), windows.get(PhaseKind.ANNOUNCEMENT)
            if jury is None or jury.closes is None or announcement is None or announcement.opens > utcnow():
                continue
            organiser = next(r.person for r in scene.story.roles if (r.edition, r.role) == (edition_id, "organiser"))
            person = scene.person(db, organiser)
            closed = jury.closes + timedelta(minutes=20)
            close(db, edition=edition, organiser_id=person, now=closed)
            for comment in comments(db, edition):
                if not comment.version:
                    decide(
                        db,
                        edition=edition,
                        organiser_id=person,
                        sheet_id=comment.sheet_id,
                        version=0,
                        approve=True,
                        now=closed + timedelta(hours=1),
                    )
            if not publications(db, edition_id):
                publish(db, edition=edition, organiser_id=person, now=announcement.opens)
            _contest(scene, db, edition, person, announced=announcement.opens)


def _contest(scene: Scene, db: Session, edition: Edition, organiser: UUID, *, announced: datetime) -> None:
    """Let a team contest the ranking two days later, and an organiser answer the day after."""
    story = next((a for a in scene.story.appeals if a.edition == edition.id), None)
    if story is None or appeals(db, edition.id) or announced + timedelta(days=3) > utcnow():
        return
    base = scene.settings.base_url.rstrip("/")
    key = file_appeal(
        db,
        edition=edition,
        team_id=_team_id(db, edition.id, story.team),
        person_id=scene.person(db, story.by),
        text=story.text,
        base_url=base,
        now=announced + timedelta(days=2),
    )
    answer_appeal(
        db,
        edition=edition,
        appeal_id=key,
        person_id=organiser,
        state=story.state,
        answer=story.answer,
        base_url=base,
        now=announced + timedelta(days=3),
    )


def _team_id(db: Session, edition_id: str, slug: str) -> UUID:
    return db.exec(select(Team.id).where(Team.edition_id == edition_id, Team.slug == slug)).one()
