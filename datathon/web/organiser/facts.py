"""Read what the organisers' pages need of one edition, across the rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Edition, PhaseKind, PhaseState, Window, is_open, local_day
from datathon.jury.queries import Matrix, matrix
from datathon.jury.tables import ConflictOfInterest
from datathon.kernel.alphabet import alphabetical
from datathon.people.erase_account import is_erased
from datathon.people.tables import Acceptance, Letter, Person
from datathon.scoring.held import count_held
from datathon.scoring.notice import versions
from datathon.scoring.pulse import NEEDS_FULL
from datathon.scoring.queries import QueueState, queue_state
from datathon.scoring.tables import ScoringLog
from datathon.store.tables import AuditEntry
from datathon.submissions.ledger import Line
from datathon.submissions.ledger import lines as ledger_lines
from datathon.submissions.tables import FinalChoice, Prototype, Submission
from datathon.teams.tables import Membership, Team
from datathon.web.organiser.attention import Facts, JuryFacts, PhaseFacts, TeamFacts
from datathon.web.organiser.waiting import waiting_facts
from datathon.web.organiser.waits import Hour, waits


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One state of the queue: how many submissions, and since when the oldest of them."""

    state: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A submission that was refused or failed; ``log`` tells that some stage of its scoring wrote something."""

    id: UUID
    challenge_id: str
    team: str
    number: int
    file_name: str
    state: str
    code: str
    attempt: int
    at: datetime
    log: bool
    problems: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TeamLedger:
    """The lines of a team's quota, newest first."""

    team: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A present member of a team, with the address organisers write to; "" when the account was erased."""

    team: str
    name: str
    email: str
    captain: bool
    id: UUID


@dataclass(frozen=True, slots=True)
class ConflictNote:
    """A declared conflict of interest, as organisers read it."""

    juror: str
    team: str
    reason: str


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter of the outbox as organisers see it."""

    id: UUID
    to: str
    subject: str
    body: str
    state: str
    attempts: int
    error: str
    written_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of the journal, the actor by name ("" for the platform itself)."""

    at: datetime
    actor: str
    act: str
    subject: str
    details: Mapping[str, object]


def team_facts(db: Session, edition_id: str) -> tuple[TeamFacts, ...]:
    """Return every team of an edition with its last sign of life, those that withdrew last, the most silent first."""
    teams = db.exec(select(Team).where(Team.edition_id == edition_id)).all()
    members, accepted = _members(db, edition_id)
    counts, chosen = _submissions(db, edition_id), _choices(db, edition_id)
    dossiers = {p.team_id: p for p in db.exec(select(Prototype).where(Prototype.edition_id == edition_id))}
    found = []
    for team in teams:
        total, scored, last = counts.get(team.id, (0, 0, None))
        dossier = dossiers.get(team.id)
        signs = [(team.created_at, "created")]
        signs += [(last, "submission")] if last is not None else []
        signs += [(dossier.updated_at, "dossier")] if dossier is not None else []
        last_at, what = max(signs)
        found.append(
            TeamFacts(
                team.name,
                team.slug,
                team.status,
                members.get(team.id, 0),
                accepted.get(team.id, 0),
                total,
                scored,
                chosen.get(team.id, 0),
                "none" if dossier is None else dossier.state,
                last_at,
                what,
            )
        )
    return tuple(sorted(found, key=lambda t: (t.status == "withdrawn", t.last_at, t.name)))


def _members(db: Session, edition_id: str) -> tuple[dict[UUID, int], dict[UUID, int]]:
    now_in = select(Membership.team_id, Membership.person_id).where(
        Membership.edition_id == edition_id, col(Membership.left_at).is_(None)
    )
    agreed = set(
        db.exec(select(Acceptance.person_id).where(Acceptance.edition_id == edition_id, Acceptance.document == "rules"))
    )
    members: dict[UUID, int] = {}
    accepted: dict[UUID, int] = {}
    for team_id, person_id in db.exec(now_in):
        members[team_id] = members.get(team_id, 0) + 1
        accepted[team_id] = accepted.get(team_id, 0) + (person_id in agreed)
    return members, accepted


def _submissions(db: Session, edition_id: str) -> dict[UUID, tuple[int, int, datetime]]:
    rows = db.exec(
        select(Submission.team_id, Submission.state, Submission.received_at).where(
            Submission.edition_id == edition_id, col(Submission.team_id).is_not(None)
        )
    )
    found: dict[UUID, tuple[int, int, datetime]] = {}
    for team_id, state, received_at in rows:
        if team_id is None:
            continue
        total, scored, last = found.get(team_id, (0, 0, datetime.min.replace(tzinfo=UTC)))
        found[team_id] = (total + 1, scored + (state == "scored"), max(last, received_at))
    return found


def _choices(db: Session, edition_id: str) -> dict[UUID, int]:
    query = (
        select(FinalChoice.team_id, func.count())
        .join(Team, col(Team.id) == col(FinalChoice.team_id))
        .where(Team.edition_id == edition_id)
        .group_by(col(FinalChoice.team_id))
    )
    return dict(db.exec(query).all())


def queue_lines(db: Session, edition: Edition, *, now: datetime) -> tuple[QueueLine, ...]:
    """Return the queue's table: what waits and runs now, what ended on the local day of ``now``, what failed at all."""
    today, _ = local_day(now, edition.zone)
    waiting = {
        state: (count, oldest)
        for state, count, oldest in db.exec(
            select(Submission.state, func.count(), func.min(Submission.received_at))
            .where(Submission.edition_id == edition.id, col(Submission.state).in_(("received", "running")))
            .group_by(col(Submission.state))
        )
    }
    ended = dict(
        db.exec(
            select(Submission.state, func.count())
            .where(
                Submission.edition_id == edition.id,
                col(Submission.state).in_(("scored", "rejected")),
                col(Submission.finished_at) >= today,
            )
            .group_by(col(Submission.state))
        ).all()
    )
    failed = db.exec(
        select(func.count()).where(col(Submission.edition_id) == edition.id, col(Submission.state) == "failed")
    ).one()
    return (
        *(QueueLine(state, *waiting.get(state, (0, None))) for state in ("received", "running")),
        *(QueueLine(state, ended.get(state, 0), None) for state in ("scored", "rejected")),
        QueueLine("failed", failed, None),
    )


