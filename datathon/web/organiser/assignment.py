"""Who grades whom: how many members it takes, a plan to look at, and the act that applies it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.jury.assign import COMPLETE_UP_TO, default_per_team
from datathon.jury.feasible import jurors_needed
from datathon.jury.members import MemberLine, members, troubles
from datathon.jury.plan import Proposal, Wish, apply_plan, drop_plan, propose
from datathon.jury.queries import Matrix, matrix, rubric_of
from datathon.jury.tables import JuryPlan
from datathon.kernel.errors import Invalid, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser import words
from datathon.web.organiser.views import blueprint

USUAL_READINGS = 3
USUAL_MINUTES = 15
USUAL_TIME = 120
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Calculator:
    """How many members it takes: what was typed, by field, and the sentence, "" when it cannot be computed."""

    typed: Mapping[str, str]
    sentence: str
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One member: the most sheets typed or said, and the teams of the plan in reading order (None: no plan)."""

    id: UUID
    name: str
    limit: str
    times: str
    teams: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """The page; ``proposal`` is what is looked at, ``standing`` the plan that counts now."""

    calculator: Calculator
    matrix: Matrix
    loads: tuple[LoadLine, ...]
    standing: JuryPlan | None
    standing_words: str
    proposal: Proposal | None
    words: tuple[str, ...]
    per_team: str
    seed: str
    advice: str
    troubles: tuple[str, ...]
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/assignment")
@guarded(organiser)
def assignment(edition: str) -> str | tuple[str, int]:
    """Show the calculator, the plan that stands, and the one asked about."""
    del edition
    page = _page(None)
    return render_template("organiser/assignment.html", page=page, edition=the_edition())


@blueprint.post("/<edition>/jury/assignment")
@guarded(organiser)
def share_out(edition: str) -> Answer | tuple[str, int]:
    """Apply the plan that was looked at, or let everybody grade everything again."""
    try:
        with write_db() as db:
            if request.form.get("do") == "drop":
                drop_plan(db, edition=the_edition(), organiser_id=the_person().id, now=now())
                message = _("Everybody grades every team again.")
            else:
                people = members(db, the_edition())
                apply_plan(db, edition=the_edition(), wish=_wish(people), organiser_id=the_person().id, now=now())
                message = _("The sheets are shared out; each member sees their own.")
    except Refusal as refusal:
        page = _page(refusal)
        return render_template("organiser/assignment.html", page=page, edition=the_edition()), status_of(refusal)
    flash(message, "done")
    return redirect(url_for("organiser.assignment", edition=edition), 303)


def _page(refusal: Refusal | None) -> AssignmentPage:
    edition = the_edition()
    rubric_of(edition)
    with read_db() as db:
        people, progress = members(db, edition), matrix(db, edition)
        standing = db.get(JuryPlan, edition.id)
        proposal = None
        if refusal is None and request.args.get("do") == "look":
            proposal, refusal = _look(db, people)
    advised = max(1, default_per_team(len(progress.teams), len(people), USUAL_READINGS))
    shown = {key: tuple(teams) for key, teams in _orders(proposal).items()}
    return AssignmentPage(
        calculator=_calculator(len(progress.teams)),
        matrix=progress,
        loads=tuple(
            LoadLine(
                one.id,
                one.name,
                request.values.get(f"load-{one.id}", "" if one.sheets is None else str(one.sheets)),
                one.times,
                shown.get(one.id, ()) if proposal else None,
            )
            for one in people
        ),
        standing=standing,
        standing_words=_standing(standing, progress),
        proposal=proposal,
        words=() if proposal is None else _words(proposal),
        per_team=request.values.get("per_team", str(advised)),
        seed=request.values.get("seed", "1"),
        advice=_advice(len(progress.teams), len(people)),
        troubles=tuple(words.trouble(one) for one in troubles(progress)),
        refusal=refusal,
    )


