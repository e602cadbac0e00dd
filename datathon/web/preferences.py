"""What a reader prefers: kept in the session, beside the language, and read by the frame of every page."""

from flask import has_request_context, session

from datathon.web.i18n import LANGUAGES

SCHEMES = ("", "light", "dark")
"""Colours: as the device says, light, dark."""
DENSITIES = ("", "dense")
"""Tables and sections: roomy, dense."""
CHOICES = {"lang": LANGUAGES, "scheme": SCHEMES, "density": DENSITIES}
"""Every preference by its key in the session, with the values it may have."""


def chosen(name: str) -> str:
    """Return a preference, one of CHOICES, "" where nothing was chosen."""
    said = session.get(name) if has_request_context() else None
    return said if said in CHOICES[name] else ""


def keep(name: str, value: str | None) -> None:
    """Keep a preference for this session; a value that does not exist is ignored, "" forgets."""
    if value in CHOICES[name]:
        if value:
            session[name] = value
        else:
            session.pop(name, None)


def kept() -> dict[str, str]:
    """Return the preferences of this session; they outlive signing in and out."""
    return {name: value for name in CHOICES if (value := chosen(name))}
