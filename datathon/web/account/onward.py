"""Where to go after signing in: only ever to a page of this platform."""

from urllib.parse import urlsplit

from flask import request, url_for


def safe_path(wanted: str | None) -> str:
    """Return ``wanted`` when it is a path of this site, otherwise "".

    Browsers read a backslash as a slash and drop tabs and line ends inside an address, so that either of them
    after the first slash could lead to another site.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return ""
    if "\\" in wanted or any(ord(letter) < 33 or ord(letter) == 127 for letter in wanted):
        return ""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else wanted


def wanted_path() -> str:
    """Return the path that the address or the form of this request asks for, "" without one."""
    return safe_path(request.values.get("next"))


def target(path: str) -> str:
    """Return where to go: ``path``, or the page of the account without one."""
    return path or url_for("account.home")
