"""A page as a PDF file, where the optional package for it is installed (``pip install datathon-platform[pdf]``)."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import render_template

from datathon.kernel.errors import Unavailable

STYLE = Path(__file__).with_name("print.css")


@cache
def _maker() -> Any:
    """Return the module that makes PDF files, None where it or a library of the system that it needs is missing."""
    try:
        import weasyprint  # noqa: PLC0415 - heavy, and an extra
    except (ImportError, OSError):
        return None
    return weasyprint


def makes_pdf() -> bool:
    """Whether this installation makes PDF files itself."""
    return _maker() is not None


def pdf_of(content: str, *, title: str, language: str) -> bytes:
    """Return ``content``, HTML without any resource of its own, as a PDF file on A4 pages.

    Nothing is fetched: an address in the content is refused. Raises Unavailable where the package is not installed.
    """
    made = _maker()
    if made is None:
        raise Unavailable("This installation makes no PDF itself; print the page, and choose “Save as PDF”.")

    def refuse(url: str, *_args: object, **_more: object) -> dict[str, Any]:
        raise ValueError(url)

    page = render_template("print.html", content=content, title=title, language=language)
    return bytes(made.HTML(string=page, url_fetcher=refuse).write_pdf(stylesheets=[made.CSS(filename=STYLE)]))
