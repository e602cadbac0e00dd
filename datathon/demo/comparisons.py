"""The demonstration’s juries compare prototypes two by two; the one that goes on hears pitches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.demo.acts import Scene
from datathon.editions.calendar import windows_of
from datathon.editions.rules import Edition, PhaseKind
from datathon.jury.compare import answer, take_pair
from datathon.jury.comparing import comparisons
from datathon.jury.comparison_tables import ComparisonJuror
from datathon.jury.open_comparison import Asked, close_comparison, open_comparison
from datathon.jury.pitch import USUAL_MINUTES, draw_order, lead_room, room
from datathon.jury.queries import graded_teams
from datathon.jury.tables import Declaration
from datathon.kernel.clock import utcnow
from datathon.people.tables import Role
from datathon.store.db import transaction
from datathon.teams.tables import Team

PAIRS = 4
"""Pairs that each juror decides."""

TITLES = {"2025": "Finale, salle des expositions", "atelier": "Salon des prototypes"}


def compare_prototypes(scene: Scene) -> None:
    """Open a session in every edition whose jury grades, let the jurors answer by their own marks, close old ones."""
    for edition_id in sorted({sheet.edition for sheet in scene.story.sheets}):
        edition = scene.edition(edition_id)
        with transaction(scene.engine) as db:
            jury = next((w for w in windows_of(db, edition, now=utcnow()) if w.phase.kind is PhaseKind.JURY), None)
            if jury is None or jury.opens > utcnow() or comparisons(db, edition_id):
                continue
            organiser = next(r.person for r in scene.story.roles if (r.edition, r.role) == (edition_id, "organiser"))
            if jury.closes is None or jury.closes > utcnow():
                _draw(db, edition, scene.person(db, organiser), utcnow() - timedelta(minutes=30))
            begun = min(jury.opens + timedelta(hours=40), utcnow() - timedelta(minutes=40))
            _compare(db, scene, edition, begun, closes=jury.closes)


def _draw(db: Session, edition: Edition, organiser_id: UUID, now: datetime) -> None:
    """Draw the order of the pitches; the first team is about to begin."""
    if not graded_teams(db, edition) or room(db, edition, now=now) is not None:
        return
    draw_order(
        db,
        edition=edition,
        organiser_id=organiser_id,
        minutes=USUAL_MINUTES,
        seed=2025,
        version=0,
        reason="",
        now=now,
    )
    lead_room(db, edition=edition, organiser_id=organiser_id, version=1, move="skip", now=now)


def _compare(db: Session, scene: Scene, edition: Edition, begun: datetime, *, closes: datetime | None) -> None:
    """In a session that goes on, whoever presides has a pair in front of them, not answered yet."""
    teams = [team.team_id for team in graded_teams(db, edition)]
    on_jury = select(Role.person_id).where(Role.edition_id == edition.id, Role.role == "juror")
    jurors = list(db.exec(on_jury.order_by(col(Role.president), col(Role.person_id))))
    declared = set(db.exec(select(Declaration.juror_id).where(Declaration.edition_id == edition.id)))
    organiser = next(r.person for r in scene.story.roles if (r.edition, r.role) == (edition.id, "organiser"))
    person = scene.person(db, organiser)
    if len(teams) < 2 or not jurors:
        return
    asked = Asked(TITLES.get(edition.id, "Salon des prototypes"), teams, jurors, minutes=5)
    key = open_comparison(db, edition=edition, organiser_id=person, asked=asked, seed=2025, now=begun)
    marks, over = _marks(db, scene, edition), closes is not None and closes < utcnow()
    for place, juror in enumerate(jurors):
        at = begun + timedelta(minutes=6 * place)
        if juror in declared and (over or juror != jurors[-1]):
            _answer(db, edition, key, juror, marks, at)
        elif juror in declared:
            take_pair(db, edition=edition, comparison_id=key, juror_id=juror, now=at)
    if over:
        end = begun + timedelta(hours=2)
        close_comparison(db, edition=edition, comparison_id=key, organiser_id=person, version=1, now=end)


def _answer(
    db: Session, edition: Edition, key: UUID, juror: UUID, marks: Mapping[tuple[UUID, UUID], float], at: datetime
) -> None:
    for n in range(PAIRS):
        now = at + timedelta(minutes=n)
        if not take_pair(db, edition=edition, comparison_id=key, juror_id=juror, now=now):
            return
        seat = db.get(ComparisonJuror, (key, juror))
        if seat is None or seat.left_id is None or seat.right_id is None:
            return
        left, right = marks.get((juror, seat.left_id), 50.0), marks.get((juror, seat.right_id), 50.0)
        choice = "equal" if abs(left - right) < 1 else "left" if left > right else "right"
        answer(db, edition=edition, comparison_id=key, juror_id=juror, turn=seat.turn, choice=choice, now=now)


def _marks(db: Session, scene: Scene, edition: Edition) -> dict[tuple[UUID, UUID], float]:
    slugs = {slug: key for key, slug in db.exec(select(Team.id, Team.slug).where(Team.edition_id == edition.id))}
    return {
        (scene.person(db, s.juror), slugs[s.team]): sum(s.marks.values())
        for s in scene.story.sheets
        if s.edition == edition.id and s.team in slugs
    }
