"""Submit prediction files and follow them; choose the ones that count."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from datathon.kernel.errors import Invalid, NotFound, Refusal
from datathon.kernel.ids import new_token
from datathon.leaderboard.snapshot import refresh
from datathon.leaderboard.standings import Touched
from datathon.leaderboard.veil import hold
from datathon.scoring.queue import ring
from datathon.store.files import Stored
from datathon.submissions.choose_final import choose_final
from datathon.submissions.forget_files import in_use
from datathon.submissions.receive import receive
from datathon.submissions.rules import HEAD_BYTES, check_program
from datathon.teams.queries import TeamView
from datathon.teams.queries import team as team_view
from datathon.web.errors import status_of
from datathon.web.guards import NOWHERE, guarded, member, scope, the_challenge, the_edition, the_own_team, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.participant.door import blueprint
from datathon.web.participant.final_page import final_page
from datathon.web.participant.submit_page import Draft, SubmitPage, submit_page
from datathon.web.show import language

Answer = str | Response | tuple[str, int]


@blueprint.get("/e/<edition>/c/<challenge>/submit")
@guarded(member)
def submit(edition: str, challenge: str) -> Answer:
    """Show the form, the quota and the logbook."""
    del edition, challenge  # the guard has resolved them
    return _show(Draft())


@blueprint.post("/e/<edition>/c/<challenge>/submit")
@guarded(member)
def submit_file(edition: str, challenge: str) -> Answer:
    """Receive a prediction file; the row is safe before the answer is sent."""
    wanted = the_challenge()
    if wanted.submission is None:
        raise NotFound(NOWHERE)
    message, upload = request.form.get("message", ""), request.files.get("file")
    stored = None
    try:
        if upload is None or not upload.filename:
            raise Invalid("Choose the file that holds your predictions.", field="file")
        if wanted.program is not None:
            check_program(upload.stream.read(HEAD_BYTES))
            upload.stream.seek(0)
        stored = house().files.put(upload.stream, limit_bytes=wanted.upload_bytes)
        with write_db() as db:
            receive(
                db,
                edition=the_edition(),
                windows=scope().windows,
                challenge=wanted,
                team_id=the_own_team().id,
                person_id=the_person().id,
                stored=stored,
                file_name=upload.filename,
                message=message,
                idempotency_key=request.form.get("key"),
                now=now(),
            )
    except Refusal as refusal:
        _let_go(stored)
        return _show(Draft(message, refusal))
    ring(house().settings, house().engine, house().catalogue)
    return redirect(url_for("participant.submit", edition=edition, challenge=challenge) + "#logbook", 303)


def _let_go(stored: Stored | None) -> None:
    """Remove the bytes of a file that was not taken; what anybody else handed in stays."""
    if stored is not None:
        with read_db() as db:
            kept = in_use(db, stored.digest)
        if not kept:
            house().files.take_back(stored)


@blueprint.get("/e/<edition>/c/<challenge>/submit/logbook")
@guarded(member)
def logbook(edition: str, challenge: str) -> Response:
    """Give the logbook alone, for a page that looks again while something moves; 304 while nothing changed."""
    del edition, challenge  # the guard has resolved them
    page = _page(Draft())
    response = make_response(render_template("participant/_logbook_part.html", page=page))
    response.set_etag(page.book.tag(language()))
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@blueprint.get("/e/<edition>/c/<challenge>/final")
@guarded(member)
def final(edition: str, challenge: str) -> Answer:
    """Show the scored submissions and which of them count."""
    del edition, challenge  # the guard has resolved them
    return _show_final(None, None)


@blueprint.post("/e/<edition>/c/<challenge>/final")
@guarded(member)
def choose(edition: str, challenge: str) -> Answer:
    """Record the submissions that count."""
    chosen = _keys(request.form.getlist("chosen"))
    try:
        with write_db() as db:
            hold(db, the_edition(), now=now())
            choose_final(
                db,
                edition=the_edition(),
                windows=scope().windows,
                challenge=the_challenge(),
                team_id=the_own_team().id,
                person_id=the_person().id,
                submission_ids=chosen,
                now=now(),
            )
            refresh(db, the_edition(), the_challenge(), now=now(), change=Touched(the_own_team().id))
    except Refusal as refusal:
        return _show_final(chosen, refusal)
    return redirect(url_for("participant.submit", edition=edition, challenge=challenge), 303)


def own_team(db: Session) -> TeamView:
    """Return the reader's team as pages show it."""
    found = team_view(db, the_own_team().id)
    if found is None:
        raise NotFound(NOWHERE)
    return found


def _page(draft: Draft) -> SubmitPage:
    if not the_challenge().takes_predictions:
        raise NotFound(NOWHERE)
    with read_db() as db:
        return submit_page(
            db,
            edition=the_edition(),
            windows=scope().windows,
            challenge=the_challenge(),
            team=own_team(db),
            person_id=the_person().id,
            known=house().catalogue,
            lang=language(),
            page=request.args.get("page", 1, type=int),
            draft=draft,
            key=request.form.get("key") or new_token(),
            now=now(),
        )


def _show(draft: Draft) -> Answer:
    status = 200 if draft.refusal is None else status_of(draft.refusal)
    return render_template("participant/submit.html", page=_page(draft)), status


def _show_final(chosen: frozenset[UUID] | None, refusal: Refusal | None) -> Answer:
    if not the_challenge().takes_predictions:
        raise NotFound(NOWHERE)
    with read_db() as db:
        page = final_page(
            db,
            edition=the_edition(),
            windows=scope().windows,
            challenge=the_challenge(),
            team=own_team(db),
            known=house().catalogue,
            lang=language(),
            chosen=chosen,
            refusal=refusal,
            now=now(),
        )
    return render_template("participant/final.html", page=page), 200 if refusal is None else status_of(refusal)


def _keys(texts: list[str]) -> frozenset[UUID]:
    try:
        return frozenset(UUID(text) for text in texts)
    except ValueError:
        raise NotFound(NOWHERE) from None
