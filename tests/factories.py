"""Builders of rows: plain functions, every default visible, nothing random but the keys."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlmodel import Session

from datathon.editions.tables import EditionRow
from datathon.kernel.ids import new_token, slug
from datathon.people.tables import Acceptance, Person, Role
from datathon.scoring.tables import Score
from datathon.submissions.ledger import reserve, settle
from datathon.submissions.rules import State
from datathon.submissions.tables import Prototype, Submission
from datathon.teams.tables import Membership, Team

PASSWORD = "un mot de passe de test"
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2025, 11, 20, 11, 0, tzinfo=UTC)
_numbers = count(1)


@cache
def _hash(password: str) -> str:
    # The cheapest cost that is valid: tests sign in often.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def make_edition(
    db: Session, edition_id: str = "2025", *, starts: date = date(2025, 11, 5), now: datetime = NOW
) -> EditionRow:
    """Register an edition of the catalogue, starting on 5 November 2025 unless said otherwise."""
    row = EditionRow(id=edition_id, starts=starts, registered_at=now)
    db.add(row)
    db.flush()
    return row


def make_person(
    db: Session,
    name: str = "Camille Test",
    *,
    email: str | None = None,
    confirmed: bool = True,
    password: str = PASSWORD,
) -> Person:
    """Add an account; its e-mail is made from the name and a number unless given."""
    person = Person(
        email=email or f"{slug(name)}-{next(_numbers)}@example.org",
        name=name,
        password_hash=_hash(password),
        confirmed_at=NOW if confirmed else None,
        created_at=NOW,
    )
    db.add(person)
    db.flush()
    return person


def grant(db: Session, person: Person, role: str, *, edition: str = "2025", president: bool = False) -> Role:
    """Give a role over an edition: organiser, juror or observer."""
    row = Role(person_id=person.id, edition_id=edition, role=role, president=president, granted_at=NOW)
    db.add(row)
    db.flush()
    return row


def accept_rules(
    db: Session, person: Person, *, edition: str = "2025", version: str = "1", digest: str = "0" * 64
) -> Acceptance:
    """Record that a person accepted the rules."""
    row = Acceptance(
        person_id=person.id, edition_id=edition, document="rules", version=version, digest=digest, accepted_at=NOW
    )
    db.add(row)
    db.flush()
    return row


def make_team(
    db: Session,
    name: str = "Marée haute",
    *,
    captain: Person | None = None,
    members: tuple[Person, ...] = (),
    edition: str = "2025",
    status: str = "active",
) -> Team:
    """Add a team with its captain (a new person unless given) and members."""
    head = captain or make_person(db, f"Référente {name}")
    team = Team(
        edition_id=edition,
        name=name,
        slug=slug(name),
        town="Caen",
        status=status,
        captain_id=head.id,
        invitation=new_token(),
        created_at=NOW,
    )
    db.add(team)
    db.flush()
    for person in (head, *members):
        db.add(Membership(edition_id=edition, team_id=team.id, person_id=person.id, joined_at=NOW))
    db.flush()
    return team


def make_submission(
    db: Session,
    team: Team | None,
    *,
    challenge: str = "metiers-secteurs",
    edition: str = "2025",
    number: int = 1,
    state: str = "received",
    received_at: datetime = NOW,
    baseline: str = "",
    digest: str = "a" * 64,
) -> Submission:
    """Add a submission row as it stands in ``state``, with its lines of the quota; ``team`` None makes a baseline."""
    row = Submission(
        edition_id=edition,
        challenge_id=challenge,
        team_id=None if team is None else team.id,
        person_id=None if team is None else team.captain_id,
        baseline=baseline,
        number=number,
        file_name=f"predictions_v{number}.csv",
        digest=digest,
        size_bytes=1234,
        state=state,
        received_at=received_at,
        finished_at=received_at + timedelta(seconds=3) if state in {"scored", "rejected", "failed"} else None,
    )
    db.add(row)
    db.flush()
    if team is not None:
        reserve(db, row, day=received_at.astimezone(PARIS).date(), now=received_at)
        settle(db, row.id, State(state), now=received_at)
    return row


def make_score(
    db: Session, submission: Submission, *, public: float, private: float, metric: str = "lrap", now: datetime = NOW
) -> Score:
    """Add the score record that counts for a scored submission."""
    row = Score(
        submission_id=submission.id,
        attempt=submission.attempt,
        public={metric: public},
        private={metric: private},
        all_rows={metric: (public + private) / 2},
        scorer=metric,
        scorer_version="1",
        scorer_digest="sha256:" + "1" * 64,
        reference_digest="sha256:" + "2" * 64,
        submission_digest="sha256:" + submission.digest,
        environment_digest="sha256:" + "3" * 64,
        sandbox="full",
        timings_ms={"parse": 10.0, "score": 2.0, "total": 13.0},
        cpu_s=0.02,
        max_rss_bytes=40_000_000,
        scored_at=now,
    )
    db.add(row)
    submission.score_id = row.id
    db.add(submission)
    db.flush()
    return row


def make_prototype(
    db: Session,
    team: Team,
    *,
    challenge: str = "competences",
    title: str = "Greffe",
    state: str = "submitted",
    fields: dict[str, str] | None = None,
    public: bool = False,
) -> Prototype:
    """Add a team's dossier."""
    row = Prototype(
        edition_id=team.edition_id,
        challenge_id=challenge,
        team_id=team.id,
        title=title,
        slug=slug(title),
        fields=fields or {"summary": "Trois phrases."},
        state=state,
        updated_at=NOW,
        updated_by=team.captain_id,
        submitted_at=NOW if state == "submitted" else None,
        public=public,
    )
    db.add(row)
    db.flush()
    return row
