"""Flask-Babel's functions with types: sentences of the catalogue in the language of the request."""

import flask_babel


def gettext(message: str, **params: object) -> str:
    """Return ``message`` translated, its ``%(name)s`` filled."""
    return str(flask_babel.gettext(message, **params))


def ngettext(one: str, many: str, num: int, **params: object) -> str:
    """Return the form for ``num`` translated; ``%(num)s`` is the number."""
    return str(flask_babel.ngettext(one, many, num, **params))


def pgettext(context: str, message: str, **params: object) -> str:
    """Return ``message`` translated as it is said of ``context``: an open phase and an open question differ in French."""
    return str(flask_babel.pgettext(context, message, **params))
