"""The platform's own texts and each edition's documents."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import render_template

from datathon.kernel.errors import NotFound
from datathon.web.guards import NOWHERE, anyone, guarded, the_edition
from datathon.web.public import statements
from datathon.web.public.article import Article, article
from datathon.web.public.door import blueprint
from datathon.web.show import language, text

TEXTS = Path(__file__).parent / "texts"
NAMES = ("help", "glossary", "accessibility", "ecodesign", "privacy", "legal")


@dataclass(frozen=True, slots=True)
class TextPage:
    """A text to read; ``version`` and ``digest`` (SHA-256) only for what people accept or may cite."""

    name: str
    article: Article
    version: str = ""
    digest: str = ""


@cache
def platform_text(name: str, lang: str) -> str:
    """Return a text of the platform in a language, in English where it was not translated; ``name`` is one of NAMES."""
    own = TEXTS / f"{name}.{lang}.md"
    return (own if own.exists() else TEXTS / f"{name}.en.md").read_text(encoding="utf-8")


@blueprint.get("/legal/<page>")
@guarded(anyone)
def legal(page: str) -> str:
    """Show a text of the platform."""
    if page not in NAMES:
        raise NotFound(NOWHERE)
    told = platform_text(page, language())
    shown = TextPage(page, article(text(statements.filled(told) if page in statements.NAMES else told)))
    return render_template("public/text.html", page=shown)


@blueprint.get("/e/<edition>/documents/<document>")
@guarded(anyone)
def document(edition: str, document: str) -> str:
    """Show a document of the edition, in the version that holds."""
    del edition
    found = the_edition().document(document)
    if found is None:
        raise NotFound(NOWHERE)
    shown = TextPage(found.id, article(text(found.text)), found.version, found.digest)
    return render_template("public/text.html", page=shown)
