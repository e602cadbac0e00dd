"""Who is on the jury: invitations, availability, head, conflicts of interest."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.jury.declare import hold_jury
from datathon.jury.invite import Guest, invite, invite_again, token_of, withdraw_invitation
from datathon.jury.members import ConflictLine, MemberLine, conflict_lines, members, open_invitations, troubles
from datathon.jury.notice_conflicts import notice_conflicts, unnoticed
from datathon.jury.queries import GradedTeam, matrix, rubric_of
from datathon.jury.recuse import lift, recuse
from datathon.jury.set_availability import set_president
from datathon.jury.tables import JuryInvitation
from datathon.kernel.errors import Invalid, NotFound, Refusal
from datathon.people import fields
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.i18n import LANGUAGES
from datathon.web.organiser import words
from datathon.web.organiser.views import blueprint
from datathon.web.paging import Leaf, leaf

PER_PAGE = 15


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """An invitation without an answer. ``link`` is "" when it is withdrawn or has expired."""

    id: UUID
    name: str
    email: str
    president: bool
    shape: str
    word: str
    link: str


@dataclass(frozen=True, slots=True)
class MembersPage:
    """The page of the jury's members; ``typed`` and ``refusal`` of a form that was refused, ``lifting`` its conflict.

    ``shown`` and ``conflicts`` are a part of long lists, the one with the conflict whose lifting was refused.
    """

    members: tuple[MemberLine, ...]
    shown: Leaf[MemberLine]
    invitations: tuple[InvitationLine, ...]
    conflicts: Leaf[tuple[ConflictLine, str]]
    unnoticed: int
    troubles: tuple[str, ...]
    teams: tuple[GradedTeam, ...]
    closed: bool
    typed: dict[str, str]
    refusal: Refusal | None
    lifting: UUID | None = None


@blueprint.get("/<edition>/jury/members")
@guarded(organiser)
def jury_members(edition: str) -> str:
    """Show the members, the invitations and the conflicts."""
    del edition
    return _shown(None)


@blueprint.post("/<edition>/jury/members")
@guarded(organiser)
def invite_juror(edition: str) -> Answer | tuple[str, int]:
    """Invite somebody; the link stands on the page afterwards, beside the letter."""
    try:
        guest = Guest(
            fields.email(request.form.get("email", "")),
            fields.name(request.form.get("name", "")),
            request.form.get("language") if request.form.get("language") in LANGUAGES else "fr",  # type: ignore[arg-type]  # one of LANGUAGES
            request.form.get("president") == "1",
        )
        with write_db() as db:
            invite(db, edition=the_edition(), guest=guest, link=_link, actor=the_person().id, now=now())
    except Refusal as refusal:
        return _shown(refusal), status_of(refusal)
    flash(_("Invitation written to %(email)s. Its link is below, to send by another way.", email=guest.email), "done")
    return redirect(url_for("organiser.jury_members", edition=edition, _anchor="h-i"), 303)


@blueprint.post("/<edition>/jury/invitations/<uuid:invitation>")
@guarded(organiser)
def answer_invitation(edition: str, invitation: UUID) -> Answer:
    """Send an invitation again, or withdraw it."""
    acts = {"edition": the_edition(), "invitation_id": invitation, "actor": the_person().id, "now": now()}
    with write_db() as db:
        if request.form.get("do") == "again":
            email = invite_again(db, link=_link, **acts)  # type: ignore[arg-type]  # the four facts above
            message = _("A new link was written to %(email)s; the earlier one is void.", email=email)
        else:
            email = withdraw_invitation(db, **acts)  # type: ignore[arg-type]  # the four facts above
            message = _("The invitation of %(email)s is withdrawn.", email=email)
    flash(message, "done")
    return redirect(url_for("organiser.jury_members", edition=edition, _anchor="h-i"), 303)


@blueprint.post("/<edition>/jury/members/<uuid:juror>")
@guarded(organiser)
def name_president(edition: str, juror: UUID) -> Answer:
    """Make a member head of the jury, or a plain member again."""
    with write_db() as db:
        set_president(
            db,
            edition_id=edition,
            juror_id=juror,
            president=request.form.get("president") == "1",
            organiser_id=the_person().id,
            now=now(),
        )
    flash(_("Decision recorded."), "done")
    return redirect(url_for("organiser.jury_members", edition=edition), 303)


@blueprint.post("/<edition>/jury/conflicts")
@guarded(organiser)
def declare_conflict(edition: str) -> Answer | tuple[str, int]:
    """Declare a conflict in somebody's place, or record those that the platform found."""
    try:
        with write_db() as db:
            message = _record_found(db, edition) if request.form.get("do") == "found" else _recuse(db)
    except (Invalid, NotFound) as refusal:
        return _shown(refusal), status_of(refusal)
    flash(message, "done")
    return redirect(url_for("organiser.jury_members", edition=edition, _anchor="h-c"), 303)


