"""Create, join, look after and leave a team; accept the rules."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response

from datathon.kernel.errors import Invalid, NotFound, Refusal
from datathon.leaderboard.snapshot import refresh_all
from datathon.leaderboard.veil import hold
from datathon.teams.accept_rules import accept_rules
from datathon.teams.captain import hand_over, rename, renew_invitation
from datathon.teams.claim import claim
from datathon.teams.create import create
from datathon.teams.join import STALE_LINK, join
from datathon.teams.leave import leave
from datathon.teams.queries import TeamView, invited_to, team_of
from datathon.web.errors import status_of
from datathon.web.guards import guarded, member, scope, signed_in, the_edition, the_own_team, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.participant.door import blueprint
from datathon.web.participant.team_page import TeamTyped, join_page, new_team_page, team_page

Answer = str | Response | tuple[str, int]


@blueprint.get("/e/<edition>/team")
@guarded(signed_in)
def team(edition: str) -> Answer:
    """Show the person's team, or the form that creates one."""
    del edition  # the guard has resolved it
    return _show(None)


@blueprint.post("/e/<edition>/team")
@guarded(signed_in)
def create_team(edition: str) -> Answer:
    """Create a team."""
    name, town = request.form.get("name", ""), request.form.get("town", "")
    brackets = request.form.getlist("brackets")
    try:
        with write_db() as db:
            _accept_if_ticked(db)
            create(
                db,
                edition=the_edition(),
                windows=scope().windows,
                person_id=the_person().id,
                name=name,
                town=town,
                brackets=brackets,
                now=now(),
            )
    except Refusal as refusal:
        return _show(TeamTyped(name, town, refusal, tuple(brackets)))
    return redirect(url_for("participant.team", edition=edition), 303)


@blueprint.post("/e/<edition>/team/rename")
@guarded(member)
def rename_team(edition: str) -> Answer:
    """Rename the team."""
    name, town = request.form.get("name", ""), request.form.get("town", "")

    def act(db: Session) -> None:
        hold(db, the_edition(), now=now())
        rename(
            db,
            windows=scope().windows,
            team_id=the_own_team().id,
            person_id=the_person().id,
            name=name,
            town=town,
            now=now(),
        )

    return _done(edition, act, typed=TeamTyped(name, town))


@blueprint.post("/e/<edition>/team/brackets")
@guarded(member)
def claim_brackets(edition: str) -> Answer:
    """Say which kinds of teams the team belongs to; its boards follow."""

    def act(db: Session) -> None:
        hold(db, the_edition(), now=now())
        claim(
            db,
            edition=the_edition(),
            windows=scope().windows,
            team_id=the_own_team().id,
            person_id=the_person().id,
            brackets=request.form.getlist("brackets"),
            now=now(),
        )
        refresh_all(db, the_edition(), now=now())

    return _done(edition, act)


@blueprint.post("/e/<edition>/team/invitation")
@guarded(member)
def renew_link(edition: str) -> Answer:
    """Make a new invitation link."""
    return _done(edition, lambda db: renew_invitation(db, team_id=the_own_team().id, person_id=the_person().id))


@blueprint.post("/e/<edition>/team/captain")
@guarded(member)
def hand_over_team(edition: str) -> Answer:
    """Make another member the captain."""

    def act(db: Session) -> None:
        hand_over(db, team_id=the_own_team().id, person_id=the_person().id, to=_person_key("to"), now=now())

    return _done(edition, act)


@blueprint.post("/e/<edition>/team/leave")
@guarded(member)
def leave_team(edition: str) -> Answer:
    """Leave the team."""

    def act(db: Session) -> None:
        if request.form.get("sure") != "yes":
            raise Invalid("Tick the box to say that you really leave.", field="sure")
        hold(db, the_edition(), now=now())
        leave(db, windows=scope().windows, team_id=the_own_team().id, person_id=the_person().id, now=now())

    return _done(edition, act)


@blueprint.get("/e/<edition>/join/<token>")
@guarded(signed_in)
def invitation(edition: str, token: str) -> Answer:
    """Show the invitation that a link holds; a member is sent to the team's page."""
    found = _invited(token)
    if scope().is_in(found.id):
        return redirect(url_for("participant.team", edition=edition), 303)
    return _show_invitation(found, token, None)


@blueprint.post("/e/<edition>/join/<token>")
@guarded(signed_in)
def join_team(edition: str, token: str) -> Answer:
    """Join the team of an invitation link."""
    found = _invited(token)
    try:
        with write_db() as db:
            _accept_if_ticked(db)
            join(db, edition=the_edition(), windows=scope().windows, token=token, person_id=the_person().id, now=now())
    except Refusal as refusal:
        return _show_invitation(found, token, refusal)
    return redirect(url_for("participant.team", edition=edition), 303)


@blueprint.post("/e/<edition>/rules")
@guarded(signed_in)
def accept(edition: str) -> Answer:
    """Record that the person accepts the version of the rules that was shown."""
    with write_db() as db:
        _accept_if_ticked(db)
    target = request.form.get("next", "")
    inside = target.startswith(f"/e/{edition}/")
    return redirect(target if inside else url_for("participant.team", edition=edition), 303)


def _accept_if_ticked(db: Session) -> None:
    """Record the acceptance when the box was ticked; its value is the version that was shown."""
    version = request.form.get("rules")
    if version:
        accept_rules(db, edition=the_edition(), person_id=the_person().id, version=version, now=now())


def _done(edition: str, act: Callable[[Session], object], *, typed: TeamTyped | None = None) -> Answer:
    """Run one act in its transaction; show the team's page again with the refusal, or go to it."""
    try:
        with write_db() as db:
            act(db)
    except Refusal as refusal:
        before = the_own_team()
        kept = typed or TeamTyped(before.name, before.town)
        return _show(TeamTyped(kept.name, kept.town, refusal))
    return redirect(url_for("participant.team", edition=edition), 303)


def _show(typed: TeamTyped | None) -> Answer:
    person_id = the_person().id
    with read_db() as db:
        own = team_of(db, the_edition().id, person_id)
        facts = {"edition": the_edition(), "windows": scope().windows, "person_id": person_id}
        if own is None:
            page: object = new_team_page(db, **facts, typed=typed or TeamTyped())  # type: ignore[arg-type]  # facts hold what both take
        else:
            page = team_page(db, **facts, team=own, invitation=_link(own), typed=typed)  # type: ignore[arg-type]  # as above
    status = 200 if typed is None or typed.refusal is None else status_of(typed.refusal)
    return render_template(f"participant/{'team_new' if own is None else 'team'}.html", page=page), status


def _show_invitation(found: TeamView, token: str, refusal: Refusal | None) -> Answer:
    with read_db() as db:
        page = join_page(
            db,
            edition=the_edition(),
            windows=scope().windows,
            team=found,
            token=token,
            person_id=the_person().id,
            refusal=refusal,
        )
    return render_template("participant/join.html", page=page), 200 if refusal is None else status_of(refusal)


def _invited(token: str) -> TeamView:
    with read_db() as db:
        found = invited_to(db, the_edition().id, token)
    if found is None:
        raise NotFound(STALE_LINK)
    return found


def _link(own: TeamView) -> str:
    path = url_for("participant.invitation", edition=own.edition_id, token=own.invitation)
    return house().settings.base_url.rstrip("/") + path


def _person_key(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Invalid("Only a present member can become captain.", field=name) from None
