"""Password forgotten: a letter, a link, another password."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.people import fields, links
from datathon.people.change_password import forgotten as write_letter
from datathon.people.change_password import reset as set_password
from datathon.people.passwords import hash_password
from datathon.people.tables import Person
from datathon.web import session
from datathon.web.account.addresses import addresses
from datathon.web.account.door import blueprint
from datathon.web.account.typed import Typed
from datathon.web.guards import anyone, guarded
from datathon.web.house import house, now, read_db, write_db
from datathon.web.limits import limiter


@blueprint.get("/account/forgotten")
@guarded(anyone)
def forgotten() -> str:
    """Ask for the address."""
    return render_template("account/forgotten.html", typed=Typed())


@blueprint.post("/account/forgotten")
@guarded(anyone)
@limiter.limit("10/minute")
def forgotten_now() -> Answer | tuple[str, int]:
    """Write the letter when the address has an account; the answer is the same when it has none."""
    typed = Typed()
    email = typed.check(lambda: fields.email(typed.text("email")))
    if email is None:
        return render_template("account/forgotten.html", typed=typed), 422
    with write_db() as db:
        write_letter(db, email=email, addresses=addresses(), now=now())
    return redirect(url_for("account.letter_sent", about="reset"), 303)


@blueprint.get("/account/reset/<token>")
@guarded(anyone)
def reset(token: str) -> str | tuple[str, int]:
    """Ask for the new password."""
    good = _person(token) is not None
    page = render_template("account/reset.html", typed=Typed(), token=token, good=good)
    return page if good else (page, 410)


@blueprint.post("/account/reset/<token>")
@guarded(anyone)
@limiter.limit("20/minute")
def reset_now(token: str) -> Answer | tuple[str, int]:
    """Set the new password and begin a session."""
    link = links.read(house().settings.secret_key, "reset", token)
    if link is None or _person(token) is None:
        return render_template("account/reset.html", typed=Typed(), token=token, good=False), 410
    typed = Typed()
    after = typed.check(lambda: hash_password(typed.text("new_password"), field="new_password"))
    if after is None:
        return render_template("account/reset.html", typed=typed, token=token, good=True), 422
    with write_db() as db:
        person = set_password(db, link=link, after=after, addresses=addresses(), now=now())
    session.sign_in(person)
    flash(_("Your new password is set. Every other session was signed out."))
    return redirect(url_for("account.home"), 303)


def _person(token: str) -> Person | None:
    """Return the account of a link that is still good."""
    link = links.read(house().settings.secret_key, "reset", token)
    if link is None:
        return None
    with read_db() as db:
        person = db.get(Person, link.person_id)
    return person if link.fits(person, now=now()) else None
