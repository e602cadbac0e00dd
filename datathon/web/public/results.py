"""The final ranking, from the announcement on: as a page and as results.json."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _

from datathon.editions.rules import Edition, PhaseKind, Window
from datathon.kernel.errors import NotFound
from datathon.publication.certainty import with_certainty
from datathon.publication.decided import order_of
from datathon.publication.minutes import announced_minutes
from datathon.publication.queries import REASONS, Publication, publications
from datathon.web import show
from datathon.web.compared_words import Compared, by_pairs_says, compared_of, counts_pairs
from datathon.web.guards import NOWHERE, anyone, guarded, scope, the_edition
from datathon.web.house import read_db
from datathon.web.paging import leaf
from datathon.web.public.answers import kept
from datathon.web.public.corrections import Change, changes_of
from datathon.web.public.door import blueprint
from datathon.web.public.results_certainty import SurePart, sure_parts
from datathon.web.public.verify_page import corrected_says, results_file, scales_say, scheme_says
from datathon.web.vote_count import VoteCount, vote_count

PER_PAGE = 20
DRAWN = 8
"""Teams drawn as bars; the table beside lists every one."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one component adds to a total, drawn from ``x`` percent on in the tint of its kind."""

    component: str
    points: float
    x: float
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A ranked team; ``y`` places its bar in the drawing, in pixels."""

    rank: int
    team: str
    slug: str
    parts: tuple[Part, ...]
    total: float
    shared: bool
    own: bool
    y: int
    computed: int = 0
    decision: str = ""

    @property
    def label_x(self) -> float:
        """Where the total is written, in percent: at the end of its bar, clear of the team's name."""
        return round(max(self.total, 45.0), 2)


