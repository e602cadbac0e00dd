"""Who is signed in. A change of password raises the account's epoch and ends every other session."""

from uuid import UUID

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf import CSRFProtect

from datathon.people.tables import Person
from datathon.web import preferences
from datathon.web.house import read_db

csrf = CSRFProtect()
login = LoginManager()


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, left out of static files: they are the same for everybody and kept by browsers for ever."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie and vary by it, except on static files."""
        if request.endpoint != "static_file":
            super().save_session(app, session, response)


class Account(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """The signed-in person as flask-login wants it; its id carries the epoch."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        """Return what the session cookie keeps."""
        return f"{self.person.id}:{self.person.session_epoch}"


def sign_in(person: Person) -> None:
    """Begin a session for this person: nothing of the one before stays but the preferences."""
    kept = preferences.kept()
    session.clear()
    session.update(kept)
    login_user(Account(person))


def sign_out() -> None:
    """End the session: nothing of it stays but the preferences."""
    kept = preferences.kept()
    logout_user()
    session.clear()
    session.update(kept)


@login.user_loader  # type: ignore[untyped-decorator]  # flask-login has no types
def load_account(kept: str) -> Account | None:
    """Return the account of a session, None when it was ended elsewhere or the account is gone."""
    key, _, epoch = kept.partition(":")
    try:
        person_id = UUID(key)
    except ValueError:
        return None
    with read_db() as db:
        person = db.get(Person, person_id)
    if person is None or str(person.session_epoch) != epoch or person.confirmed_at is None:
        return None
    return Account(person)


def init(app: Flask, *, secret_key: str, https: bool) -> None:
    """Set up sessions and the tokens that keep other sites from sending forms in a person's name."""
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="datathon",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=https,
    )
    app.session_interface = Sessions()
    login.init_app(app)
    csrf.init_app(app)
