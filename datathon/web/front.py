"""Answers about boards that are the same for every stranger, kept in memory in front of the application.

On deadline night everybody looks at the board: such a request costs one look at the board's version and a copy of bytes.
Whoever carries a session goes to the application itself.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine, text
from werkzeug.datastructures import Accept, LanguageAccept
from werkzeug.http import parse_accept_header

from datathon.store.db import READING
from datathon.web.i18n import LANGUAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = re.compile(
    r"/e/([a-z0-9_-]{1,80})(?:/c/([a-z0-9_-]{1,80})|/tracks/([a-z0-9_-]{1,80})|)"
    r"/leaderboard(?:\.(?:json|csv|atom)|/card|/screen)?\Z"
)
QUERY = re.compile(r"(?:bracket=[a-z0-9_-]{1,80}(?:&|\Z))?(?:page=[1-9][0-9]{0,3})?\Z")
STANDS = "datathon.stands_until"
"""Where a view says, in the request's environment, until when its answer holds for every stranger."""
MOST = 400
LARGEST = 2_000_000
NOT_IN_304 = frozenset(
    {"content-length", "content-type", "content-encoding", "content-disposition", "content-security-policy", "link"}
)

_STAMP = text(
    "SELECT (SELECT version FROM board_snapshot WHERE edition_id = :edition AND challenge_id = :challenge),"
    " (SELECT count(*) FROM phase_move WHERE edition_id = :edition),"
    " (SELECT count(*) FROM published_ranking WHERE edition_id = :edition)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: what it was made from, until when it holds, its headers and bytes."""

    stamp: tuple[object, ...]
    until: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str


class Front:
    """A WSGI application before the application. Threads may share it; at most 400 answers of 2 MB are kept."""

    def __init__(
        self,
        inner: "WSGIApplication",
        engine: Engine,
        *,
        catalogue: Callable[[], object],
        clock: Callable[[], datetime],
        default_language: str,
        cookie: str,
    ) -> None:
        """``catalogue`` returns what the pages' texts come from, another object when it changed; ``cookie`` names the session."""
        options: dict[str, object] = {READING: True}
        if engine.dialect.name == "postgresql":
            options = {"isolation_level": "AUTOCOMMIT"}
        self._inner, self._engine = inner, engine.execution_options(**options)
        self._catalogue, self._clock = catalogue, clock
        self._default, self._cookie = default_language, f"{cookie}="
        self._kept: OrderedDict[tuple[str, ...], Answer] = OrderedDict()
        self._lock = Lock()
        self.most = MOST

    @property
    def held(self) -> int:
        """Number of answers kept now."""
        return len(self._kept)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from memory, or let the application answer and keep what it says may stand."""
        place = self._place(environ)
        if place is None:
            return self._inner(environ, start_response)
        key = (
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._default),
            _encoding(environ.get("HTTP_ACCEPT_ENCODING", "")),
        )
        stamp = self._stamp(*place)
        kept = self._kept.get(key)
        if kept is None or kept.stamp != stamp or self._clock() >= kept.until:
            # What is kept must be whole: whether the reader has it already is asked afterwards.
            asked = environ.pop("HTTP_IF_NONE_MATCH", "")
            heard = _Heard()
            body = _whole(self._inner(environ, heard))
            environ["HTTP_IF_NONE_MATCH"] = asked
            until = environ.get(STANDS)
            if not isinstance(until, datetime) or not heard.may_stand or len(body) > LARGEST:
                start_response(heard.status, heard.headers)
                return [body]
            kept = Answer(stamp, until, tuple(heard.headers), body, heard.etag)
            self._keep(key, kept)
        return _say(kept, environ, start_response)

    def _place(self, environ: "WSGIEnvironment") -> tuple[str, str] | None:
        if environ["REQUEST_METHOD"] != "GET" or self._cookie in environ.get("HTTP_COOKIE", ""):
            return None
        found = PATH.match(environ.get("PATH_INFO", ""))
        if found is None or not QUERY.match(environ.get("QUERY_STRING", "")):
            return None
        # A challenge's board has its id for a key; see leaderboard.combined for the others.
        return found[1], found[2] or f"*{found[3] or ''}"

    def _stamp(self, edition: str, challenge: str) -> tuple[object, ...]:
        """Return what changes when the answer may: version of the board, decisions, publications, the folders' state."""
        catalogue = self._catalogue()
        with self._engine.connect() as connection:
            row = connection.execute(_STAMP, {"edition": edition, "challenge": challenge}).one()
        return (catalogue, *row)

    def _keep(self, key: tuple[str, ...], answer: Answer) -> None:
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)


class _Heard:
    """What an application says of its answer before the body."""

    status = ""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda _piece: None

    @property
    def may_stand(self) -> bool:
        return self.status.startswith("200 ") and all(name.lower() != "set-cookie" for name, _ in self.headers)

    @property
    def etag(self) -> str:
        return next((_bare(value) for name, value in self.headers if name.lower() == "etag"), "")


def _whole(pieces: Iterable[bytes]) -> bytes:
    try:
        return b"".join(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def _say(answer: Answer, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if known and answer.etag and answer.etag in {_bare(one) for one in known.split(",")}:
        start_response("304 NOT MODIFIED", [pair for pair in answer.headers if pair[0].lower() not in NOT_IN_304])
        return []
    start_response("200 OK", list(answer.headers))
    return [answer.body]


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


@lru_cache(maxsize=512)
def _language(accepted: str, default: str) -> str:
    """Return the language a stranger is answered in: the one that ``i18n.chosen_language`` finds without a session."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or default


@lru_cache(maxsize=512)
def _encoding(accepted: str) -> str:
    return parse_accept_header(accepted, Accept).best_match(["gzip"]) or ""
