"""What organisers do while the jury grades: remind those with sheets left."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import PhaseKind
from datathon.jury.remind import remind
from datathon.web.guards import guarded, organiser, scope, the_edition, the_person
from datathon.web.house import house, now, write_db
from datathon.web.organiser.views import blueprint


@blueprint.post("/<edition>/jury/remind")
@guarded(organiser)
def remind_jury(edition: str) -> Answer:
    """Write to each member of the jury with sheets left, at most once a day."""
    closes = next((w.closes for w in scope().windows if w.phase.kind is PhaseKind.JURY), None)
    with write_db() as db:
        done = remind(
            db,
            edition=the_edition(),
            closes=closes,
            organiser_id=the_person().id,
            base_url=house().settings.base_url.rstrip("/"),
            now=now(),
        )
    if done.written:
        flash(ngettext("One letter was written.", "%(num)s letters were written.", done.written), "done")
    elif done.resting:
        flash(_("Everybody with sheets left had a letter today already."), "care")
    else:
        flash(_("Nobody has sheets left."), "done")
    return redirect(url_for("organiser.jury", edition=edition), 303)
