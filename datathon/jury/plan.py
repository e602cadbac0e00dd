"""Decide who grades whom: propose a plan, apply it, or go back to everybody grading every team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.assign import Plan, assign, design_variance
from datathon.jury.feasible import Need
from datathon.jury.notice_conflicts import notice_conflicts, unnoticed
from datathon.jury.queries import graded_teams, rubric_of
from datathon.jury.tables import Assignment, ConflictOfInterest, JuryClosing, JuryPlan, Sheet
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person, Role
from datathon.store import audit
from datathon.store.db import locked


@dataclass(frozen=True, slots=True)
class Wish:
    """What an organiser asks for: jurors per team, a seed, and the most sheets of a juror (absent: no limit)."""

    per_team: int
    seed: int = 1
    loads: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan for these jurors and teams, by unique labels; ``best`` is the variance of a complete jury.

    ``kept`` counts the sheets that were begun and stay with their juror.
    """

    wish: Wish
    plan: Plan
    best: float
    kept: int
    jurors: Mapping[str, UUID]
    teams: Mapping[str, UUID]


def propose(db: Session, *, edition: Edition, wish: Wish) -> Proposal:
    """Return the plan that ``wish`` leads to; the same people, teams, sheets and wish lead to the same plan.

    Conflicts are respected, found ones too; sheets that were begun stay with their juror. Raises Invalid in words:
    nobody to grade or nothing to grade, not enough sheets for some teams, panels that could not be compared.
    """
    jurors, teams = _jurors(db, edition.id), _labels([(t.team_id, t.name) for t in graded_teams(db, edition)])
    if not jurors or not teams:
        raise Invalid("There must be a member of the jury and a prototype before sheets can be shared out.")
    if not 1 <= wish.per_team <= len(jurors):
        raise Invalid("From 1 to %(most)s members per prototype.", field="per_team", most=len(jurors))
    need = _need(db, edition, wish, jurors, teams)
    found = assign(need, seed=wish.seed)
    best, _ = design_variance([(j, t) for j in jurors for t in teams])
    return Proposal(wish, found, best, len(need.kept), jurors, teams)


def apply_plan(db: Session, *, edition: Edition, wish: Wish, organiser_id: UUID, now: datetime) -> Proposal:
    """Make the plan of ``wish`` the one that counts and return it; jurors see their own teams only from then on.

    Raises what ``propose`` raises; Conflict once the jury is closed.
    """
    _hold(db, edition)
    notice_conflicts(db, edition_id=edition.id, now=now)
    found = propose(db, edition=edition, wish=wish)
    _clear(db, edition.id)
    db.add(
        JuryPlan(
            edition_id=edition.id,
            per_team=wish.per_team,
            seed=wish.seed,
            variance=found.plan.variance,
            worst=found.plan.worst,
            best=found.best,
            applied_at=now,
            applied_by=organiser_id,
        )
    )
    for juror, order in found.plan.order.items():
        for place, team in enumerate(order, start=1):
            row = Assignment(
                edition_id=edition.id, juror_id=found.jurors[juror], team_id=found.teams[team], place=place
            )
            db.add(row)
    audit.record(
        db,
        "apply_jury_plan",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        per_team=wish.per_team,
        seed=wish.seed,
        sheets=len(found.plan.pairs),
        kept=found.kept,
    )
    db.flush()
    return found


def drop_plan(db: Session, *, edition: Edition, organiser_id: UUID, now: datetime) -> None:
    """Let everybody grade every team again; nothing happens without a plan. Conflict once the jury is closed."""
    _hold(db, edition)
    if db.get(JuryPlan, edition.id) is None:
        return
    _clear(db, edition.id)
    audit.record(db, "drop_jury_plan", edition.id, now=now, actor=organiser_id, edition=edition.id)
    db.flush()


def _hold(db: Session, edition: Edition) -> None:
    rubric_of(edition)
    # Alone: no sheet may begin between the reading of those that stand and the new plan.
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    if db.get(JuryClosing, edition.id) is not None:
        raise Conflict("The jury is closed; sheets can no longer change.")


def _clear(db: Session, edition_id: str) -> None:
    db.exec(delete(Assignment).where(col(Assignment.edition_id) == edition_id))
    db.exec(delete(JuryPlan).where(col(JuryPlan.edition_id) == edition_id))
    db.expire_all()


def _jurors(db: Session, edition_id: str) -> dict[str, UUID]:
    query = (
        select(Person.id, Person.name)
        .join(Role, col(Role.person_id) == col(Person.id))
        .where(Role.edition_id == edition_id, Role.role == "juror")
        .order_by(func.lower(col(Person.name)), col(Person.id))
    )
    return _labels(db.exec(query).all())


def _labels(named: Sequence[tuple[UUID, str]]) -> dict[str, UUID]:
    """Return keys by name, a number behind a name that stands twice."""
    found: dict[str, UUID] = {}
    for key, name in named:
        label, number = name, 1
        while label in found:
            number += 1
            label = f"{name} ({number})"
        found[label] = key
    return found


def _need(db: Session, edition: Edition, wish: Wish, jurors: Mapping[str, UUID], teams: Mapping[str, UUID]) -> Need:
    query = select(ConflictOfInterest.juror_id, ConflictOfInterest.team_id).where(
        ConflictOfInterest.edition_id == edition.id, col(ConflictOfInterest.lifted_at).is_(None)
    )
    barred = {(juror, team) for juror, team in db.exec(query)}
    barred |= {(one.juror_id, one.team_id) for one in unnoticed(db, edition.id)}
    begun = set(
        db.exec(
            select(Sheet.juror_id, Sheet.team_id).where(
                Sheet.edition_id == edition.id, Sheet.challenge_id == rubric_of(edition).challenge
            )
        ).all()
    )
    pairs = [(j, t) for j in jurors for t in teams]
    return Need(
        teams=tuple(teams),
        jurors=tuple(jurors),
        per_team=wish.per_team,
        caps={label: wish.loads[key] for label, key in jurors.items() if key in wish.loads},
        conflicts=frozenset((j, t) for j, t in pairs if (jurors[j], teams[t]) in barred),
        kept=frozenset((j, t) for j, t in pairs if (jurors[j], teams[t]) in begun - barred),
    )
