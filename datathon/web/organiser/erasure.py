"""Erase the account of somebody who asked the organisers for it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from datathon.people.erase_account import is_erased
from datathon.people.tables import Person
from datathon.publication.erase import check_may_erase, concerned, erase
from datathon.web.errors import status_of
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint


@blueprint.get("/<edition>/people/<uuid:person>/erase")
@guarded(organiser)
def erasing(edition: str, person: UUID) -> str:
    """Explain what would happen."""
    del edition
    return _page(person, None)


@blueprint.post("/<edition>/people/<uuid:person>/erase")
@guarded(organiser)
def erase_person(edition: str, person: UUID) -> Answer | tuple[str, int]:
    """Erase the account of somebody of this edition."""
    try:
        _check_sure()
        with write_db() as db:
            _check_concerned(edition, concerned(db, person))
            done = erase(db, house().catalogue, person_id=person, actor=the_person().id, now=now())
    except (Conflict, Invalid, NotAllowed) as refusal:
        return _page(person, refusal), status_of(refusal)
    flash(_("The account is erased; what stays is named %(pseudonym)s.", pseudonym=done.pseudonym), "done")
    return redirect(url_for("organiser.journal", edition=edition), 303)


def _check_sure() -> None:
    if request.form.get("sure") != "1":
        raise Invalid("Tick the line to confirm: nothing brings the account back.", field="sure")


def _check_concerned(edition: str, editions: tuple[str, ...]) -> None:
    if edition not in editions:
        raise NotFound(NOWHERE)


def _page(person_id: UUID, refusal: Refusal | None) -> str:
    edition = the_edition()
    with read_db() as db:
        editions = concerned(db, person_id)
        _check_concerned(edition.id, editions)
        person = db.get_one(Person, person_id)
        try:
            check_may_erase(db, editions=editions, person_id=person_id, organiser_id=the_person().id)
        except NotAllowed as never:
            refusal = never
    page = {"edition": edition, "person": person, "erased": is_erased(person), "refusal": refusal}
    return render_template("organiser/erase.html", page=page)
