"""The addresses that letters hold."""

from flask import url_for

from datathon.people.register import Addresses
from datathon.web.house import house


def addresses() -> Addresses:
    """Return the addresses of this installation, made of its public address and not of the request's host."""
    settings = house().settings
    base = settings.base_url.rstrip("/")
    return Addresses(
        secret=settings.secret_key,
        confirm=lambda token: base + url_for("account.confirm", token=token),
        reset=lambda token: base + url_for("account.reset", token=token),
        sign_in=base + url_for("account.sign_in"),
        forgotten=base + url_for("account.forgotten"),
    )
