"""A challenge's public board, as a page, as JSON, as CSV: read from its snapshot and nothing else."""

import csv
import io
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.queries import Board, Primary, board, board_version, primary, secondary
from datathon.web import show
from datathon.web.guards import anyone, guarded, the_challenge, the_edition
from datathon.web.house import read_db
from datathon.web.paging import leaf
from datathon.web.public.answers import reader, standing
from datathon.web.public.brackets import EVERYTHING, Sieve, asked, within
from datathon.web.public.certainty import Certainty, certainty_of
from datathon.web.public.door import blueprint
from datathon.web.public.own_line import own_line
from datathon.web.spoken import spoken

PER_PAGE = 25
FIELDS = ("rank", "team", "score", "submissions", "interval_low", "interval_high", "tied", "kind")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board; ``kind`` is team, baseline or out_of_competition; ``own`` marks the asker's team.

    ``inside`` is the rank among the teams of the bracket that was asked for.
    """

    rank: int | None
    team: str
    slug: str | None
    town: str
    score: float
    submissions: int
    kind: str
    best_at: datetime | None
    own: bool
    others: Mapping[str, float | None]
    interval: tuple[int, int] | None = None
    inside: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What was announced of a rescoring, in the reader's language where it was written in it."""

    at: datetime
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Everything the page shows. ``own`` is the asker's row, pinned above the others; ``behind`` its distance to the rank above.

    ``everybody`` has the rows of all pages. ``own_page`` is the page where that row stands, 0 where that is not said. ``sieve`` is what was looked for, ``found`` the
    number of lines; ``unranked`` teams that left the board, each with its status.
    """

    edition: Edition
    challenge: Challenge
    metric: Primary
    others: tuple[Primary, ...]
    as_of: datetime | None
    frozen: bool
    veiled: bool
    rows: tuple[Row, ...]
    own: Row | None
    behind: float | None
    finding: str
    leaders: tuple[Row, ...]
    second: Row | None
    gap: float
    page: int
    pages: int
    everybody: tuple[Row, ...]
    unranked: tuple[tuple[str, str], ...]
    own_page: int
    sieve: Sieve
    found: int
    searchable: bool
    rescoring: bool
    notes: tuple[Note, ...]
    certainty: Certainty
    masked: bool

    @property
    def live(self) -> bool:
        """Whether the table may change while somebody reads it, and so looks again by itself."""
        return not self.frozen

    @property
    def together(self) -> str:
        """How many teams cannot be told apart from the first, as a word; "" where it is alone or nothing is known."""
        return show.spelled(self.certainty.together) if self.certainty.together > 1 else ""

    @property
    def spoken(self) -> int:
        """Decimals that a sentence needs: four, or all of them where four hide the gap."""
        return min(4, self.metric.decimals) if self.gap >= 0.0001 or self.second is None else self.metric.decimals


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard")
@guarded(anyone)
def leaderboard(edition: str, challenge: str) -> Response:
    """Show the board, 25 rows a page."""
    del edition, challenge
    number, sieve = request.args.get("page", 1, type=int), asked(the_edition())

    def write() -> str:
        page = board_page(the_edition(), the_challenge(), read_board(), own_line(), number=number, sieve=sieve)
        return render_template("public/leaderboard.html", page=page)

    return standing(write, mimetype="text/html", facts=("html", facts(), number, sieve, reader()))


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard.json")
@guarded(anyone)
def leaderboard_json(edition: str, challenge: str) -> Response:
    """Give the board to programs."""
    del edition, challenge

    def write() -> str:
        return json.dumps(payload_of(read_board(), primary(the_challenge())), ensure_ascii=False)

    return standing(write, mimetype="application/json", facts=("json", facts()))


@blueprint.get("/e/<edition>/c/<challenge>/leaderboard.csv")
@guarded(anyone)
def leaderboard_csv(edition: str, challenge: str) -> Response:
    """Give the board to spreadsheets."""
    del edition

    def write() -> str:
        return as_csv(payload_of(read_board(), primary(the_challenge())))

    answer = standing(write, mimetype="text/csv", facts=("csv", facts()))
    answer.headers["Content-Disposition"] = f'attachment; filename="{challenge}-leaderboard.csv"'
    return answer


def facts() -> tuple[object, ...]:
    """Return what the board's content depends on, without reading the content."""
    if not the_challenge().takes_predictions:
        raise NotFound("This challenge has no leaderboard: a jury grades its prototypes.")
    with read_db() as db:
        return (the_edition().id, the_challenge().id, board_version(db, the_edition(), the_challenge()))


def read_board() -> Board | None:
    """Return the board of the present address, None before its first score."""
    with read_db() as db:
        return board(db, the_edition(), the_challenge())


