"""One submission: its result, its receipt, the file itself; take it back."""

import json
from dataclasses import dataclass
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from datathon.editions.rules import Challenge, Edition, PhaseKind, is_open
from datathon.kernel.errors import NotFound, Refusal
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Touched
from datathon.leaderboard.veil import hold
from datathon.submissions.rules import WITHDRAWABLE
from datathon.submissions.withdraw import withdraw
from datathon.teams.queries import TeamView, team
from datathon.web.errors import status_of
from datathon.web.guards import (
    NOWHERE,
    guarded,
    member,
    member_or_organiser,
    scope,
    the_challenge,
    the_edition,
    the_own_team,
    the_person,
    the_submission,
)
from datathon.web.house import house, now, read_db, write_db
from datathon.web.participant.door import blueprint
from datathon.web.participant.logbook import Entry, Logbook, entry_of, logbook
from datathon.web.participant.receipt import receipt, receipt_text
from datathon.web.show import language

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """One submission as its team, or an organiser, sees it. ``own`` tells that the reader is in the team."""

    edition: Edition
    challenge: Challenge
    team: TeamView
    book: Logbook
    entry: Entry
    own: bool
    may_withdraw: bool
    refusal: Refusal | None = None


@blueprint.get("/e/<edition>/c/<challenge>/submissions/<uuid:submission>")
@guarded(member_or_organiser)
def submission(edition: str, challenge: str, submission: UUID) -> Answer:
    """Show one submission."""
    del edition, challenge, submission  # the guard has resolved them
    return _show(None)


@blueprint.post("/e/<edition>/c/<challenge>/submissions/<uuid:submission>/withdraw")
@guarded(member)
def withdraw_file(edition: str, challenge: str, submission: UUID) -> Answer:
    """Withdraw one submission for good; the board forgets it at once, a frozen one when it is revealed."""
    try:
        with write_db() as db:
            hold(db, the_edition(), now=now())
            withdraw(
                db,
                edition=the_edition(),
                windows=scope().windows,
                submission_id=the_submission().id,
                team_id=the_own_team().id,
                person_id=the_person().id,
                now=now(),
            )
            refresh(db, the_edition(), the_challenge(), now=now(), change=Touched(the_own_team().id))
    except Refusal as refusal:
        return _show(refusal)
    address = url_for("participant.submission", edition=edition, challenge=challenge, submission=submission)
    return redirect(address, 303)


@blueprint.get("/e/<edition>/c/<challenge>/submissions/<uuid:submission>/receipt.<kind>")
@guarded(member_or_organiser)
def receipt_file(edition: str, challenge: str, submission: UUID, kind: str) -> Response:
    """Give the receipt as a file: text or JSON."""
    del edition, challenge, submission  # the guard has resolved them
    page = _page(None)
    facts = receipt(page.edition, page.challenge, page.entry)
    if kind not in {"json", "txt"}:
        abort(404)
    body = json.dumps(facts, ensure_ascii=False, indent=1) if kind == "json" else receipt_text(facts)
    response = Response(body, mimetype="application/json" if kind == "json" else "text/plain")
    name = f"receipt-{page.challenge.id}-{page.team.slug}-{page.entry.submission.number}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/e/<edition>/c/<challenge>/submissions/<uuid:submission>/file")
@guarded(member_or_organiser)
def submitted_file(edition: str, challenge: str, submission: UUID) -> Response:
    """Give back the file that was submitted, byte for byte."""
    del edition, challenge, submission  # the guard has resolved them
    row = the_submission()
    suffix = ".zip" if row.file_name.lower().endswith(".zip") else ".csv" if the_challenge().program is None else ".py"
    response = Response(house().files.chunks(row.digest), mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=f"{the_challenge().id}-{row.number}{suffix}")
    response.headers["Content-Length"] = str(row.size_bytes)
    return response


def _page(refusal: Refusal | None) -> SubmissionPage:
    row = the_submission()
    if row.team_id is None:
        raise NotFound(NOWHERE)
    with read_db() as db:
        return _read(db, row.team_id, row.id, refusal)


def _read(db: Session, team_id: UUID, submission_id: UUID, refusal: Refusal | None) -> SubmissionPage:
    owner = team(db, team_id)
    if owner is None:
        raise NotFound(NOWHERE)
    book = logbook(
        db,
        edition=the_edition(),
        challenge=the_challenge(),
        team=owner,
        known=house().catalogue,
        lang=language(),
        now=now(),
    )
    entry = entry_of(book, submission_id)
    if entry is None:
        raise NotFound(NOWHERE)
    own = scope().is_in(team_id)
    open_now = is_open(scope().windows, PhaseKind.SUBMISSIONS)
    return SubmissionPage(
        edition=the_edition(),
        challenge=the_challenge(),
        team=owner,
        book=book,
        entry=entry,
        own=own,
        may_withdraw=own and open_now and entry.submission.state in WITHDRAWABLE,
        refusal=refusal,
    )


def _show(refusal: Refusal | None) -> Answer:
    page = _page(refusal)
    if refusal is None and request.headers.get("HX-Request"):
        tag = page.book.tag(language())
        response = Response(render_template("participant/submission.html", page=page), mimetype="text/html")
        response.set_etag(tag)
        return response.make_conditional(request)
    return render_template("participant/submission.html", page=page), 200 if refusal is None else status_of(refusal)
