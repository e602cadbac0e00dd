"""Languages of the interface: catalogues are read from their .po files, in memory, once per process."""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.localedata import locale_identifiers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale

from datathon.web.i18n.typography import spaced

FOLDER = Path(__file__).parent
KNOWN = frozenset(code for code in locale_identifiers() if len(code) == 2)
"""Codes of the languages whose dates, numbers and plurals are known."""


def spoken(folder: Path) -> tuple[str, ...]:
    """Return the languages there are, the first one preferred: French, English, then each with a file or folder here.

    English is the language of the message keys and needs no file. Another language is ``<code>.po``, or fragments in
    ``<code>/``; ``template.py`` writes what there is to translate. The code is one whose dates and numbers Babel knows;
    a file of any other name is left alone.
    """
    found = {path.stem for path in folder.glob("*.po")} | {path.parent.name for path in folder.glob("*/*.po")}
    return ("fr", "en", *sorted(code for code in found - {"fr", "en"} if code in KNOWN))


LANGUAGES = spoken(FOLDER)


class Catalogues(Domain):
    """Flask-Babel's domain, fed from the .po files of this folder."""

    def get_translations(self) -> Translations:
        """Return the catalogue of the request's language."""
        return catalogue(str(get_locale() or LANGUAGES[0]))


class HouseBabel(Babel):
    """Flask-Babel with the house's catalogues."""

    domain_instance = Catalogues()


@cache
def catalogue(language: str) -> Translations:
    """Return the translations of ``language``: all its fragments together, spaced as its typography asks.

    English has no file: a message without translation is shown as it is written in the code.
    """
    merged = Translations()
    for path in sorted((*FOLDER.glob(f"{language}.po"), *(FOLDER / language).glob("*.po"))):
        with path.open("rb") as file:
            messages = read_po(file, locale=language)
        for message in messages:
            if message.id and message.string:
                texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
                spaced_texts = tuple(spaced(text, language) for text in texts)
                message.string = spaced_texts if isinstance(message.id, (list, tuple)) else spaced_texts[0]
        compiled = BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        fragment = Translations(compiled)
        merged.merge(fragment)
        # Merging takes the messages and leaves the rule of plurals: in French zero is singular.
        merged.plural = fragment.plural
    return merged


def chosen_language() -> str:
    """Return the language of this request: asked for by ``?lang=``, kept in the session, of the account, of the browser."""
    if not has_request_context():
        return LANGUAGES[0]
    person = getattr(getattr(g, "scope", None), "person", None)
    for wanted in (request.args.get("lang"), session.get("lang"), getattr(person, "language", None)):
        if wanted in LANGUAGES:
            return str(wanted)
    return request.accept_languages.best_match(LANGUAGES) or g.get("default_language", LANGUAGES[0])


def init(app: Flask, *, default: str) -> None:
    """Bind languages to the application; a language asked for in the address is kept for the session."""
    HouseBabel(app, default_locale=default, locale_selector=chosen_language)

    @app.before_request
    def keep_language() -> None:
        g.default_language = default
        wanted = request.args.get("lang")
        if wanted in LANGUAGES and session.get("lang") != wanted:
            session["lang"] = wanted
