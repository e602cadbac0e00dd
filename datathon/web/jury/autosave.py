"""The address at which the page of a sheet keeps each mark and comment by itself, and what it is told."""

from flask import Response, jsonify, request
from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Rubric
from datathon.jury.grid import missing, read_mark, total
from datathon.jury.keep_field import COMMENTS, Change, Value, keep_field
from datathon.jury.queries import SheetView, graded_team, rubric_of
from datathon.kernel.errors import Invalid, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, juror, scope, the_edition, the_person
from datathon.web.house import now, write_db
from datathon.web.jury.sheet_form import newlines
from datathon.web.jury.views import blueprint


@blueprint.post("/<edition>/<team>/field")
@guarded(juror)
def keep_one(edition: str, team: str) -> tuple[Response, int]:
    """Keep one field. 200: kept; 409 with ``theirs``: another page changed it meanwhile; else ``title`` says why not."""
    del edition
    rubric = rubric_of(the_edition())
    try:
        change = _change(rubric)
        with write_db() as db:
            kept = keep_field(
                db,
                edition=the_edition(),
                windows=scope().windows,
                juror_id=the_person().id,
                team_id=graded_team(db, the_edition(), team).team_id,
                change=change,
                now=now(),
            )
    except Refusal as refusal:
        return jsonify(title=show.sentence(refusal)), status_of(refusal)
    told, fields = _told(rubric, kept.sheet), _fields(rubric, kept.sheet)
    if kept.done:
        return jsonify(**told, fields=fields), 200
    return jsonify(**told, fields=fields, theirs=fields[change.field]), 409


def _change(rubric: Rubric) -> Change:
    name = request.form.get("field", "")
    before, after = request.form.get("before", ""), request.form.get("after", "")
    if name in COMMENTS:
        return Change(name, newlines(before), newlines(after))
    criterion = next((c for c in rubric.criteria if c.id == name), None)
    if criterion is None:
        raise Invalid("The rubric has no criterion “%(criterion)s”.", criterion=name[:40])
    known: Value
    try:
        known = read_mark(criterion, before)
    except Invalid:
        known = before  # equal to nothing that is kept
    return Change(name, known, read_mark(criterion, after))


def _fields(rubric: Rubric, sheet: SheetView) -> dict[str, str]:
    """Return marks and comments as the page's fields hold them."""
    marks = {c.id: show.decimal(sheet.marks[c.id]) if c.id in sheet.marks else "" for c in rubric.criteria}
    return {**marks, "comment_team": sheet.comment_team, "comment_private": sheet.comment_private}


def _told(rubric: Rubric, sheet: SheetView) -> dict[str, object]:
    left = len(missing(rubric, sheet.marks))
    return {
        "version": sheet.version,
        "total": show.decimal(total(rubric, sheet.marks)),
        "left": ngettext("%(num)s criterion left", "%(num)s criteria left", left)
        if left
        else _("Every criterion marked"),
        "saved": "" if sheet.updated_at is None else _("saved at %(time)s", time=show.hour(sheet.updated_at)),
    }