def ended_badly(db: Session, edition_id: str, *, state: str, limit: int = 50) -> tuple[Ended, ...]:
    """Return the edition's latest submissions in ``state`` (rejected or failed)."""
    rows = db.exec(
        select(Submission, Team.name)
        .join(Team, col(Team.id) == col(Submission.team_id), isouter=True)
        .where(Submission.edition_id == edition_id, Submission.state == state)
        .order_by(func.coalesce(Submission.finished_at, Submission.received_at).desc())
        .limit(limit)
    ).all()
    keys = [submission.id for submission, _ in rows]
    logged = set(db.exec(select(ScoringLog.submission_id).where(col(ScoringLog.submission_id).in_(keys))))
    return tuple(
        Ended(
            s.id,
            s.challenge_id,
            team or s.baseline,
            s.number,
            s.file_name,
            s.state,
            s.code,
            s.attempt,
            s.finished_at or s.received_at,
            s.id in logged,
            tuple(s.problems),
        )
        for s, team in rows
    )


def team_ledger(db: Session, edition_id: str, slug: str) -> TeamLedger | None:
    """Return the quota of the team with this short name, line by line; None when the edition has no such team."""
    team = db.exec(select(Team).where(Team.edition_id == edition_id, Team.slug == slug)).one_or_none()
    return None if team is None else TeamLedger(team.name, ledger_lines(db, team_id=team.id))


