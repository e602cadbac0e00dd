"""How a team takes part: what each status means, and the form that changes it with a reason."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session, select
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.leaderboard.snapshot import refresh_all
from datathon.leaderboard.veil import hold
from datathon.publication.queries import latest
from datathon.teams.queries import memberships
from datathon.teams.set_status import ANNOUNCED, MOVES, REASON_LIMIT, Decided, Decision, last_decision, set_status
from datathon.teams.tables import Team
from datathon.web.errors import status_of
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser import words
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What a status means on boards, for the jury and in the ranking; ``allowed`` tells that it can be given now."""

    status: str
    name: str
    boards: str
    jury: str
    ranking: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class StatusPage:
    """A team's status and the form; ``chosen`` and ``reason`` are what was typed, ``closed`` why nothing changes."""

    edition: Edition
    team: Team
    status: str
    lines: tuple[StatusLine, ...]
    last: Decided | None
    members: int
    closed: str
    chosen: str
    reason: str
    limit: int
    refusal: Refusal | None


@blueprint.get("/<edition>/teams/<team>/status")
@guarded(organiser)
def team_status(edition: str, team: str) -> str:
    """Show how a team takes part, and what may be decided about it."""
    del edition
    return _page(team, None)


@blueprint.post("/<edition>/teams/<team>/status")
@guarded(organiser)
def set_team_status(edition: str, team: str) -> Answer | tuple[str, int]:
    """Give the team another status; boards follow, frozen ones when they are revealed."""
    form = request.form
    try:
        with write_db() as db:
            hold(db, the_edition(), now=now())
            set_status(
                db,
                edition=the_edition(),
                slug=team,
                organiser_id=the_person().id,
                decision=Decision(form.get("before", ""), form.get("status", ""), form.get("reason", "")),
                announced=lambda: latest(db, edition) is not None,
                base_url=house().settings.base_url.rstrip("/"),
                now=now(),
            )
            refresh_all(db, the_edition(), now=now())
    except (Conflict, Invalid) as refusal:
        return _page(team, refusal), status_of(refusal)
    flash(_("Saved, and written in the journal. Each member gets a letter with the reason."), "done")
    return redirect(url_for("organiser.team_status", edition=edition, team=team), 303)


def _page(slug: str, refusal: Refusal | None) -> str:
    edition = the_edition()
    with read_db() as db:
        row = db.exec(select(Team).where(Team.edition_id == edition.id, Team.slug == slug)).one_or_none()
        if row is None:
            raise NotFound(NOWHERE)
        members = len(memberships(db, row.id))
        page = StatusPage(
            edition=edition,
            team=row,
            status=words.standing(row.status),
            lines=tuple(_line(status, row.status, members) for status in MOVES),
            last=last_decision(db, edition.id, row.id),
            members=members,
            closed=_closed(db, edition, row, members),
            chosen=request.form.get("status", ""),
            reason=request.form.get("reason", ""),
            limit=REASON_LIMIT,
            refusal=refusal,
        )
    return render_template("organiser/team_status.html", page=page)


def _closed(db: Session, edition: Edition, team: Team, members: int) -> str:
    if latest(db, edition.id) is not None:
        return _(ANNOUNCED)
    if team.status == "withdrawn" and not members:
        return _("Nobody is in this team any more: it stays withdrawn.")
    return ""


def _line(status: str, present: str, members: int) -> StatusLine:
    boards, jury, ranking = _meaning(status)
    allowed = status in MOVES[present] and (present != "withdrawn" or members > 0)
    return StatusLine(status, words.standing(status), boards, jury, ranking, allowed)


def _meaning(status: str) -> tuple[str, str, str]:
    """Return what a status means on boards, for the jury and in the ranking."""
    gone = _("Hands in nothing any more; named under the boards with this reason, without a score.")
    unread = _("The jury no longer reads its prototype; marks given so far are kept.")
    return {
        "active": (
            _("Hands in files; on the boards with a rank."),
            _("The jury reads and marks its prototype."),
            _("Gets a rank when it has what the rules ask."),
        ),
        "out_of_competition": (
            _("Hands in files; on the boards with its score, without a rank."),
            _("The jury reads and marks its prototype."),
            _("Named without a rank."),
        ),
        "ineligible": (gone, unread, _("Named without a rank; its prototype is shown with the results.")),
        "withdrawn": (gone, unread, _("No rank; its prototype stays hidden.")),
    }[status]
