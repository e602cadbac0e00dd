"""Register and confirm the address."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, NotFound
from datathon.people import fields, links
from datathon.people.passwords import hash_password
from datathon.people.register import STALE_LINK, ask_again, register
from datathon.people.register import confirm as confirm_address
from datathon.people.tables import Person
from datathon.web import session
from datathon.web.account.addresses import addresses
from datathon.web.account.door import blueprint
from datathon.web.account.onward import safe_path, target, wanted_path
from datathon.web.account.typed import Typed
from datathon.web.guards import anyone, guarded, scope
from datathon.web.house import house, now, read_db, write_db
from datathon.web.limits import limiter
from datathon.web.show import language


@blueprint.get("/account/register")
@guarded(anyone)
def register_form() -> Answer | str:
    """Ask for what an account needs."""
    if scope().person is not None:
        return redirect(target(wanted_path()), 303)
    return render_template("account/register.html", typed=Typed(), onward=wanted_path())


@blueprint.post("/account/register")
@guarded(anyone)
@limiter.limit("20/minute")
def register_now() -> Answer | tuple[str, int]:
    """Create the account and write the letter that confirms it."""
    typed = Typed()
    email = typed.check(lambda: fields.email(typed.text("email")))
    name = typed.check(lambda: fields.name(typed.text("name")))
    password_hash = typed.check(lambda: hash_password(typed.text("password")))
    if email is None or name is None or password_hash is None:
        return render_template("account/register.html", typed=typed, onward=wanted_path()), 422
    with write_db() as db:
        register(
            db,
            email=email,
            name=name,
            password_hash=password_hash,
            language=language(),
            addresses=addresses(),
            onward=wanted_path(),
            now=now(),
        )
    return redirect(url_for("account.letter_sent", about="confirm"), 303)


@blueprint.get("/account/letter-sent")
@guarded(anyone)
def letter_sent() -> str:
    """Say that a letter is on its way, or what is said in its place when the address is unknown."""
    return render_template("account/letter_sent.html", about=request.args.get("about", ""))


@blueprint.get("/account/confirm/<token>")
@guarded(anyone)
def confirm(token: str) -> str | tuple[str, int]:
    """Show the button that confirms; opening the link alone does nothing, since mail filters open links too."""
    link = links.read(house().settings.secret_key, "confirm", token)
    person = _account(link)
    done = person is not None and person.confirmed_at is not None
    good = link is not None and link.fits(person, now=now())
    page = render_template("account/confirm.html", person=person, done=done, good=good, token=token)
    return page if done or good else (page, 410)


@blueprint.post("/account/confirm/<token>")
@guarded(anyone)
@limiter.limit("20/minute")
def confirm_now(token: str) -> Answer | str:
    """Confirm the address and begin a session."""
    link = links.read(house().settings.secret_key, "confirm", token)
    if link is None:
        raise NotFound(STALE_LINK)
    try:
        with write_db() as db:
            person = confirm_address(db, link=link, now=now())
    except Conflict:
        flash(_("This address is already confirmed: sign in."))
        return redirect(url_for("account.sign_in", next=safe_path(link.onward) or None), 303)
    session.sign_in(person)
    flash(_("Your address is confirmed. Welcome!"))
    return redirect(target(safe_path(link.onward)), 303)


@blueprint.post("/account/confirm-again")
@guarded(anyone)
@limiter.limit("10/minute")
def confirm_again() -> Answer | tuple[str, int]:
    """Write the letter of confirmation once more."""
    typed = Typed()
    email = typed.check(lambda: fields.email(typed.text("email")))
    if email is None:
        page = render_template("account/confirm.html", person=None, done=False, good=False, token="", typed=typed)
        return page, 422
    with write_db() as db:
        ask_again(db, email=email, addresses=addresses(), now=now())
    return redirect(url_for("account.letter_sent", about="again"), 303)


def _account(link: links.Link | None) -> Person | None:
    if link is None:
        return None
    with read_db() as db:
        return db.get(Person, link.person_id)