def _record_found(db: Session, edition_id: str) -> str:
    hold_jury(db, edition_id=edition_id)
    count = len(notice_conflicts(db, edition_id=edition_id, now=now()))
    return ngettext("%(num)s conflict recorded.", "%(num)s conflicts recorded.", count)


def _recuse(db: Session) -> str:
    recuse(
        db,
        edition=the_edition(),
        juror_id=_key("juror"),
        team_id=_key("team"),
        reason=request.form.get("reason", ""),
        source="organiser",
        actor=the_person().id,
        now=now(),
    )
    return _("The conflict is recorded: this member no longer grades this team.")


def _key(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Invalid("Choose somebody of the list.", field=name) from None


@blueprint.post("/<edition>/jury/conflicts/<uuid:conflict>")
@guarded(organiser)
def lift_conflict(edition: str, conflict: UUID) -> Answer | tuple[str, int]:
    """Lift a conflict, with a reason."""
    try:
        with write_db() as db:
            lift(
                db,
                edition=the_edition(),
                conflict_id=conflict,
                reason=request.form.get("reason", ""),
                organiser_id=the_person().id,
                now=now(),
            )
    except Invalid as refusal:
        return _shown(refusal, lifting=conflict), status_of(refusal)
    flash(_("The conflict is lifted; your reason stands in the journal."), "done")
    return redirect(url_for("organiser.jury_members", edition=edition, _anchor="h-c"), 303)


def _link(invitation: JuryInvitation) -> str:
    settings = house().settings
    path = url_for("account.jury_invitation", token=token_of(settings.secret_key, invitation))
    return settings.base_url.rstrip("/") + path


def _shown(refusal: Refusal | None, *, lifting: UUID | None = None) -> str:
    edition = the_edition()
    rubric_of(edition)
    with read_db() as db:
        found = matrix(db, edition)
        everybody = members(db, edition)
        known = [(line, source(line)) for line in conflict_lines(db, edition.id)]
        refused_at = next((n // PER_PAGE + 1 for n, (line, _by) in enumerate(known) if line.id == lifting), 0)
        page = MembersPage(
            everybody,
            leaf(everybody, request.args.get("page", 1, type=int), per_page=PER_PAGE),
            tuple(_invitation(row) for row in open_invitations(db, edition.id)),
            leaf(known, refused_at or request.args.get("conflicts", 1, type=int), per_page=PER_PAGE),
            0 if found.closed_at else len(unnoticed(db, edition.id)),
            tuple(words.trouble(one) for one in troubles(found)),
            found.teams,
            found.closed_at is not None,
            {} if refusal is None else dict(request.form.items()),
            refusal,
            lifting,
        )
    return render_template("organiser/jury_members.html", page=page, edition=edition)


def _invitation(row: JuryInvitation) -> InvitationLine:
    if row.withdrawn_at is not None:
        shape, word = "off", pgettext("invitation", "taken back")
    elif now() >= row.expires_at:
        shape, word = "fail", pgettext("invitation", "expired")
    else:
        shape, word = "", _("until %(day)s", day=show.day(row.expires_at))
    return InvitationLine(row.id, row.name, row.email, row.president, shape, word, "" if shape else _link(row))


def source(line: ConflictLine) -> str:
    """Return who found a conflict, in words."""
    return {
        "juror": _("declared by the member of the jury"),
        "team": _("declared by the team"),
        "organiser": _("declared by %(name)s", name=line.by or _("an organiser")),
        "member": _("found: the member of the jury is in the team"),
        "structure": _("found: same structure as somebody in the team"),
        "mentor": _("found: mentor of the team"),
    }[line.source]
