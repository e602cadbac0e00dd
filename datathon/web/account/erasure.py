"""Erase one's own account: what goes and what stays, then the password once more."""

from flask import flash, redirect, render_template, url_for
from flask import request as asked
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, Invalid
from datathon.people.passwords import matches
from datathon.publication.erase import erase
from datathon.web import session
from datathon.web.account.account_page import account_page
from datathon.web.account.door import blueprint
from datathon.web.account.entrance import refused
from datathon.web.account.typed import Typed
from datathon.web.errors import status_of
from datathon.web.guards import guarded, signed_in, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.limits import limiter


@blueprint.get("/account/erase")
@guarded(signed_in)
def erasing() -> str:
    """Explain, and ask for the password."""
    return _show(Typed())


@blueprint.post("/account/erase")
@guarded(signed_in)
@limiter.limit("20/minute", deduct_when=refused)
def erase_now() -> Answer | tuple[str, int]:
    """Erase the account and end the session."""
    typed = Typed()
    if asked.form.get("sure") != "1":
        typed.refuse(Invalid("Tick the line to confirm: nothing brings the account back.", field="sure"))
    if not matches(the_person().password_hash, typed.text("current_password")):
        typed.refuse(Invalid("This is not your present password.", field="current_password"))
    if typed.errors:
        return _show(typed), 422
    me = the_person().id
    try:
        with write_db() as db:
            erase(db, house().catalogue, person_id=me, actor=me, now=now())
    except Conflict as refusal:
        typed.refuse(refusal)
        return _show(typed), status_of(refusal)
    session.sign_out()
    flash(_("Your account is erased. Thank you for having taken part."), "done")
    return redirect(url_for("account.sign_in"), 303)


def _show(typed: Typed) -> str:
    with read_db() as db:
        page = account_page(db, the_person(), house().catalogue, details=Typed(), password=typed)
    return render_template("account/erase.html", page=page)
