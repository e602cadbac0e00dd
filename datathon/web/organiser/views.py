"""The organisers' addresses: the day, phases, queue, jury, ranking, teams, letters, journal."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as Answer

from datathon.editions.calendar import windows_of
from datathon.editions.move_phase import move_phase as decide
from datathon.editions.rules import Edition, PhaseState
from datathon.jury.close import close
from datathon.jury.drifting import drifting
from datathon.jury.freeze import drift, freeze
from datathon.jury.members import troubles
from datathon.jury.queries import Matrix, matrix, rubric_of
from datathon.jury.second_look import coverage
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.people.tables import Person
from datathon.publication.preview import preview
from datathon.publication.publish import publish
from datathon.publication.queries import latest
from datathon.scoring.held import count_held
from datathon.scoring.pulse import NEEDS_FULL
from datathon.scoring.queries import last_doctor, queue_state, scorer_level
from datathon.scoring.queue import ring
from datathon.scoring.retry import retry
from datathon.scoring.traces import organisers_traces
from datathon.teams.tables import Team
from datathon.web import show
from datathon.web.guards import (
    NOWHERE,
    guarded,
    organiser,
    organiser_somewhere,
    scope,
    the_edition,
    the_person,
    the_submission,
)
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser import facts, words
from datathon.web.organiser.final_page import FinalPage, final_page
from datathon.web.organiser.lists import behind, fits_grid, says
from datathon.web.organiser.pages import (
    ended_rows,
    journal_rows,
    ledger_page,
    letter_rows,
    phase_rows,
    queue_rows,
    said,
    team_rows,
    today_page,
    work_awaited,
    workers_sentence,
)
from datathon.web.organiser.sandbox_page import sandbox_page
from datathon.web.organiser.waits import wait_chart, waits
from datathon.web.paging import leaf

blueprint = Blueprint("organiser", __name__, url_prefix="/organise")

MEMBERS = 20
TEAMS = 15
PEOPLE = 15
LINES = 40
JOURNAL = 1000
"""The last acts that the journal's page reads; the audit log itself keeps all."""


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition in the list of an organiser."""

    edition: Edition
    standing: str
    teams: int


@blueprint.get("/")
@guarded(organiser_somewhere)
def home() -> str:
    """List the editions the person organises."""
    known = (house().catalogue.edition(edition) for edition in scope().anywhere("organiser"))
    with read_db() as db:
        lines = tuple(_line(db, edition) for edition in known if edition is not None)
    return render_template("organiser/home.html", page={"lines": lines})


def _line(db: Session, edition: Edition) -> EditionLine:
    teams = db.exec(select(func.count()).where(col(Team.edition_id) == edition.id, Team.status != "withdrawn")).one()
    opened = [w for w in windows_of(db, edition, now=now()) if w.state is PhaseState.OPEN]
    phases = ", ".join(show.text(window.phase.title) for window in opened)
    published = latest(db, edition.id)
    if published is not None:
        return EditionLine(edition, _("Ranking published on %(day)s", day=show.day(published.published_at)), teams)
    return EditionLine(edition, _("Open: %(phases)s", phases=phases) if phases else _("No phase is open"), teams)


@blueprint.get("/<edition>")
@guarded(organiser)
def today(edition: str) -> str:
    """Show the page of the day."""
    del edition
    with read_db() as db:
        found = facts.day(db, the_edition(), scope().windows, house().catalogue, now=now())
    page = today_page(the_edition(), found, scope().windows, starts=_first_day(), now=now())
    return render_template("organiser/today.html", page=page)


def _first_day() -> date:
    starts = scope().starts
    if starts is None:
        raise NotFound(NOWHERE)
    return starts


@blueprint.get("/<edition>/phases")
@guarded(organiser)
def phases(edition: str) -> str:
    """Show the phases with what can be decided about each."""
    del edition
    return render_template(
        "organiser/phases.html", page={"edition": the_edition(), "lines": phase_rows(scope().windows)}
    )


@blueprint.post("/<edition>/phases/<phase>")
@guarded(organiser)
def move_phase(edition: str, phase: str) -> Answer:
    """Open or close a phase by hand, or give it back to its calendar."""
    with write_db() as db:
        decide(
            db,
            edition=the_edition(),
            phase=phase,
            state=request.form.get("state", ""),
            person_id=the_person().id,
            now=now(),
        )
    flash(_("Decision recorded."), "done")
    return redirect(url_for("organiser.phases", edition=edition), 303)


@blueprint.get("/<edition>/queue")
@guarded(organiser)
def queue(edition: str) -> str:
    """Show the queue, what failed and what was refused."""
    with read_db() as db:
        state = queue_state(db, now=now(), edition=edition)
        held = count_held(db, house().catalogue, edition, now=now())
        lines = facts.queue_lines(db, the_edition(), now=now())
        failed = facts.ended_badly(db, edition, state="failed")
        sandbox = sandbox_page(last_doctor(db), answers=bool(scorer_level(db, now=now())))
        refused = facts.ended_badly(db, edition, state="rejected", limit=20)
        waited = waits(db, edition, now=now())
    waiting = state.received + state.running
    page = {
        "edition": the_edition(),
        "now": now(),
        "queue": queue_rows(lines, now()),
        "sandbox": sandbox,
        "workers": workers_sentence(state),
        "waits": wait_chart(waited),
        "troubles": [said(trouble, {}) for trouble in (*state.troubles, *([NEEDS_FULL] if held else []))],
        "failures": ended_rows(failed, the_edition()),
        "refusals": ended_rows(refused, the_edition()),
        "standfirst": ngettext("One submission is in the queue.", "%(num)s submissions are in the queue.", waiting)
        if waiting
        else _("Nothing is waiting."),
    }
    return render_template("organiser/queue.html", page=page)


@blueprint.post("/<edition>/queue/<uuid:submission>/retry")
@guarded(organiser)
def retry_submission(edition: str, submission: UUID) -> Answer:
    """Have a failed submission scored again."""
    with write_db() as db:
        attempt = retry(db, submission_id=submission, edition=the_edition(), organiser_id=the_person().id, now=now())
    ring(house().settings, house().engine, house().catalogue)
    flash(_("Back in the queue: attempt %(attempt)s.", attempt=attempt), "done")
    return redirect(url_for("organiser.queue", edition=edition), 303)


@blueprint.get("/<edition>/queue/<uuid:submission>")
@guarded(organiser)
def scoring_log(edition: str, submission: UUID) -> str:
    """Show what the stages before the labels said of one submission; of the others the code."""
    del edition
    with read_db() as db:
        entries = organisers_traces(db, submission)
        row = the_submission()
        team = None if row.team_id is None else db.get(Team, row.team_id)
    shown = [
        {
            "attempt": e.attempt,
            "at": e.at,
            "text": e.text,
            "private": e.private,
            "stage": words.stage(e.stage),
            "why": words.failure(e.code) if e.code else "",
        }
        for e in entries
    ]
    one = {"id": row.id, "number": row.number, "team": row.baseline if team is None else team.name}
    return render_template("organiser/scoring_log.html", page={"edition": the_edition(), "entries": shown, "one": one})


@blueprint.get("/<edition>/jury")
@guarded(organiser)
def jury(edition: str) -> str:
    """Show the progress of the jury and the form that closes it."""
    return _jury(edition)


def _jury(edition: str, refusal: Refusal | None = None) -> str:
    rubric_of(the_edition())
    with read_db() as db:
        found = matrix(db, the_edition())
        conflicts = facts.conflict_notes(db, edition)
        drifts = drifting(db, the_edition())
        changes = drift(db, house().catalogue.edition(edition) or the_edition())
    page = {
        "edition": the_edition(),
        "refusal": refusal,
        "troubles": [words.trouble(one) for one in troubles(found) if one.kind != "nobody"],
        "matrix": found,
        "heads": words.abbreviations(tuple(team.name for team in found.teams)),
        "behind": None if fits_grid(found) else leaf(behind(found), _page_asked(), per_page=MEMBERS),
        "conflicts": conflicts,
        "drift": changes,
        "missing": found.owed - found.submitted,
        "coverage": coverage(found),
        "drifting": drifts,
        "standfirst": _jury_stands(found),
    }
    return render_template("organiser/jury.html", page=page)


def _page_asked(name: str = "page") -> int:
    return request.args.get(name, 1, type=int)


def _jury_stands(found: Matrix) -> str:
    if not found.jurors:
        return _("Nobody is on the jury yet. Invite its members: they declare their conflicts, then grade.")
    if not found.teams:
        return ngettext(
            "One member is ready; sheets open with the first prototype that is handed in.",
            "%(num)s members are ready; sheets open with the first prototype that is handed in.",
            len(found.jurors),
        )
    return _(
        "%(done)s sheets of %(all)s are submitted, by %(jurors)s members for %(teams)s prototypes.",
        done=found.submitted,
        all=found.owed,
        jurors=len(found.jurors),
        teams=len(found.teams),
    )


@blueprint.post("/<edition>/jury/close")
@guarded(organiser)
def close_jury(edition: str) -> Answer | tuple[str, int]:
    """Close the jury; a second organiser learns that it is closed already."""
    if request.form.get("sure") != "1":
        return _jury(edition, Invalid("Confirm that the jury may be closed.", field="sure")), 422
    with write_db() as db:
        freeze(db, the_edition(), now=now())
        done = close(db, edition=the_edition(), organiser_id=the_person().id, now=now())
        closer = db.get(Person, done.closed_by)
    if done.already:
        when = show.instant(done.closed_at)
        name = "–" if closer is None else closer.name
        flash(_("The jury was closed already, on %(when)s by %(name)s; nothing changed.", when=when, name=name), "care")
    else:
        flash(_("The jury is closed."), "done")
    return redirect(url_for("organiser.jury", edition=edition), 303)


@blueprint.get("/<edition>/ranking")
@guarded(organiser)
def ranking(edition: str) -> str:
    """Show the ranking as it would be published."""
    del edition
    return render_template("organiser/ranking.html", page=_final())


def _final(*, reason: str = "", refusal: Refusal | None = None) -> FinalPage:
    with read_db() as db:
        shown = preview(db, the_edition(), now=now())
        published = latest(db, the_edition().id)
    return final_page(the_edition(), shown, published, reason=reason, refusal=refusal)


@blueprint.get("/<edition>/ranking.json")
@guarded(organiser)
def ranking_json(edition: str) -> Response:
    """Give the results object as it would be published now."""
    del edition
    with read_db() as db:
        found = preview(db, the_edition(), now=now())
    for blocker in found.blockers:
        raise Conflict(blocker.message, **blocker.params)
    return jsonify(found.results)


@blueprint.post("/<edition>/ranking")
@guarded(organiser)
def publish_ranking(edition: str) -> Answer | tuple[str, int]:
    """Publish the ranking that was looked at; a refusal shows the page again with the reason that was typed."""
    reason = request.form.get("reason", "")
    try:
        if request.form.get("sure") == "1":
            published = _publish(reason)
            flash(
                ngettext(
                    "Ranking published, with %(num)s prototype.",
                    "Ranking published, with %(num)s prototypes.",
                    published,
                ),
                "done",
            )
            return redirect(url_for("organiser.ranking", edition=edition), 303)
        refusal: Refusal = Invalid("Confirm that you have read the ranking.", field="sure")
    except (Conflict, Invalid) as error:
        refusal = error
    page = _final(reason=reason, refusal=refusal)
    return render_template("organiser/ranking.html", page=page), 409 if isinstance(refusal, Conflict) else 422


def _publish(reason: str) -> int:
    with write_db() as db:
        return publish(
            db,
            edition=the_edition(),
            organiser_id=the_person().id,
            now=now(),
            reason=reason,
            seen=request.form.get("seen", ""),
        ).prototypes


@blueprint.get("/<edition>/teams")
@guarded(organiser)
def teams(edition: str) -> str:
    """Show the teams, their last sign of life and their members."""
    asked = request.args.get("q", "")[:80]
    with read_db() as db:
        found = facts.team_facts(db, edition)
        people = facts.member_lines(db, edition)
        ledger = facts.team_ledger(db, edition, request.args.get("quota", ""))
    rows = team_rows(found, now(), awaited=work_awaited(scope().windows))
    silent = sum(row.silent for row in rows)
    sentences = [
        ngettext("%(num)s team.", "%(num)s teams.", len(found)),
        ngettext("One is silent.", "%(num)s are silent.", silent) if silent else _("None is silent."),
    ]
    named = [line for line in people if says(asked, line.team, line.name, line.email)]
    theirs = {line.team for line in named}
    kept = [row for row in rows if says(asked, row.name) or (asked and row.name in theirs)]
    page = {
        "edition": the_edition(),
        "asked": asked,
        "teams": leaf(kept, _page_asked(), per_page=TEAMS),
        "found": len(kept),
        "many": len(rows) > TEAMS,
        "members": leaf(named, _page_asked("people"), per_page=PEOPLE),
        "ledger": None if ledger is None else ledger_page(ledger, the_edition()),
        "standfirst": " ".join(sentences) if found else _("No team yet."),
    }
    return render_template("organiser/teams.html", page=page)


@blueprint.get("/<edition>/letters")
@guarded(organiser)
def letters(edition: str) -> str:
    """Show the outbox."""
    asked = request.args.get("q", "")[:80]
    with read_db() as db:
        found = facts.letters(db, edition)
    failed = sum(line.state == "failed" for line in found)
    kept = [line for line in found if says(asked, line.to, line.subject)]
    page = {
        "edition": the_edition(),
        "asked": asked,
        "found": len(kept),
        "many": len(found) > LINES,
        "lines": leaf(letter_rows(kept), _page_asked(), per_page=LINES),
        "standfirst": ngettext("One letter could not be sent.", "%(num)s letters could not be sent.", failed)
        if failed
        else _("No letter is in failure."),
    }
    return render_template("organiser/letters.html", page=page)


@blueprint.get("/<edition>/journal")
@guarded(organiser)
def journal(edition: str) -> str:
    """Show the journal of acts, a page at a time; words that are asked for stand in the act, its author or its reason."""
    asked = request.args.get("q", "")[:80]
    with read_db() as db:
        found = facts.journal(db, edition, limit=JOURNAL)
    rows = journal_rows(found, now())
    kept = [row for row in rows if says(asked, row.what, row.actor, row.reason)]
    page = {
        "edition": the_edition(),
        "asked": asked,
        "found": len(kept),
        "many": len(rows) > LINES,
        "cut": len(rows) == JOURNAL,
        "lines": leaf(kept, _page_asked(), per_page=LINES),
    }
    return render_template("organiser/journal.html", page=page)