def payload_of(shown: Board | None, metric: Primary) -> Mapping[str, Any]:
    """Return the object of leaderboard.json, without rows before the first score."""
    if shown is not None:
        return shown.payload
    return {
        "as_of": None,
        "part": "public",
        "metric": metric.name,
        "direction": metric.direction,
        "decimals": metric.decimals,
        "frozen": False,
        "rows": [],
    }


def as_csv(payload: Mapping[str, Any]) -> str:
    """Return the rows of a board as CSV; tied teams are separated by semicolons.

    After ``FIELDS`` comes a column for each other metric, called as it is ("metric_" before the name of one of the fields).
    """
    others = [other["name"] for other in payload.get("others", ())]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*FIELDS, *(inert(f"metric_{name}" if name in FIELDS else name) for name in others)))
    for row in payload["rows"]:
        low, high = row["interval"] or ("", "")
        writer.writerow(
            (
                row["rank"] or "",
                inert(row["team"]),
                row["score"],
                row["submissions"],
                low,
                high,
                ";".join(inert(team) for team in row["tied"]),
                row["kind"],
                *(row["others"][name] for name in others),
            )
        )
    return out.getvalue()


def inert(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name


def board_page(
    edition: Edition,
    challenge: Challenge,
    shown: Board | None,
    slug: str | None,
    *,
    number: int,
    sieve: Sieve = EVERYTHING,
) -> BoardPage:
    """Return page ``number`` (from 1) of a board for the team that it calls ``slug``, of the lines that ``sieve`` lets through."""
    metric = primary(challenge)
    payload = payload_of(shown, metric)
    rows = tuple(_row(row, slug, inside) for row, inside in within(payload["rows"], sieve.bracket))
    ranked = [row for row in rows if row.kind == "team"]
    found = tuple(row for row in rows if folded(sieve.wanted) in folded(row.team))
    shown_rows = leaf(found, number, per_page=PER_PAGE)
    first = ranked[0].rank if ranked and sieve.bracket is not None else 1
    leaders = tuple(row for row in ranked if row.rank == first)
    second = next((row for row in ranked if row.rank != first), None)
    own = next((row for row in rows if row.own), None)
    return BoardPage(
        edition=edition,
        challenge=challenge,
        metric=metric,
        others=secondary(challenge),
        as_of=None if shown is None else shown.as_of,
        frozen=shown is not None and shown.frozen,
        veiled=bool(shown is not None and shown.frozen and shown.payload.get("veiled")),
        rows=shown_rows.items,
        own=own,
        behind=_behind(own, ranked),
        finding=_finding(leaders, second),
        leaders=leaders,
        second=second,
        gap=abs(leaders[0].score - second.score) if leaders and second else 0.0,
        page=shown_rows.page,
        pages=shown_rows.pages,
        unranked=tuple((spoken(row["team"]), row["reason"]) for row in payload_of(shown, metric).get("unranked", ())),
        everybody=rows,
        own_page=0 if own is None or sieve.wanted else rows.index(own) // PER_PAGE + 1,
        sieve=sieve,
        found=len(found),
        searchable=bool(sieve.wanted) or len(rows) > PER_PAGE,
        rescoring=bool(payload.get("rescoring")),
        notes=tuple(_note(note) for note in payload.get("notes", ())),
        # What is found of a search does not stand side by side, and a board of several pages must stay light.
        masked=bool(payload.get("masked")),
        certainty=certainty_of(payload, brackets=sieve == EVERYTHING and shown_rows.pages == 1),
    )


def folded(name: str) -> str:
    """Return a name without accents and case, as people type it into a search field."""
    split = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def _note(note: Mapping[str, Any]) -> Note:
    wanted = show.language() if note.get(show.language()) else ("fr" if note.get("fr") else "en")
    return Note(datetime.fromisoformat(note["at"]), wanted, note[wanted])


def _row(row: Mapping[str, Any], own: str | None, inside: int | None) -> Row:
    at = row.get("best_at")
    return Row(
        rank=row["rank"],
        team=spoken(row["team"]),
        slug=row.get("slug"),
        town=str(row.get("town") or ""),
        score=row["score"],
        submissions=row["submissions"],
        kind=row["kind"],
        best_at=None if at is None else datetime.fromisoformat(at),
        own=own is not None and row.get("slug") == own,
        others=row.get("others", {}),
        inside=inside,
        interval=None if row["interval"] is None else (row["interval"][0], row["interval"][1]),
    )


def _behind(own: Row | None, ranked: list[Row]) -> float | None:
    """Return how far the own score is from the next better rank; None for the first rank and for nobody."""
    if own is None or own.rank is None:
        return None
    better = [row for row in ranked if row.rank is not None and row.rank < own.rank]
    return abs(better[-1].score - own.score) if better else None


def _finding(leaders: tuple[Row, ...], second: Row | None) -> str:
    if not leaders:
        return "empty"
    if len(leaders) > 1:
        return "shared"
    return "alone" if second is None else "leader"
