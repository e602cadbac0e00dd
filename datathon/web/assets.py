"""Static files: addresses that change with their content, so that browsers may keep them for ever; small answers."""

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, g, request, url_for
from markupsafe import Markup

from datathon.editions.rules import Edition
from datathon.web.colours import style_sheet
from datathon.web.guards import anyone, guarded
from datathon.web.preferences import chosen

FOLDER = Path(__file__).parent / "static"
YEAR = "public, max-age=31536000, immutable"
WORTH_BYTES = 1_000
BUNDLES = {
    "css/house.css": ("css/tokens.css", "css/base.css", "css/frame.css"),
    "css/rest.css": ("css/components.css",),
    "js/submit.js": ("js/upload.js", "js/precheck.js"),
    "js/lookout.js": ("vendor/htmx.min.js", "js/live.js"),
}
"""Files that are sent as one, since each request costs more than its bytes.

The house's own sheet holds what the first text needs, with an edition's colours; the rest comes after that text.
"""
COLOURED = re.compile(r"css/house-(?P<ink>[0-9a-f]{6})-(?P<accent>[0-9a-f]{6})\.css")
REMARK = re.compile(rb"/\*.*?\*/|^\s+", re.DOTALL | re.MULTILINE)
"""What a style sheet has for its writers only."""
FORCED = re.compile(r"(?P<name>.+)-(?P<scheme>light|dark)\.css")
"""A style sheet for readers who chose a scheme, whatever their device says."""
TEXTS = ("text/", "application/json", "application/javascript", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file in memory: its bytes, plain and compressed, its type and the digest in its address."""

    content: bytes
    compressed: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=256)
def asset(name: str) -> Asset | None:
    """Return a file of the static folder, a bundle of them or an edition's colours; None when there is none of this name."""
    content = _content(name)
    if content is None:
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, 9, mtime=0), kind, hashlib.sha256(content).hexdigest()[:12])


def _content(name: str) -> bytes | None:
    if name in BUNDLES:
        whole = b"\n".join((FOLDER / part).read_bytes() for part in BUNDLES[name])
        return REMARK.sub(b"", whole) if name.endswith(".css") else whole
    if pair := COLOURED.fullmatch(name):
        return (_content("css/house.css") or b"") + style_sheet(f"#{pair['ink']}", f"#{pair['accent']}").encode()
    path = (FOLDER / name).resolve()
    if path.is_relative_to(FOLDER) and path.is_file():
        return path.read_bytes()
    forced = FORCED.fullmatch(name)
    asked = _content(f"{forced['name']}.css") if forced else None
    return _forced(asked, forced["scheme"]) if asked and forced else None


def _forced(content: bytes, scheme: str) -> bytes:
    """Return a style sheet whose dark scheme always holds, or never."""
    holds = b"all" if scheme == "dark" else b"not all"
    one = content.replace(b"(prefers-color-scheme: dark)", holds)
    return one.replace(b"color-scheme: light dark", f"color-scheme: {scheme}".encode())


def style_sheet_of_the_house(edition: Edition | None = None) -> str:
    """Return the address of the house's style sheet, in an edition's colours and in the scheme that the reader prefers."""
    return static(_sheet(edition))


def _sheet(edition: Edition | None) -> str:
    dyed = (
        "" if edition is None or not edition.ink or not edition.accent else f"-{edition.ink[1:]}-{edition.accent[1:]}"
    )
    scheme = chosen("scheme")
    return f"css/house{dyed.lower()}{f'-{scheme}' if scheme else ''}.css"


def carries_style() -> bool:
    """Return whether a page carries the house's style sheet itself: for strangers, of whom nothing tells that they keep the file.

    On a slow line the first text then stands after one round trip instead of two (docs/decisions/0006).
    """
    return current_app.config["SESSION_COOKIE_NAME"] not in request.cookies


def carried_style(edition: Edition | None = None) -> Markup:
    """Return the house's style sheet as an element of the page.

    This answer's policy then allows exactly that text, and its headers name the second style sheet, which the browser so
    asks for before it has read the page.
    """
    found = asset(_sheet(edition))
    if found is None:
        raise FileNotFoundError("no style sheet of the house")
    g.carried_style = f"'sha256-{base64.b64encode(hashlib.sha256(found.content).digest()).decode()}'"
    g.soon = static("css/rest.css")
    return Markup("<style>{}</style>").format(Markup(found.content.decode()))  # noqa: S704 - our own file


def static(name: str) -> str:
    """Return the address of a static file; it changes when the file does."""
    found = asset(name)
    if found is None:
        raise FileNotFoundError(f"no static file {name}")
    return url_for("static_file", name=name, v=found.digest)


def _takes_gzip() -> bool:
    return request.accept_encodings.best_match(["gzip"]) == "gzip"


@guarded(anyone)
def static_file(name: str) -> Response:
    """Serve a static file, compressed where the browser takes it."""
    found = asset(name)
    if found is None:
        abort(404)
    small = _takes_gzip() and len(found.compressed) < len(found.content)
    response = Response(found.compressed if small else found.content, mimetype=found.media_type)
    if small:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.no_cache = None
    response.headers["Cache-Control"] = YEAR if request.args.get("v") == found.digest else "public, max-age=300"
    response.set_etag(found.digest)
    response.make_conditional(request)
    return response


def init(app: Flask) -> None:
    """Serve static files and compress the text of pages."""
    app.add_url_rule("/static/<path:name>", view_func=static_file)
    app.jinja_env.globals.update(static=static, style_sheet=style_sheet_of_the_house, preferred=chosen)
    app.jinja_env.globals.update(carries_style=carries_style, carried_style=carried_style)

    @app.after_request
    def announce(response: Response) -> Response:
        if soon := g.get("soon"):
            response.headers["Link"] = f"<{soon}>; rel=preload; as=style"
        return response

    @app.after_request
    def compress(response: Response) -> Response:
        if (
            response.direct_passthrough
            or response.is_streamed
            or response.content_encoding
            or response.status_code in {204, 304}
            or not (response.mimetype or "").startswith(TEXTS)
            or not _takes_gzip()
        ):
            return response
        content = response.get_data()
        if len(content) >= WORTH_BYTES:
            response.set_data(gzip.compress(content, 5, mtime=0))
            response.content_encoding = "gzip"
            etag, _weak = response.get_etag()
            if etag:
                response.set_etag(etag, weak=True)
        response.vary.add("Accept-Encoding")
        return response
