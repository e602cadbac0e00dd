"""Boards of several challenges, of a track or of the whole edition: as a page, as JSON, as CSV, from their snapshots."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from datathon.editions.groups import Track
from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.combined import CLIPPED, Combination, combination, combined_board, combined_version
from datathon.leaderboard.queries import Board
from datathon.web.guards import NOWHERE, anyone, guarded, the_edition
from datathon.web.house import read_db
from datathon.web.paging import leaf
from datathon.web.public.answers import reader, standing
from datathon.web.public.brackets import Sieve, asked, within
from datathon.web.public.door import blueprint
from datathon.web.public.leaderboard import PER_PAGE, folded, inert
from datathon.web.public.own_line import own_line
from datathon.web.spoken import spoken

FIELDS = ("rank", "team", "score", "kind")
COLUMNS, CELLS = 4, 120
"""Challenges whose points the page shows beside the total: four, or more where few teams leave room for that many cells."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``points`` by component from 0 to 100, ``inside`` the rank within the bracket that was asked for.

    ``best_at`` is the latest instant at which one of its scores became better, None on boards written before it was kept.
    """

    rank: int | None
    inside: int | None
    team: str
    kind: str
    score: float
    points: Mapping[str, float]
    own: bool
    slug: str = ""
    best_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A challenge that counts: its share of the total in percent, its anchors; ``beyond`` warns that they fit badly."""

    id: str
    challenge: Challenge
    share: int
    baseline: float | None
    target: float | None
    decimals: int
    beyond: int


@dataclass(frozen=True, slots=True)
class CombinedPage:
    """Everything the page shows; ``incomplete`` are teams without a score in every challenge, with what they lack.

    ``columns`` are the parts that have a column of points, ``everybody`` the rows of all pages.
    """

    edition: Edition
    one: Combination
    parts: tuple[Part, ...]
    columns: tuple[Part, ...]
    as_of: datetime | None
    frozen: bool
    veiled: bool
    rows: tuple[Line, ...]
    everybody: tuple[Line, ...]
    own: Line | None
    leaders: tuple[Line, ...]
    incomplete: tuple[tuple[str, tuple[Challenge, ...]], ...]
    unranked: tuple[tuple[str, str], ...]
    page: int
    pages: int
    sieve: Sieve
    found: int
    searchable: bool
    decimals: int
    masked: bool


@blueprint.get("/e/<edition>/leaderboard")
@guarded(anyone)
def edition_board(edition: str) -> Answer:
    """Show the board of the whole edition; of an edition with one board that one."""
    only = _only()
    if only is not None:
        return redirect(url_for("public.leaderboard", edition=edition, challenge=only.id), 303)
    return _page(the_combination(None))


@blueprint.get("/e/<edition>/leaderboard.<kind>")
@guarded(anyone)
def edition_file(edition: str, kind: str) -> Response:
    """Give the board of the whole edition to programs or spreadsheets."""
    del edition
    return _file(the_combination(None), kind)


@blueprint.get("/e/<edition>/tracks/<track>/leaderboard")
@guarded(anyone)
def track_board(edition: str, track: str) -> Response:
    """Show the board of a track."""
    del edition
    return _page(the_combination(the_track(track)))


@blueprint.get("/e/<edition>/tracks/<track>/leaderboard.<kind>")
@guarded(anyone)
def track_file(edition: str, track: str, kind: str) -> Response:
    """Give the board of a track to programs or spreadsheets."""
    del edition
    return _file(the_combination(the_track(track)), kind)


def _only() -> Challenge | None:
    ranking = [challenge for challenge in the_edition().challenges if challenge.takes_predictions]
    return ranking[0] if len(ranking) == 1 else None


def the_track(track_id: str) -> Track:
    """Return a track of the present edition. Raises NotFound where it has none."""
    found = the_edition().track(track_id)
    if found is None:
        raise NotFound(NOWHERE)
    return found


def the_combination(track: Track | None) -> Combination:
    """Return what a board of the present edition is made of. Raises NotFound where it has none."""
    found = combination(the_edition(), track)
    if found is None:
        raise NotFound(NOWHERE)
    return found


def facts_of(one: Combination) -> tuple[object, ...]:
    """Return what a board's content depends on, without reading the content."""
    with read_db() as db:
        return (the_edition().id, one, combined_version(db, the_edition(), one))


def read(one: Combination) -> Board | None:
    """Return a board of the present edition, None before its first score."""
    with read_db() as db:
        return combined_board(db, the_edition(), one)


def _page(one: Combination) -> Response:
    number, sieve = request.args.get("page", 1, type=int), asked(the_edition())

    def write() -> str:
        page = combined_page(the_edition(), one, read(one), own=own_line(), number=number, sieve=sieve)
        return render_template("public/combined.html", page=page)

    return standing(write, mimetype="text/html", facts=("html", facts_of(one), number, sieve, reader()))


