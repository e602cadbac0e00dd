"""A juror compares two prototypes at a time."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.jury.compare import answer, last_vote, pairs_left, take_pair, undo
from datathon.jury.comparing import open_for, seats, standing
from datathon.jury.comparison_tables import Comparison, ComparisonJuror
from datathon.jury.queries import GradedTeam, declared_at, rubric_of
from datathon.jury.secrecy import has_undertaken
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from datathon.submissions.queries import dossier
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, juror, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.jury.pages import DossierView, dossier_view
from datathon.web.jury.views import blueprint


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two prototypes: ``name`` is "left" or "right"."""

    name: str
    team: GradedTeam
    dossier: DossierView


@dataclass(frozen=True, slots=True)
class ComparePage:
    """What a juror sees of a session; ``sides`` is empty while no pair is in front of them."""

    edition: Edition
    session: Comparison
    turn: int
    sides: tuple[Side, ...]
    decided: int
    left: int
    begun: bool
    last: str
    refusal: Refusal | None


@blueprint.get("/<edition>/compare/sessions")
@guarded(juror)
def comparisons(edition: str) -> Answer | str:
    """Lead to the one open session of the juror, or list them."""
    with read_db() as db:
        found = open_for(db, edition, the_person().id)
    if len(found) == 1:
        return redirect(url_for("jury.compare", edition=edition, comparison=found[0].id), 303)
    return render_template("jury/comparisons.html", page={"edition": the_edition(), "sessions": found})


@blueprint.get("/<edition>/compare/<uuid:comparison>")
@guarded(juror)
def compare(edition: str, comparison: UUID) -> Answer | str:
    """Show the pair in front of the juror; before the declaration of conflicts, ask for it."""
    with read_db() as db:
        me = the_person().id
        if declared_at(db, edition_id=edition, juror_id=me) is None or not has_undertaken(
            db, the_edition(), juror_id=me
        ):
            return redirect(url_for("jury.declare_form", edition=edition), 303)
        page = _page(db, comparison, None)
    return render_template("jury/compare.html", page=page)


@blueprint.post("/<edition>/compare/<uuid:comparison>")
@guarded(juror)
def say_which(edition: str, comparison: UUID) -> Answer | tuple[str, int]:
    """Keep an answer, take one back, or ask for a pair; the page works without a script, and sent twice counts once."""
    try:
        with write_db() as db:
            _act(db, comparison)
    except (Conflict, Invalid) as refusal:
        with read_db() as db:
            page = _page(db, comparison, refusal)
        return render_template("jury/compare.html", page=page), status_of(refusal)
    return redirect(url_for("jury.compare", edition=edition, comparison=comparison), 303)


def _act(db: Session, comparison: UUID) -> None:
    choice, turn = request.form.get("choice", ""), request.form.get("turn", 0, type=int)
    facts = {"edition": the_edition(), "comparison_id": comparison, "juror_id": the_person().id, "now": now()}
    if choice == "pair":
        if not take_pair(db, **facts):  # type: ignore[arg-type]  # as written above
            flash(_("No pair is free at this moment."), "care")
    elif choice == "undo":
        undo(db, turn=turn, **facts)  # type: ignore[arg-type]  # as above
        flash(_("Your last answer is taken back; here is its pair again."), "done")
    else:
        answer(db, turn=turn, choice=choice, **facts)  # type: ignore[arg-type]  # as above


def _page(db: Session, comparison: UUID, refusal: Refusal | None) -> ComparePage:
    edition, me = the_edition(), the_person().id
    session = db.get(Comparison, comparison)
    if session is None or session.edition_id != edition.id:
        raise NotFound("There are no such comparisons in this edition.")
    seat = db.get(ComparisonJuror, (comparison, me))
    if seat is None:
        raise NotAllowed("You do not take part in these comparisons.")
    own = next(s for s in seats(db, comparison) if s.juror_id == me)
    known = standing(db, edition, comparison)
    sides: tuple[Side, ...] = ()
    if session.closed_at is None and seat.left_id in known and seat.right_id in known:
        sides = (
            _side(db, edition, "left", known[seat.left_id]),
            _side(db, edition, "right", known[seat.right_id]),
        )
    last = last_vote(db, comparison, me)
    names = (
        {} if last is None else {team: known[team].prototype for team in (last.left_id, last.right_id) if team in known}
    )
    return ComparePage(
        edition=edition,
        session=session,
        turn=seat.turn,
        sides=sides,
        decided=own.decided,
        left=pairs_left(db, edition, session, me),
        begun=own.last_at is not None,
        last="" if last is None or len(names) < 2 else _said(last.choice, names[last.left_id], names[last.right_id]),
        refusal=refusal,
    )


def _side(db: Session, edition: Edition, name: str, team: GradedTeam) -> Side:
    challenge = edition.challenge(rubric_of(edition).challenge)
    found = DossierView()
    if challenge is not None:
        found = dossier_view(challenge, dossier(db, team.prototype_id), show.language())
    return Side(name, team, found)


def _said(choice: str, left: str, right: str) -> str:
    """Return the last answer in words."""
    return {
        "left": _("Last answer: “%(one)s” rather than “%(other)s”.", one=left, other=right),
        "right": _("Last answer: “%(one)s” rather than “%(other)s”.", one=right, other=left),
        "equal": _("Last answer: “%(one)s” and “%(other)s” are equal.", one=left, other=right),
        "unseen": _("Last answer: “%(one)s” and “%(other)s” could not be seen.", one=left, other=right),
        "conflict_left": _("Last answer: a conflict of interest with “%(one)s”.", one=left),
        "conflict_right": _("Last answer: a conflict of interest with “%(one)s”.", one=right),
    }[choice]
