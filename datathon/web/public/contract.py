"""The contract of prediction files: as a Table Schema for programs, and as the browser's check before sending needs it."""

import json
from hashlib import sha256
from typing import Any

from flask import Response, request, url_for

from datathon.editions.contract import Contract, contract, file_form, table_schema
from datathon.kernel.errors import NotFound
from datathon.scoring import explain
from datathon.web.guards import NOWHERE, anyone, guarded, the_challenge
from datathon.web.public.door import blueprint
from datathon.web.show import language, text


@blueprint.get("/e/<edition>/c/<challenge>/schema.json")
@guarded(anyone)
def schema(edition: str, challenge: str) -> Response:
    """Give the contract as a Table Schema; the same for everybody but for the title's language."""
    wanted = the_challenge()
    agreed = _agreed()
    sample = url_for("public.data", edition=edition, challenge=challenge, name=agreed.sample, _external=True)
    return _json(table_schema(agreed, title=text(wanted.title), sample_url=sample), indent=1)


@blueprint.get("/e/<edition>/c/<challenge>/precheck.json")
@guarded(anyone)
def precheck(edition: str, challenge: str) -> Response:
    """Give what the script of the submit page checks a chosen file with: form, ids, sentences in the page's language."""
    del edition, challenge  # the guard has resolved them
    agreed = _agreed()
    return _json({"form": file_form(agreed), "ids": "\n".join(agreed.ids), **explain.sentences(language())})


def _agreed() -> Contract:
    agreed = contract(the_challenge())
    if agreed is None:
        raise NotFound(NOWHERE)
    return agreed


def _json(content: dict[str, Any], indent: int | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, indent=indent, allow_nan=False).encode()
    response = Response(body, mimetype="application/json")
    response.set_etag(sha256(body).hexdigest())
    response.make_conditional(request)
    return response
