"""Answers that a browser may keep: an ETag from what they are made of, 304 while it holds."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Response, g, request, session

from datathon.editions.rules import local_day
from datathon.web.front import STANDS
from datathon.web.guards import scope, the_edition
from datathon.web.house import now
from datathon.web.show import language


def kept(write: Callable[[], str | bytes], *, mimetype: str, facts: tuple[object, ...]) -> Response:
    """Return an answer whose ETag is made of ``facts``: 304, and nothing is written, to who has it already."""
    etag = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
    # Weak comparison: an answer that went out compressed came back with a weak ETag.
    known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if known else Response(write(), mimetype=mimetype)
    response.set_etag(etag)
    return response


def standing(write: Callable[[], str | bytes], *, mimetype: str, facts: tuple[object, ...]) -> Response:
    """Return an answer as ``kept`` does that holds until the day or a phase ends; strangers get it from memory.

    Nothing in it may depend on the hour; ``facts`` hold everything else but language, day and phases.
    """
    g.by_day = True
    if scope().person is None:
        request.environ[STANDS] = _next_change()
    today = local_day(now(), the_edition().zone)[0]
    return kept(write, mimetype=mimetype, facts=(*facts, language(), today, _phases()))


def reader() -> tuple[object, ...]:
    """Return what makes one person's page differ from another's, besides language, day and phases."""
    here = scope()
    return (
        None if here.person is None else (str(here.person.id), here.person.name),
        None if here.own_team is None else (here.own_team.slug, here.own_team.name),
        here.every_role,
        "_flashes" in session,
        # What the reader chose: colours, density.
        sorted((name, str(value)) for name, value in session.items() if not name.startswith("_")),
    )


def _next_change() -> datetime:
    """Return when the day ends in the edition's zone, or a phase opens or closes before that."""
    at = now()
    marks = [instant for w in scope().windows for instant in (w.opens, w.closes) if instant is not None]
    return min(mark for mark in (*marks, local_day(at, the_edition().zone)[1]) if mark > at)


def _phases() -> tuple[object, ...]:
    return tuple((w.phase.id, w.state) for w in scope().windows)
