"""Erase the account of somebody who asked the organisers for it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from datathon.people.erase_account import is_erased
from datathon.people.tables import Person
from datathon.publication.erase import check_may_erase, concerned, erase
from datathon.publication.named import places_named
from datathon.web.errors import status_of
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint

MOST = 40
"""Texts that are listed; the others are only counted, and changed where the name goes everywhere."""


def kind_of(kind: str) -> str:
    """Return what a text that names somebody is, in the page's language."""
    return {
        "comment for a team": _("comment for a team"),
        "private note on a sheet": _("private note on a sheet"),
        "reason of a conflict of interest": _("reason of a conflict of interest"),
        "reason to withhold a comment": _("reason to withhold a comment"),
        "reason to open a sheet again": _("reason to open a sheet again"),
        "reason to make vote codes void": _("reason to make vote codes void"),
        "reason of a correction of marks": _("reason of a correction of marks"),
        "reason to correct the rubric": _("reason to correct the rubric"),
        "reason to replace minutes": _("reason to replace minutes"),
        "deliberation": _("deliberation"),
        "appeal": _("appeal"),
        "answer to an appeal": _("answer to an appeal"),
        "dossier of a prototype": _("dossier of a prototype"),
        "journal": _("journal"),
        "published ranking": _("published ranking"),
    }.get(kind, kind)


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
            done = erase(
                db,
                house().catalogue,
                person_id=person,
                actor=the_person().id,
                now=now(),
                texts=None if "everywhere" in request.form else request.form.getlist("text"),
            )
    except (Conflict, Invalid, NotAllowed) as refusal:
        return _page(person, refusal), status_of(refusal)
    flash(_("The account is erased; what stays is named %(pseudonym)s.", pseudonym=done.pseudonym), "done")
    if done.texts:
        flash(
            ngettext("The name was replaced in one text.", "The name was replaced in %(num)s texts.", done.texts),
            "done",
        )
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
        forbidden = False
        try:
            check_may_erase(db, editions=editions, person_id=person_id, organiser_id=the_person().id)
        except NotAllowed as never:
            refusal, forbidden = never, True
        places = () if is_erased(person) or forbidden else places_named(db, person, editions)
    page = {
        "edition": edition,
        "person": person,
        "erased": is_erased(person),
        "refusal": refusal,
        "places": [(one, kind_of(one.kind)) for one in places[:MOST]],
        "count": len(places),
        "ticked": request.form.getlist("text"),
        "everywhere": "everywhere" in request.form,
    }
    return render_template("organiser/erase.html", page=page)
