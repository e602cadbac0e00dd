"""The minutes for everybody: without the names of the jury, from the announcement on, where the rules say so."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from markupsafe import Markup

from datathon.editions.rules import Edition
from datathon.kernel.errors import NotFound
from datathon.publication.minutes import Signature, announced_minutes, signatures
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import read_db
from datathon.web.public.door import blueprint


@dataclass(frozen=True, slots=True)
class PublicMinutes:
    """The frozen public text, its digest, and the sides that signed the minutes with names."""

    edition: Edition
    content: Markup
    sha256: str
    signed: tuple[Signature, ...]
    validated_at: datetime


@blueprint.get("/e/<edition>/minutes")
@guarded(anyone)
def public_minutes(edition: str) -> str:
    """Show the public minutes of the announced ranking."""
    with read_db() as db:
        found = announced_minutes(db, edition)
        signed = () if found is None else signatures(db, found.id)
    if found is None or not found.public:
        raise NotFound("The minutes of this edition are not public, or nothing is announced yet.")
    # Frozen as a template that escapes wrote it.
    page = PublicMinutes(the_edition(), Markup(found.public), found.public_sha256, signed, found.validated_at)  # noqa: S704
    return render_template("public/minutes.html", page=page)
