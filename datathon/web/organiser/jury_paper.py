"""Sheets on paper: grids to print, and typing in what jurors wrote."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from datathon.jury.grid import read_mark
from datathon.jury.queries import graded_teams, matrix, rubric_of
from datathon.jury.type_in import Paper, type_in, typed_sheets
from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, scope, the_edition, the_person
from datathon.web.house import now, read_db, write_db
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of the jury or a prototype to choose from."""

    key: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MarkField:
    """One criterion to type: its number and title, what was typed, why it does not fit."""

    id: str
    number: int
    title: str
    maximum: float
    typed: str
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/paper")
@guarded(organiser)
def paper(edition: str) -> str:
    """Show the form that takes one sheet of paper, and what was typed so far."""
    del edition
    return _page(None)


@blueprint.post("/<edition>/jury/paper")
@guarded(organiser)
def type_paper(edition: str) -> Answer | tuple[str, int]:
    """Submit a sheet on behalf of the juror who wrote it; a refused one is shown again as it was typed."""
    try:
        sheet = _read()
        with write_db() as db:
            type_in(
                db,
                edition=the_edition(),
                windows=scope().windows,
                organiser_id=the_person().id,
                paper=sheet,
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _page(refusal), status_of(refusal)
    flash(_("Sheet recorded. Its juror is asked to confirm it."), "done")
    return redirect(url_for("organiser.paper", edition=edition), 303)


def _read() -> Paper:
    rubric = rubric_of(the_edition())
    marks = {c.id: read_mark(c, request.form.get(f"mark-{c.id}", "")) for c in rubric.criteria}
    return Paper(
        _key("juror"),
        _key("prototype"),
        {name: mark for name, mark in marks.items() if mark is not None},
        request.form.get("comment_team", "").replace("\r\n", "\n").strip(),
        request.form.get("reason", ""),
    )


def _key(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise Invalid("Choose the member of the jury and the prototype.", field=name) from None


def _page(refusal: Refusal | None) -> str:
    rubric = rubric_of(the_edition())
    typed = request.form
    with read_db() as db:
        found = matrix(db, the_edition())
        lines = typed_sheets(db, the_edition())
    page = {
        "edition": the_edition(),
        "closed_at": found.closed_at,
        "jurors": [Choice(str(j.juror_id), j.name, typed.get("juror") == str(j.juror_id)) for j in found.jurors],
        "teams": [
            Choice(str(t.team_id), f"{t.prototype} ({t.name})", typed.get("prototype") == str(t.team_id))
            for t in found.teams
        ],
        "fields": [
            MarkField(
                c.id,
                n,
                show.text(c.title),
                c.maximum,
                typed.get(f"mark-{c.id}", ""),
                refusal if refusal is not None and refusal.field == c.id else None,
            )
            for n, c in enumerate(rubric.criteria, start=1)
        ],
        "comment": typed.get("comment_team", ""),
        "reason": typed.get("reason", ""),
        "refusal": refusal,
        "lines": lines,
    }
    return render_template("organiser/paper.html", page=page)


@blueprint.get("/<edition>/jury/paper/print")
@guarded(organiser)
def print_grids(edition: str) -> str:
    """Show an empty grid for each prototype, one to a page when printed."""
    del edition
    rubric = rubric_of(the_edition())
    with read_db() as db:
        teams = graded_teams(db, the_edition())
    return render_template(
        "organiser/paper_print.html", page={"edition": the_edition(), "teams": teams, "rubric": rubric}
    )