def _file(one: Combination, kind: str) -> Response:
    if kind == "json":
        return standing(
            lambda: json.dumps(payload_of(one, read(one)), ensure_ascii=False),
            mimetype="application/json",
            facts=("json", facts_of(one)),
        )
    if kind != "csv":
        raise NotFound(NOWHERE)
    answer = standing(lambda: as_csv(payload_of(one, read(one))), mimetype="text/csv", facts=("csv", facts_of(one)))
    name = the_edition().id if one.track is None else one.track.id
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-leaderboard.csv"'
    return answer


def payload_of(one: Combination, shown: Board | None) -> Mapping[str, Any]:
    """Return the object of leaderboard.json, without rows before the first score."""
    if shown is not None:
        return shown.payload
    return {
        "as_of": None,
        "part": "public",
        "board": "edition" if one.track is None else "track",
        "id": None if one.track is None else one.track.id,
        "scheme": one.plan.scheme,
        "direction": "higher",
        "decimals": one.plan.decimals,
        "frozen": False,
        "components": [],
        "warnings": list(one.warnings),
        "rows": [],
        "incomplete": [],
        "unranked": [],
    }


def as_csv(payload: Mapping[str, Any]) -> str:
    """Return the rows as CSV: ``FIELDS``, then the points of each challenge and its score ("points_", "score_" before its id)."""
    parts = payload["components"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [f"{what}_{part['challenge']}" for part in parts for what in ("points", "score")]
    writer.writerow((*FIELDS, *columns))
    for row in payload["rows"]:
        cells = [row[what][part["id"]] for part in parts for what in ("points", "values")]
        writer.writerow((row["rank"] or "", inert(row["team"]), row["score"], row["kind"], *cells))
    return out.getvalue()


def combined_page(
    edition: Edition, one: Combination, shown: Board | None, *, own: str | None, number: int, sieve: Sieve
) -> CombinedPage:
    """Return page ``number`` (from 1) of a board of several challenges; ``own`` is the slug of the reader's team."""
    payload = payload_of(one, shown)
    rows = [_line(row, inside, own) for row, inside in within(payload["rows"], sieve.bracket)]
    found = [row for row in rows if folded(sieve.wanted) in folded(row.team)]
    sheet = leaf(found, number, per_page=PER_PAGE)
    challenges = {challenge.id: challenge for challenge in edition.challenges}
    parts = _parts(one, payload, challenges)
    return CombinedPage(
        edition=edition,
        one=one,
        parts=parts,
        columns=parts[: max(COLUMNS, CELLS // max(1, len(sheet.items)))],
        as_of=None if shown is None else shown.as_of,
        frozen=shown is not None and shown.frozen,
        veiled=bool(shown is not None and shown.frozen and payload.get("veiled")),
        rows=tuple(sheet.items),
        everybody=tuple(rows),
        own=next((row for row in rows if row.own), None),
        leaders=tuple(row for row in rows if (row.rank if sieve.bracket is None else row.inside) == 1),
        incomplete=tuple(
            (spoken(row["team"]), tuple(challenges[name] for name in row["missing"] if name in challenges))
            for row in payload["incomplete"]
            if sieve.bracket is None or sieve.bracket.id in row.get("brackets", ())
        ),
        unranked=tuple((spoken(row["team"]), row["reason"]) for row in payload["unranked"]),
        page=sheet.page,
        pages=sheet.pages,
        sieve=sieve,
        found=len(found),
        searchable=bool(sieve.wanted) or len(rows) > PER_PAGE,
        decimals=min(2, one.plan.decimals),
        masked=bool(payload.get("masked")),
    )


def _line(row: Mapping[str, Any], inside: int | None, own: str | None) -> Line:
    mine = own is not None and row["slug"] == own
    at = row.get("best_at")
    return Line(
        row["rank"],
        inside,
        spoken(row["team"]),
        row["kind"],
        row["score"],
        row["points"],
        mine,
        row["slug"],
        None if at is None else datetime.fromisoformat(at),
    )


def _parts(one: Combination, payload: Mapping[str, Any], challenges: Mapping[str, Challenge]) -> tuple[Part, ...]:
    said = {part["id"]: part for part in payload["components"]}
    whole = sum(c.weight for c in one.plan.components)
    return tuple(
        Part(
            id=c.id,
            challenge=challenges[c.challenge],
            share=round(100 * c.weight / whole),
            baseline=c.baseline,
            target=c.target,
            decimals=int(said.get(c.id, {}).get("metric_decimals") or 0),
            beyond=_beyond(said.get(c.id, {}).get("outside")),
        )
        for c in one.plan.components
    )


def _beyond(outside: float | None) -> int:
    """Return the percent of scores outside the anchors where they are too many, else 0."""
    return round(100 * outside) if outside is not None and outside > CLIPPED else 0
