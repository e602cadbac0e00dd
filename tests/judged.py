"""An edition with a jury and a metric, as objects and as rows: the worked edition of the ranking specification."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from factories import grant, make_edition, make_person, make_prototype, make_score, make_submission, make_team
from sqlmodel import Session

from datathon.editions.calendar import windows_of
from datathon.editions.rules import (
    Challenge,
    Component,
    Criterion,
    DossierField,
    Edition,
    Metric,
    Moment,
    Phase,
    PhaseKind,
    RankingPlan,
    Rubric,
    SubmissionFormat,
    TeamRules,
    Window,
)
from datathon.jury.declare import declare
from datathon.jury.grade import Saved, submit
from datathon.jury.rules import Content
from datathon.people.tables import Person
from datathon.teams.tables import Team

CRITERIA = {"needs": 20.0, "quality": 30.0, "transfer": 20.0, "sobriety": 10.0, "security": 10.0, "clarity": 10.0}
JURY_TIME = datetime(2025, 12, 3, 11, 0, tzinfo=UTC)
AFTERWARDS = datetime(2025, 12, 9, 17, 0, tzinfo=UTC)
RMSE = {"A": 6.8, "B": 7.4, "C": 6.0, "D": 5.2, "E": 9.6, "F": 13.0}
GRADES = {
    "A": (16, 24, 15, 8, 7, 6),
    "B": (14, 26, 12, 7, 8, 8),
    "C": (17, 20, 16, 9, 8, 7),
    "D": (12, 18, 11, 6, 7, 6),
    "E": (10, 13, 9, 5, 6, 5),
    "F": (9, 12, 10, 5, 6, 6),
}


def marks(*points: float) -> dict[str, float]:
    """Marks in the rubric's order."""
    return dict(zip(CRITERIA, map(float, points), strict=True))


def _phase(kind: PhaseKind, opens: int, closes: int | None) -> Phase:
    end = None if closes is None else Moment(closes, time(18, 0))
    return Phase(kind.value, kind, {"fr": kind.value}, Moment(opens, time(9, 0)), end)


def judged_edition(edition_id: str = "2025", folder: Path = Path("nowhere")) -> Edition:
    """Predictions until 5 December (RMSE, lower is better), dossiers until 1 December, jury until 8 December."""
    rubric = Rubric("competences", tuple(Criterion(n, {"fr": n}, {"fr": ""}, m) for n, m in CRITERIA.items()), 50)
    plan = RankingPlan(
        "fixed",
        4,
        (
            Component("metric", "metric", 40, "metiers-secteurs", "lower", 12, 4),
            Component("jury", "jury", 60, "competences"),
        ),
        ("jury", "criterion:quality"),
    )
    prediction = Challenge(
        "metiers-secteurs",
        edition_id,
        folder,
        {"fr": "Métiers"},
        {"fr": ""},
        {"fr": ""},
        submission=SubmissionFormat("id", ()),
        metrics=(Metric("rmse"),),
    )
    prototype = Challenge(
        "competences",
        edition_id,
        folder,
        {"fr": "Compétences"},
        {"fr": ""},
        {"fr": ""},
        dossier=(DossierField("summary", "text", {"fr": "Résumé"}, {"fr": ""}),),
    )
    return Edition(
        id=edition_id,
        folder=folder,
        title={"fr": "Datathon"},
        theme={"fr": "Emploi"},
        pitch={"fr": ""},
        zone=ZoneInfo("Europe/Paris"),
        starts=date(2025, 11, 5),
        days=35,
        fictitious=True,
        organiser={},
        teams=TeamRules(),
        phases=(
            _phase(PhaseKind.REGISTRATION, -20, 20),
            _phase(PhaseKind.SUBMISSIONS, 0, 30),
            _phase(PhaseKind.PROTOTYPES, 0, 26),
            _phase(PhaseKind.JURY, 26, 33),
            _phase(PhaseKind.ANNOUNCEMENT, 34, None),
        ),
        milestones=(),
        documents=(),
        rubric=rubric,
        ranking=plan,
        challenges=(prototype, prediction),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The worked edition with rows for its people and teams."""

    edition: Edition
    organiser: Person
    jurors: tuple[Person, ...]
    teams: dict[str, Team]

    def windows(self, db: Session, at: datetime = JURY_TIME) -> tuple[Window, ...]:
        """Phases as they stand at ``at``."""
        return windows_of(db, self.edition, now=at)


def make_judged(db: Session, *, teams: str = "AB", jurors: int = 1) -> Judged:
    """Register the edition with teams that handed in a dossier and jurors who declared nothing yet."""
    make_edition(db)
    organiser = make_person(db, "Paul Anquetil")
    grant(db, organiser, "organiser")
    people = tuple(make_person(db, f"Membre {n}") for n in range(1, jurors + 1))
    for person in people:
        grant(db, person, "juror")
    rows = {name: make_team(db, name) for name in teams}
    for name, team in rows.items():
        make_prototype(db, team, title=f"Prototype {name}")
    return Judged(judged_edition(), organiser, people, rows)


def submit_sheet(db: Session, judged: Judged, juror: Person, team: Team, *points: float, version: int = 0) -> Saved:
    """Submit one complete sheet during the jury."""
    return submit(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=juror.id,
        team_id=team.id,
        version=version,
        content=Content(marks(*points)),
        now=JURY_TIME,
    )


def make_worked_edition(db: Session) -> Judged:
    """Score and grade the six teams A to F as in the specification; the jury is not closed yet."""
    judged = make_judged(db, teams="ABCDEF")
    juror = judged.jurors[0]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    for name, team in judged.teams.items():
        submission = make_submission(db, team, state="scored")
        make_score(db, submission, public=1.0, private=RMSE[name], metric="rmse")
        submit_sheet(db, judged, juror, team, *GRADES[name])
    return judged
