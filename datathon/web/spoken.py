"""The pseudonyms of an anonymous edition in the reader's language."""

from flask_babel import gettext as _


def spoken(name: str) -> str:
    """Return the name of a team as it is, a pseudonym in the page's language."""
    word, space, number = name.rpartition(" ")
    return f"{_words()[word]}{space}{number}" if number.isdigit() and word in _words() else name


def _words() -> dict[str, str]:
    return {
        "Amer": _("Landmark"),
        "Anse": _("Cove"),
        "Balise": _("Beacon"),
        "Bouée": _("Buoy"),
        "Cale": _("Slipway"),
        "Cormoran": _("Cormorant"),
        "Digue": _("Breakwater"),
        "Écume": _("Foam"),
        "Estran": _("Foreshore"),
        "Étale": _("Slack water"),
        "Feu": _("Sea light"),
        "Flot": _("Flood tide"),
        "Galet": _("Pebble"),
        "Goéland": _("Gull"),
        "Houle": _("Swell"),
        "Jetée": _("Jetty"),
        "Jusant": _("Ebb tide"),
        "Macareux": _("Puffin"),
        "Marée": _("Tide"),
        "Phare": _("Lighthouse"),
        "Récif": _("Reef"),
        "Sterne": _("Tern"),
        "Vague": _("Wave"),
        "Varech": _("Kelp"),
    }
