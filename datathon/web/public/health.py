"""Two questions of whoever watches the machine: is the process alive, can it do its work?"""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from datathon.store.migrate import is_current
from datathon.web.guards import anyone, guarded
from datathon.web.house import house
from datathon.web.public.door import blueprint


@blueprint.get("/health/live")
@guarded(anyone)
def live() -> Response:
    """Say that the process answers; nothing else is asked."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/health/ready")
@guarded(anyone)
def ready() -> ResponseReturnValue:
    """Say whether the database answers and has this version's schema."""
    try:
        current = is_current(house().engine)
    except SQLAlchemyError:
        return jsonify(status="unavailable", reason="database"), 503
    if not current:
        return jsonify(status="unavailable", reason="schema"), 503
    return jsonify(status="ready")
