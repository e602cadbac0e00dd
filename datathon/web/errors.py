"""Refusals and errors to pages: what happened, where, what to do next; in one place."""

import logging
import time
from urllib.parse import urlsplit

from flask import Flask, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, TooLarge, Unavailable
from datathon.web.guards import Scope, SignInNeeded
from datathon.web.limits import limiter
from datathon.web.show import duration, filesize, sentence

logger = logging.getLogger(__name__)

STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (SignInNeeded, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (Invalid, 422),
    (Unavailable, 503),
)


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return next(status for kind, status in STATUS if isinstance(refusal, kind))


def page(status: int, message: str) -> ResponseReturnValue:
    """Return an error as the asker can read it: JSON for programs, a page for people."""
    if _wants_json():
        return jsonify(type="about:blank", status=status, title=message), status
    if "scope" not in g:
        g.scope = Scope()
    title, advice = _words(status)
    written = render_template(
        "errors/error.html",
        status=status,
        title=title,
        message=message,
        advice=advice,
        unmeasured=True,
        back=_back(),
        again=_again(status),
    )
    return written, status


def _back() -> str:
    """Return the page of this site that the reader came from, "" where none is known or it is the present one."""
    came = urlsplit(request.referrer or "")
    place = came.path + (f"?{came.query}" if came.query else "")
    here = request.full_path.rstrip("?")
    return place if came.netloc == request.host and place.startswith("/") and place != here else ""


def _again(status: int) -> str:
    """Return the present address where asking once more may help, "" elsewhere."""
    return request.full_path.rstrip("?") if status >= 500 and request.method == "GET" else ""


def _wants_json() -> bool:
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _words(status: int) -> tuple[str, str]:
    words = {
        400: (_("The request was not understood"), _("Go back, reload the page and send the form again.")),
        401: (_("Sign in first"), _("You come back here afterwards.")),
        403: (_("This page is not for you"), _("If you have another account, sign in with it.")),
        404: (_("Nothing here"), _("Check the address, or start again from the home page.")),
        405: (_("This address is not a page"), _("Go back, reload the page and send the form again.")),
        409: (_("Not possible at the moment"), _("Go back: what you had typed is still in the form.")),
        413: (_("Too large"), _("Nothing was recorded. Send a smaller file.")),
        422: (_("Something does not fit"), _("Go back: what you had typed is still in the form.")),
        429: (_("Too many attempts"), _wait()),
        503: (_("Not available at the moment"), _("Nothing was lost. Try again in a few minutes.")),
    }
    return words.get(
        status, (_("Something went wrong on our side"), _("Nothing was lost. Try again in a few minutes."))
    )


def _wait() -> str:
    """Say how long the brake on attempts holds still."""
    brake = limiter.current_limit
    if brake is None:
        return _("Wait a few minutes, then try again.")
    return _("Try again in %(wait)s.", wait=duration(max(1.0, brake.reset_at - time.time())))


def _on_refusal(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, SignInNeeded) and not _wants_json() and "HX-Request" not in request.headers:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=wanted), 303)
    return page(status_of(refusal), sentence(refusal))


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    messages = {
        404: _("There is nothing at this address, or nothing that you may see."),
        405: _("This address does not take that kind of request."),
        413: _("What you sent is larger than the platform takes (%(limit)s).", limit=filesize(_largest())),
        429: _("There were too many attempts from here."),
    }
    return page(status, messages.get(status, _("The browser sent something that the platform cannot read.")))


def _largest() -> int:
    """Return how many bytes the refused request could have had."""
    return request.max_content_length or 0


def _on_token_error(_error: CSRFError) -> ResponseReturnValue:
    return page(400, _("The form was open for too long, or it was opened before you signed in. Nothing was recorded."))


def _on_database(error: OperationalError) -> ResponseReturnValue:
    logger.error("the database does not answer: %s", str(error.orig).splitlines()[0] if error.orig else error)
    return page(503, _("The platform's database does not answer."))


def _on_bug(error: Exception) -> ResponseReturnValue:
    logger.error("unexpected error on %s %s", request.method, request.path, exc_info=error)
    return page(500, _("The platform made a mistake, which its keepers can read in the log."))


def init(app: Flask) -> None:
    """Answer every refusal and error from here."""
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(CSRFError, _on_token_error)
    app.register_error_handler(OperationalError, _on_database)
    app.register_error_handler(HTTPException, _on_http_error)
    if not app.testing:
        app.register_error_handler(500, lambda error: _on_bug(error.original_exception or error))
