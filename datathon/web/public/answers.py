"""Answers that a browser may keep: an ETag from what they are made of, 304 while it holds."""

import hashlib
from collections.abc import Callable

from flask import Response, request, session

from datathon.web.guards import scope
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


def asker() -> tuple[object, ...]:
    """Return what makes one person's page differ from another's: language, person, team, and the minute it shows."""
    here = scope()
    return (
        language(),
        None if here.person is None else str(here.person.id),
        None if here.own_team is None else (here.own_team.slug, here.own_team.name),
        here.every_role,
        tuple((w.phase.id, w.state) for w in here.windows),
        "_flashes" in session,
        now().replace(second=0, microsecond=0),
    )
