"""How sure the order of each metric is on the hidden rows, beside a published ranking and on a page of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from datathon.editions.rules import Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.intervals import lay
from datathon.publication.certainty import metric_rows, with_certainty
from datathon.publication.queries import latest
from datathon.web import show
from datathon.web.guards import anyone, guarded, scope, the_edition
from datathon.web.house import read_db
from datathon.web.paging import leaf
from datathon.web.public.certainty import Certainty, certainty_of
from datathon.web.public.door import blueprint

PER_PAGE = 25
BRIEF = 8
"""Teams that the results page itself shows."""


@dataclass(frozen=True, slots=True)
class SureLine:
    """One ranked team by the metric alone; ``first`` and ``podium`` are shares of the draws in words, "" without."""

    rank: int
    team: str
    slug: str
    score: float
    own: bool
    interval: tuple[int, int] | None
    first: str
    podium: str
    tied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SurePart:
    """The certainty of one metric's order. ``more`` tells that further teams stand on the page of its own."""

    component: str
    metric: str
    decimals: int
    direction: str
    certainty: Certainty
    finding: str
    lines: tuple[SureLine, ...]
    page: int
    pages: int
    more: bool


@dataclass(frozen=True, slots=True)
class SurePage:
    """The page of one metric."""

    edition: Edition
    part: SurePart


@blueprint.get("/e/<edition>/results/certainty/<component>")
@guarded(anyone)
def results_certainty(edition: str, component: str) -> str:
    """Show how sure the order of one metric is, every team."""
    with read_db() as db:
        published = latest(db, edition)
        found = None if published is None else with_certainty(db, the_edition(), published).results
    if found is None or component not in found.get("intervals", {}):
        raise NotFound("The results of this edition are not published yet.")
    own = scope().own_team
    part = sure_part(
        found, component, own=None if own is None else own.slug, number=request.args.get("page", 1, type=int)
    )
    return render_template("public/results_certainty.html", page=SurePage(the_edition(), part))


def sure_parts(results: Mapping[str, Any], *, own: str | None) -> tuple[SurePart, ...]:
    """Return what the results page shows of every metric: the first of its teams, or why there is nothing."""
    return tuple(
        sure_part(results, component, own=own, number=1, per_page=BRIEF) for component in results.get("intervals", {})
    )


def sure_part(
    results: Mapping[str, Any], component: str, *, own: str | None, number: int, per_page: int = PER_PAGE
) -> SurePart:
    """Return page ``number`` (from 1) of one metric's certainty."""
    rows, said = metric_rows(results, component), results["intervals"][component]
    known = lay(rows, said)
    certainty = certainty_of({"rows": rows, "intervals": known}, brackets=len(rows) <= per_page)
    described = next(c for c in results["components"] if c["id"] == component)
    lines = tuple(_line(row, own) for row in rows) if certainty.ready else ()
    shown = leaf(lines, number, per_page=per_page)
    return SurePart(
        component=component,
        metric=described["metric"],
        decimals=described["metric_decimals"],
        direction=described["direction"],
        certainty=certainty,
        finding=_finding(lines, certainty),
        lines=shown.items,
        page=shown.page,
        pages=shown.pages,
        more=len(lines) > len(shown.items),
    )


def _line(row: Mapping[str, Any], own: str | None) -> SureLine:
    interval = row["interval"]
    return SureLine(
        rank=row["rank"],
        team=row["team"],
        slug=row["slug"],
        score=row["score"],
        own=row["slug"] == own,
        interval=None if interval is None else (interval[0], interval[1]),
        first=_share(row.get("p_first")),
        podium=_share(row.get("p_podium")),
        tied=tuple(row.get("tied", ())),
    )


def _share(value: float | None) -> str:
    """Return a share of the draws in words: neither never nor always is rounded to."""
    if value is None:
        return ""
    if 0 < value < 0.01:
        return _("under %(share)s", share=show.percent(1))
    if 0.99 < value < 1:
        return _("over %(share)s", share=show.percent(99))
    return show.percent(100 * value)


def _finding(lines: tuple[SureLine, ...], certainty: Certainty) -> str:
    if not lines:
        return ""
    if certainty.together > 1:
        return _(
            "%(count)s teams cannot be told apart at the top of the metric: other rows of the same kind could have put another of them first.",
            count=show.spelled(certainty.together),
        )
    if len(lines) > 1 and lines[0].rank == lines[1].rank:
        return _("The first are equal on the metric.")
    return _("On the metric, %(team)s is ahead by more than the noise of the measurement.", team=lines[0].team)
