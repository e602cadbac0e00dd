"""The platform's own texts and each edition's documents."""

from collections.abc import Mapping
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
    """A text to read, by language in ``written``; ``version`` and ``digest`` (SHA-256) only for what people accept or cite."""

    name: str
    article: Article
    written: Mapping[str, str]
    version: str = ""
    digest: str = ""


@cache
def platform_text(name: str, lang: str) -> tuple[str, str]:
    """Return a text of the platform with its language, English where it was not translated; ``name`` is one of NAMES."""
    spoken = lang if (TEXTS / f"{name}.{lang}.md").exists() else "en"
    return spoken, (TEXTS / f"{name}.{spoken}.md").read_text(encoding="utf-8")


@blueprint.get("/legal/<page>")
@guarded(anyone)
def legal(page: str) -> str:
    """Show a text of the platform."""
    if page not in NAMES:
        raise NotFound(NOWHERE)
    spoken, told = platform_text(page, language())
    written = {spoken: statements.filled(told) if page in statements.NAMES else told}
    shown = TextPage(page, article(text(written)), written)
    return render_template("public/text.html", page=shown)


@blueprint.get("/e/<edition>/documents/<document>")
@guarded(anyone)
def document(edition: str, document: str) -> str:
    """Show a document of the edition, in the version that holds."""
    del edition
    found = the_edition().document(document)
    if found is None:
        raise NotFound(NOWHERE)
    shown = TextPage(found.id, article(text(found.text)), found.text, found.version, found.digest)
    return render_template("public/text.html", page=shown)