@dataclass(frozen=True, slots=True)
class Unranked:
    """A team without a rank, and why in words."""

    team: str
    slug: str
    status: str
    reason: str
    jury: float | None
    total: float | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A component of the ranking with its share in percent and, for a metric, the values worth 0 and 100 points."""

    id: str
    kind: str
    share: int
    challenge: str
    metric: str
    direction: str | None
    baseline: float | None
    target: float | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Severity:
    """A ranked team's jury score on 0 to 100: the raw mean and what an average member would have given."""

    team: str
    raw: float
    fair: float


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Everything the page shows after the announcement. ``rank`` of a line is the one that holds, ``computed`` beside it."""

    edition: Edition
    version: int
    published_at: datetime
    correction: str
    anchors: tuple[Anchor, ...]
    lines: tuple[Line, ...]
    drawn: tuple[Line, ...]
    height: int
    laureates: tuple[Line, ...]
    runner_up: Line | None
    unranked: tuple[Unranked, ...]
    digest: str
    inputs: tuple[tuple[str, str], ...]
    scales: str
    scheme: str
    corrected: str
    severity: tuple[Severity, ...]
    awards: tuple[tuple[str, str], ...]
    sure: tuple[SurePart, ...]
    changes: tuple[Change, ...]
    versions: tuple[Publication, ...]
    minutes: bool
    vote: VoteCount | None
    compared: Compared | None
    by_pairs: str
    page: int
    pages: int


@blueprint.get("/e/<edition>/results")
@guarded(anyone)
def results(edition: str) -> str:
    """Show the final ranking, or when it will be announced."""
    with read_db() as db:
        known = publications(db, edition)
        published = _asked(known)
        published = None if published is None else with_certainty(db, the_edition(), published)
        minutes = announced_minutes(db, edition)
    if published is None:
        return render_template(
            "public/results_waiting.html", edition=the_edition(), opens=announced_at(scope().windows)
        )
    number = request.args.get("page", 1, type=int)
    own = scope().own_team
    page = results_page(the_edition(), published, known, own=None if own is None else own.slug, number=number)
    page = replace(page, minutes=minutes is not None and bool(minutes.public))
    return render_template("public/results.html", page=page)


@blueprint.get("/e/<edition>/results.json")
@guarded(anyone)
def results_json(edition: str) -> Response:
    """Give all that anybody needs to compute the published ranking again."""
    with read_db() as db:
        published = _asked(publications(db, edition))
        published = None if published is None else with_certainty(db, the_edition(), published)
    if published is None:
        raise NotFound("The results of this edition are not published yet.")
    known = [(name, one["state"]) for name, one in published.results.get("intervals", {}).items()]

    def write() -> bytes:
        return results_file(published)

    return kept(write, mimetype="application/json", facts=(edition, published.version, published.published_at, known))


def _asked(known: tuple[Publication, ...]) -> Publication | None:
    """Return the version that the address asks for, the one that holds by default; None before the announcement."""
    asked = request.args.get("version")
    if not known or asked is None:
        return next(iter(known), None)
    found = next((p for p in known if str(p.version) == asked), None)
    if found is None:
        raise NotFound(NOWHERE)
    return found


def announced_at(windows: tuple[Window, ...]) -> datetime | None:
    """Return when the announcement is planned; None where the calendar has none."""
    return next((w.opens for w in windows if w.phase.kind is PhaseKind.ANNOUNCEMENT), None)


def results_page(
    edition: Edition, published: Publication, known: tuple[Publication, ...], *, own: str | None, number: int
) -> ResultsPage:
    """Return page ``number`` (from 1) of a published ranking; ``known`` has every version, the newest first."""
    found = published.results
    names = {team["id"]: team["name"] for team in found["teams"]}
    kinds = {c["id"]: c["kind"] for c in found["components"]}
    order, rows = order_of(found), {row["team"]: row for row in found["ranking"]}
    reasons = {item["team"]: item["reason"] for item in found.get("decided", []) if "rank" in item}
    lines = tuple(
        replace(_line(rows[team], names, kinds, own, place), rank=rank, computed=rows[team]["rank"])
        for place, (team, rank) in enumerate(order.items())
    )
    lines = tuple(replace(line, decision=reasons.get(line.slug, "")) for line in lines)
    shown = leaf(lines, number, per_page=PER_PAGE)
    laureates = tuple(line for line in lines if line.rank == 1)
    runner_up = next((line for line in lines if line.rank != 1), None)
    drawn = lines[:DRAWN]
    return ResultsPage(
        edition=edition,
        version=published.version,
        published_at=published.published_at,
        correction=published.reason,
        anchors=_anchors(found["components"]),
        lines=shown.items,
        drawn=drawn,
        height=len(drawn) * STEP,
        laureates=laureates,
        runner_up=runner_up,
        unranked=tuple(_unranked(team) for team in found["teams"] if team["status"] != "ranked"),
        digest=str(found.get("digest", "")),
        inputs=tuple(
            (str(name), str(digest)) for name, digest in found.get("inputs", {}).items() if "/submissions/" not in name
        ),
        scales=scales_say(found),
        scheme=scheme_says(str(found.get("scheme", "fixed"))),
        corrected=corrected_says(found),
        severity=tuple(
            Severity(names[row["team"]], row["jury_raw"], min(max(row["jury_fair"], 0.0), 100.0))
            for row in leaf(found["ranking"], number, per_page=PER_PAGE).items
            if "jury_fair" in row
        ),
        awards=tuple((_award(a), names.get(a["team"]) or _("withheld")) for a in found.get("awards", [])),
        sure=sure_parts(found, own=own),
        changes=changes_of(known, published.version),
        versions=known,
        minutes=False,
        vote=vote_count(found),
        compared=compared_of(found),
        by_pairs=by_pairs_says() if counts_pairs(found) else "",
        page=shown.page,
        pages=shown.pages,
    )


STEP = 56


def _award(award: Mapping[str, Any]) -> str:
    title = award["title"]
    return title if isinstance(title, str) else show.text(title)


def _line(
    row: Mapping[str, Any], names: Mapping[str, str], kinds: Mapping[str, str], own: str | None, place: int
) -> Line:
    parts, x = [], 0.0
    for component, points in row.get("contributions", {}).items():
        parts.append(Part(component, points, round(x, 3), kinds.get(component, "")))
        x += points
    return Line(
        rank=row["rank"],
        team=names[row["team"]],
        slug=row["team"],
        parts=tuple(parts),
        total=row["total"],
        shared=bool(row.get("shared")),
        own=row["team"] == own,
        y=place * STEP,
    )


def _unranked(team: Mapping[str, Any]) -> Unranked:
    reason = REASONS.get(str(team.get("reason", "")), "")
    return Unranked(
        team["name"], team["id"], team["status"], _(reason) if reason else "", team.get("jury"), team.get("total")
    )


def _anchors(components: list[Mapping[str, Any]]) -> tuple[Anchor, ...]:
    whole = sum(c["weight"] for c in components) or 1
    return tuple(
        Anchor(
            id=c["id"],
            kind=c["kind"],
            share=round(100 * c["weight"] / whole),
            challenge=c.get("challenge", ""),
            metric=c.get("metric", ""),
            direction=c.get("direction"),
            baseline=c.get("baseline"),
            target=c.get("target"),
            threshold=c.get("threshold"),
        )
        for c in components
    )
