"""From the public board to the values that decided: who moved, as a chart of slopes and as a table. After the publication."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.queries import board
from datathon.leaderboard.rules import shared_ranks
from datathon.publication.certainty import metric_rows
from datathon.publication.queries import latest
from datathon.web.guards import anyone, guarded, scope, the_edition
from datathon.web.house import read_db
from datathon.web.paging import leaf
from datathon.web.public.door import blueprint

PER_PAGE, DRAWN = 25, 20
STEP, TOP = 26, 34
"""Height of a place in the chart and the room above the first one, in pixels."""
NAME = 20
"""Longest name that the chart writes; the table has the whole one."""


@dataclass(frozen=True, slots=True)
class Move:
    """A team's place on the public board and by the final value, both among the teams that have both."""

    team: str
    slug: str
    public: float
    final: float
    before: int
    after: int
    own: bool

    @property
    def gained(self) -> int:
        """Places gained; negative where they were lost."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Slope:
    """A line of the chart, from the place on the left (``y1``, pixels) to the one on the right; ``name`` cut to fit."""

    move: Move
    y1: int
    y2: int
    name: str


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Everything the page shows; ``slopes`` draw the first teams of the final order, ``stayed`` counts who did not move."""

    edition: Edition
    challenge: Challenge
    metric: str
    decimals: int
    moves: tuple[Move, ...]
    slopes: tuple[Slope, ...]
    height: int
    count: int
    stayed: int
    largest: Move | None
    page: int
    pages: int


@blueprint.get("/e/<edition>/results/movement/<component>")
@guarded(anyone)
def movement(edition: str, component: str) -> str:
    """Show how the order of one metric moved from the public rows to the hidden ones."""
    del edition
    own = scope().own_team
    with read_db() as db:
        page = movement_page(
            db,
            the_edition(),
            component,
            own=None if own is None else own.slug,
            number=request.args.get("page", 1, type=int),
        )
    if page is None:
        raise NotFound("The results of this edition are not published yet.")
    return render_template("public/movement.html", page=page)


def metric_of(results: Mapping[str, Any], component: str) -> Mapping[str, Any] | None:
    """Return a published metric component, None where there is no such one."""
    return next((c for c in results.get("components", ()) if c["id"] == component and c["kind"] == "metric"), None)


def movement_page(
    db: Session, edition: Edition, component: str, *, own: str | None, number: int
) -> MovementPage | None:
    """Return page ``number`` (from 1), None before the publication and for what is no published metric."""
    published = latest(db, edition.id)
    part = None if published is None else metric_of(published.results, component)
    challenge = None if part is None else edition.challenge(part["challenge"])
    if published is None or part is None or challenge is None:
        return None
    shown = board(db, edition, challenge)
    moves = moves_of(() if shown is None else shown.payload["rows"], metric_rows(published.results, component), own=own)
    sheet = leaf(moves, number, per_page=PER_PAGE)
    slopes, height = slopes_of(moves[:DRAWN])
    return MovementPage(
        edition=edition,
        challenge=challenge,
        metric=part.get("metric") or challenge.metrics[0].name,
        decimals=part.get("metric_decimals", challenge.metrics[0].decimals),
        moves=sheet.items,
        slopes=slopes,
        height=height,
        count=len(moves),
        stayed=sum(move.gained == 0 for move in moves),
        largest=max((move for move in moves if move.gained), key=lambda move: abs(move.gained), default=None),
        page=sheet.page,
        pages=sheet.pages,
    )


def moves_of(board_rows: Any, final_rows: list[dict[str, Any]], *, own: str | None = None) -> tuple[Move, ...]:
    """Return the teams of both boards in the final order, with their places among themselves."""
    seen = {row["slug"]: row for row in board_rows if row["rank"] is not None}
    both = [row for row in final_rows if row["slug"] in seen]
    before = shared_ranks([(float(seen[row["slug"]]["rank"]),) for row in both])
    after = shared_ranks([(float(row["rank"]),) for row in both])
    return tuple(
        Move(
            team=row["team"],
            slug=row["slug"],
            public=seen[row["slug"]]["score"],
            final=row["score"],
            before=one,
            after=two,
            own=row["slug"] == own,
        )
        for row, one, two in zip(both, before, after, strict=True)
    )


def slopes_of(moves: tuple[Move, ...]) -> tuple[tuple[Slope, ...], int]:
    """Return the lines of the chart and its height: each side lists these teams in its own order, none over another."""
    left = sorted(moves, key=lambda move: (move.before, move.after, move.team))
    places = {move.slug: number for number, move in enumerate(left)}
    slopes = tuple(
        Slope(move, TOP + STEP * places[move.slug], TOP + STEP * number, _cut(move.team))
        for number, move in enumerate(moves)
    )
    return slopes, TOP + STEP * len(moves)


def _cut(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"