def member_lines(db: Session, edition_id: str) -> tuple[MemberLine, ...]:
    """Return the present members of an edition's teams, by team, whoever represents it first."""
    query = (
        select(Team, Person)
        .join(Membership, col(Membership.team_id) == col(Team.id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(Team.edition_id == edition_id, col(Membership.left_at).is_(None), Team.status != "withdrawn")
        .order_by(col(Membership.joined_at))
    )
    found = [
        MemberLine(t.name, p.name, "" if is_erased(p) else p.email, p.id == t.captain_id, p.id)
        for t, p in db.exec(query)
    ]
    return tuple(sorted(found, key=lambda m: (alphabetical(m.team), not m.captain)))


def conflict_notes(db: Session, edition_id: str) -> tuple[ConflictNote, ...]:
    """Return the declared conflicts of interest, by member of the jury."""
    query = (
        select(Person.name, Team.name, ConflictOfInterest.reason)
        .join(ConflictOfInterest, col(ConflictOfInterest.juror_id) == col(Person.id))
        .join(Team, col(Team.id) == col(ConflictOfInterest.team_id))
        .where(ConflictOfInterest.edition_id == edition_id, col(ConflictOfInterest.lifted_at).is_(None))
    )
    found = [ConflictNote(*row) for row in db.exec(query)]
    return tuple(sorted(found, key=lambda note: (alphabetical(note.juror), alphabetical(note.team))))


def letters(db: Session, edition_id: str, *, limit: int = 1000) -> tuple[LetterLine, ...]:
    """Return the edition's letters, those that failed first, then the newest first."""
    query = (
        select(Letter)
        .where(Letter.edition_id == edition_id)
        .order_by((col(Letter.state) != "failed"), col(Letter.written_at).desc())
        .limit(limit)
    )
    return tuple(
        LetterLine(m.id, m.to, m.subject, m.body, m.state, m.attempts, m.error, m.written_at, m.sent_at)
        for m in db.exec(query)
    )


def journal(db: Session, edition_id: str, *, limit: int = 200) -> tuple[JournalLine, ...]:
    """Return the edition's last acts, newest first."""
    query = (
        select(AuditEntry, Person.name)
        .join(Person, col(Person.id) == col(AuditEntry.actor_id), isouter=True)
        .where(AuditEntry.edition_id == edition_id)
        .order_by(col(AuditEntry.at).desc())
        .limit(limit)
    )
    # A line is about a team when its subject is the team's key: people read its name.
    named = {str(key): name for key, name in db.exec(select(Team.id, Team.name).where(Team.edition_id == edition_id))}
    return tuple(
        JournalLine(e.at, name or "", e.act, named.get(e.subject, e.subject), e.details) for e, name in db.exec(query)
    )


def jury_matrix(db: Session, edition: Edition) -> Matrix | None:
    """Return the progress of the jury, None where no jury grades."""
    return None if edition.rubric is None else matrix(db, edition)


@dataclass(frozen=True, slots=True)
class Day:
    """What the page of the day is made of."""

    facts: Facts
    queue: QueueState
    lines: tuple[QueueLine, ...]
    failures: tuple[Ended, ...]
    jury: Matrix | None
    journal: tuple[JournalLine, ...]
    published: bool
    waits: tuple[Hour, ...] = ()


def day(db: Session, edition: Edition, windows: Sequence[Window], catalogue: Catalogue, *, now: datetime) -> Day:
    """Return everything the page of the day shows, read once."""
    queue = queue_state(db, now=now, edition=edition.id)
    held = (NEEDS_FULL,) if count_held(db, catalogue, edition.id, now=now) else ()
    lines = queue_lines(db, edition, now=now)
    jury = jury_matrix(db, edition)
    waiting = waiting_facts(db, edition, now=now)
    published = waiting.published
    letters_failed = db.exec(
        select(func.count()).where(col(Letter.edition_id) == edition.id, col(Letter.state) == "failed")
    ).one()
    scoring = [
        (challenge, found)
        for challenge in edition.challenges
        if challenge.takes_predictions and (found := versions(db, edition.id, challenge.id)) is not None
    ]
    facts = Facts(
        troubles=(*queue.troubles, *held) if queue.received or queue.running or _runs(windows) else (),
        oldest_wait_s=None if queue.oldest is None else (now - queue.oldest).total_seconds(),
        waiting=queue.received + queue.running,
        failed=next(line.count for line in lines if line.state == "failed"),
        letters_failed=letters_failed,
        teams=team_facts(db, edition.id),
        open_phases=tuple(
            PhaseFacts(w.phase.kind.value, w.phase.title, w.closes)
            for w in windows
            if w.state is PhaseState.OPEN and w.closes is not None
        ),
        jury=None if jury is None else _jury_facts(jury, windows, published=published),
        broken=tuple(folder.id for folder in catalogue.broken),
        broken_lines=_broken_lines(catalogue, edition.id),
        unscorable=tuple((c.title, v.trouble) for c, v in scoring if v.trouble),
        # Once a ranking is published its scores stay as they were announced.
        to_rescore=tuple(
            (c.title, v.changed, v.behind)
            for c, v in scoring
            if v.mixed and not published and c.id not in waiting.campaigns
        ),
        rescored=tuple(c.title for c in edition.challenges if waiting.campaigns.get(c.id) == "ready"),
        waiting_for=waiting,
        takes_predictions=any(c.takes_predictions for c in edition.challenges),
        takes_prototypes=any(c.takes_prototypes for c in edition.challenges),
    )
    failed = ended_badly(db, edition.id, state="failed", limit=3)
    return Day(
        facts, queue, lines, failed, jury, journal(db, edition.id, limit=5), published, waits(db, edition.id, now=now)
    )


def _broken_lines(catalogue: Catalogue, edition_id: str) -> tuple[str, ...]:
    """Return the first mistakes of the edition's own folder as "file:line: message", the file from the catalogue's root."""
    return tuple(
        f"{problem.path.relative_to(catalogue.root)}:{problem.line}: {problem.message}"
        for folder in catalogue.broken
        if folder.id == edition_id
        for problem in folder.problems[:3]
        if problem.path.is_relative_to(catalogue.root)
    )


def _runs(windows: Sequence[Window]) -> bool:
    return any(w.state is PhaseState.OPEN and w.phase.kind is not PhaseKind.ANNOUNCEMENT for w in windows)


def _jury_facts(jury: Matrix, windows: Sequence[Window], *, published: bool) -> JuryFacts:
    phases = [w for w in windows if w.phase.kind is PhaseKind.JURY]
    return JuryFacts(
        submitted=jury.submitted,
        owed=jury.owed,
        undeclared=tuple(row.name for row in jury.jurors if not row.declared),
        open=is_open(tuple(windows), PhaseKind.JURY),
        closed=jury.closed_at is not None,
        published=published,
        over=bool(phases) and all(w.state is PhaseState.CLOSED for w in phases),
    )
