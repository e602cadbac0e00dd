"""Accept an invitation to a jury: with a new account, or the one that is signed in."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.jury.invite import Newcomer, accept_invitation, invitation_of
from datathon.kernel.errors import Conflict, NotFound
from datathon.people import fields
from datathon.people.passwords import hash_password
from datathon.people.queries import person_by_email
from datathon.web import session
from datathon.web.account.door import blueprint
from datathon.web.account.typed import Typed
from datathon.web.guards import anyone, guarded, scope
from datathon.web.house import house, now, read_db, write_db
from datathon.web.limits import limiter
from datathon.web.show import language


@blueprint.get("/account/jury/<token>")
@guarded(anyone)
def jury_invitation(token: str) -> str | tuple[str, int]:
    """Show who invites to what, and the form that accepts; opening the link alone does nothing."""
    return _shown(token, Typed())


@blueprint.post("/account/jury/<token>")
@guarded(anyone)
@limiter.limit("20/minute")
def accept_jury_invitation(token: str) -> Answer | str | tuple[str, int]:
    """Join the jury and begin a session."""
    typed = Typed()
    with read_db() as db:
        invitation = invitation_of(db, house().settings.secret_key, token, now=now())
    if invitation is None:
        return _shown(token, typed)
    newcomer = None
    if scope().person is None:
        name = typed.check(lambda: fields.name(typed.text("name")))
        password_hash = typed.check(lambda: hash_password(typed.text("password")))
        if name is None or password_hash is None:
            return _shown(token, typed, status=422)
        newcomer = Newcomer(name, password_hash, language())
    try:
        with write_db() as db:
            person = accept_invitation(db, invitation=invitation, person=scope().person, newcomer=newcomer, now=now())
    except (Conflict, NotFound):
        return _shown(token, typed, status=409)
    session.sign_in(person)
    flash(_("Welcome to the jury!"), "done")
    return redirect(url_for("jury.home"), 303)


def _shown(token: str, typed: Typed, *, status: int = 200) -> str | tuple[str, int]:
    with read_db() as db:
        found = invitation_of(db, house().settings.secret_key, token, now=now())
        account = None if found is None else person_by_email(db, found.email)
    edition = None if found is None else house().catalogue.edition(found.edition_id)
    if found is None or edition is None:
        return render_template("account/jury_invitation.html", page=None), 410
    page = {
        "edition": edition,
        "invitation": found,
        "person": scope().person,
        "token": token,
        "known": account is not None and account.confirmed_at is not None,
        "typed": typed,
        "name": typed.text("name") or found.name,
    }
    shown = render_template("account/jury_invitation.html", page=page)
    return shown if status == 200 else (shown, status)
