"""One's own account: details, password, copy of the data."""

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask import session as kept
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, Invalid
from datathon.people import fields
from datathon.people.change_password import change_password
from datathon.people.passwords import hash_password, matches
from datathon.people.set_details import Details, set_details
from datathon.web import session
from datathon.web.account.account_page import account_page, own_data
from datathon.web.account.addresses import addresses
from datathon.web.account.door import blueprint
from datathon.web.account.entrance import refused
from datathon.web.account.typed import Typed
from datathon.web.guards import guarded, signed_in, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.i18n import LANGUAGES
from datathon.web.limits import limiter


@blueprint.get("/account")
@guarded(signed_in)
def home() -> str:
    """Show the account."""
    return _show(Typed(), Typed())


@blueprint.post("/account")
@guarded(signed_in)
def save_details() -> Answer | tuple[str, int]:
    """Keep name, language, profile and organisation."""
    typed = Typed()
    details = typed.check(lambda: _details(typed))
    if details is None:
        return _show(typed, Typed()), 422
    with write_db() as db:
        set_details(db, person_id=the_person().id, details=details)
    # The language of the account speaks from now on, whatever was chosen for this session before.
    kept["lang"] = details.language
    flash(_("Your details are saved."))
    return redirect(url_for("account.home"), 303)


@blueprint.post("/account/password")
@guarded(signed_in)
@limiter.limit("20/minute", deduct_when=refused)
def save_password() -> Answer | tuple[str, int]:
    """Replace the password; this session goes on, every other one ends."""
    typed = Typed()
    before = the_person().password_hash
    if not matches(before, typed.text("current_password")):
        typed.refuse(Invalid("This is not your present password.", field="current_password"))
    after = typed.check(lambda: hash_password(typed.text("new_password"), field="new_password"))
    if after is None or typed.errors:
        return _show(Typed(), typed), 422
    try:
        with write_db() as db:
            person = change_password(
                db, person_id=the_person().id, before=before, after=after, addresses=addresses(), now=now()
            )
    except Conflict as refusal:
        typed.refuse(refusal)
        return _show(Typed(), typed), 409
    session.sign_in(person)
    flash(_("Your new password is set. Every other session was signed out."))
    return redirect(url_for("account.home"), 303)


@blueprint.get("/account/my-data.json")
@guarded(signed_in)
def my_data() -> Response:
    """Give a copy of one's own data."""
    with read_db() as db:
        copied = own_data(db, the_person())
    response = Response(json.dumps(copied, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _details(typed: Typed) -> Details:
    profile, language = typed.text("profile"), typed.text("language")
    return Details(
        name=fields.name(typed.text("name")),
        language=language if language in LANGUAGES else the_person().language,
        profile=profile if profile in fields.PROFILES else "",
        organisation=fields.line(typed.text("organisation"), field="organisation", longest=120),
    )


def _show(details: Typed, password: Typed) -> str:
    with read_db() as db:
        page = account_page(db, the_person(), house().catalogue, details=details, password=password)
    return render_template(
        "account/home.html", page=page, profiles=fields.PROFILES, sent=request.form if details.errors else None
    )