def _look(db: Session, people: tuple[MemberLine, ...]) -> tuple[Proposal | None, Refusal | None]:
    try:
        return propose(db, edition=the_edition(), wish=_wish(people)), None
    except Refusal as refusal:
        return None, refusal


def _wish(people: tuple[MemberLine, ...]) -> Wish:
    loads = {}
    for one in people:
        field = f"load-{one.id}"
        if request.values.get(field, "").strip():
            loads[one.id] = _number(field, least=0)
    return Wish(_number("per_team", least=1), _number("seed", least=0), loads)


def _number(field: str, *, least: int, usual: int | None = None) -> int:
    typed = request.values.get(field, "").strip()
    if not typed and usual is not None:
        return usual
    if not (typed.isascii() and typed.isdigit() and len(typed) < 7 and least <= int(typed) <= MOST):
        raise Invalid("A whole number from %(least)s expected.", field=field, least=least)
    return int(typed)


def _orders(proposal: Proposal | None) -> dict[UUID, tuple[str, ...]]:
    return {} if proposal is None else {proposal.jurors[j]: order for j, order in proposal.plan.order.items()}


def _calculator(teams: int) -> Calculator:
    usual = {"p": teams or 20, "n": USUAL_READINGS, "t": USUAL_MINUTES, "T": USUAL_TIME}
    typed = {name: request.args.get(name, str(value)) for name, value in usual.items()}
    try:
        p, n, t, whole = (_number(name, least=1, usual=value) for name, value in usual.items())
    except Invalid as refusal:
        return Calculator(typed, "", refusal)
    count = jurors_needed(prototypes=p, readings=n, minutes_each=t, minutes_per_juror=whole)
    sentence = _(
        "%(count)s members: %(sheets)s sheets of %(minutes)s minutes, %(time)s minutes each.",
        count=count,
        sheets=p * n,
        minutes=t,
        time=whole,
    )
    return Calculator(typed, sentence, None)


def _advice(teams: int, jurors: int) -> str:
    if not teams or not jurors:
        return _("There must be a member of the jury and a prototype before sheets can be shared out.")
    if teams * jurors <= COMPLETE_UP_TO:
        return _(
            "%(sheets)s sheets if everybody grades every team. Up to %(most)s that is the best plan: severity changes no order.",
            sheets=teams * jurors,
            most=COMPLETE_UP_TO,
        )
    return _(
        "%(sheets)s sheets if everybody grades every team: more than %(most)s. Share them out, three members per prototype or more.",
        sheets=teams * jurors,
        most=COMPLETE_UP_TO,
    )


def _standing(plan: JuryPlan | None, progress: Matrix) -> str:
    if plan is None:
        return _("No assignment is made: everybody grades every team, except those they have a conflict with.")
    return _(
        "Shared out on %(when)s: %(per_team)s members per prototype, %(sheets)s sheets, seed %(seed)s.",
        when=show.instant(plan.applied_at),
        per_team=plan.per_team,
        sheets=progress.owed,
        seed=plan.seed,
    )


def _words(proposal: Proposal) -> tuple[str, ...]:
    plan = proposal.plan
    loads = sorted(plan.loads.values())
    said = [
        _(
            "%(sheets)s sheets, from %(low)s to %(high)s per member. Every team can be compared with every other.",
            sheets=sum(loads),
            low=loads[0],
            high=loads[-1],
        ),
        _(
            "The difference of two teams has a variance of %(mean)s on average and %(worst)s at worst, in units of one mark’s; a complete jury would have %(best)s.",
            mean=show.decimal(plan.variance, 3),
            worst=show.decimal(plan.worst, 3),
            best=show.decimal(proposal.best, 3),
        ),
    ]
    if plan.complete:
        said.append(_("It is a complete jury: only conflicts are missing."))
    if proposal.kept:
        said.append(_("%(count)s sheets that were begun stay with their member.", count=proposal.kept))
    return tuple(said)
