"""Sign in and out."""

from flask import Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Invalid
from datathon.people import fields
from datathon.people.passwords import hash_password, is_outdated
from datathon.people.queries import person_by_email
from datathon.people.sign_in import NotConfirmed, recognise, renew_hash
from datathon.people.tables import Person
from datathon.web import session
from datathon.web.account.door import blueprint
from datathon.web.account.onward import target, wanted_path
from datathon.web.account.typed import Typed
from datathon.web.guards import anyone, guarded, scope
from datathon.web.house import read_db, write_db
from datathon.web.limits import limiter


def refused(response: Response) -> bool:
    """Whether an attempt failed: only those count against the limit."""
    return response.status_code == 422


@blueprint.get("/account/sign-in")
@guarded(anyone)
def sign_in() -> Answer | str:
    """Ask for address and password."""
    if scope().person is not None:
        return redirect(target(wanted_path()), 303)
    return render_template("account/sign_in.html", typed=Typed(), onward=wanted_path(), unconfirmed=False)


@blueprint.post("/account/sign-in")
@guarded(anyone)
@limiter.limit("20/minute", deduct_when=refused)
def sign_in_now() -> Answer | tuple[str, int]:
    """Begin a session."""
    typed, unconfirmed = Typed(), False
    try:
        person = recognise(_account(typed.text("email")), typed.text("password"))
    except Invalid as refusal:
        typed.refuse(refusal)
        unconfirmed = isinstance(refusal, NotConfirmed)
        page = render_template("account/sign_in.html", typed=typed, onward=wanted_path(), unconfirmed=unconfirmed)
        return page, 422
    _strengthen(person, typed.text("password"))
    session.sign_in(person)
    return redirect(target(wanted_path()), 303)


@blueprint.post("/account/sign-out")
@guarded(anyone)
def sign_out() -> Answer:
    """End the session."""
    session.sign_out()
    return redirect(url_for("account.sign_in"), 303)


def _account(email: str) -> Person | None:
    try:
        key = fields.email(email)
    except Invalid:
        # An address that cannot be is an unknown one: the answer is the same, and as slow.
        return None
    with read_db() as db:
        return person_by_email(db, key)


def _strengthen(person: Person, password: str) -> None:
    if not is_outdated(person.password_hash):
        return
    try:
        after = hash_password(password)
    except Invalid:
        # A password from before today's length rule still opens its account.
        return
    with write_db() as db:
        renew_hash(db, person_id=person.id, before=person.password_hash, after=after)
