"""The boards as they would be without a freeze, beside what everybody sees. For organisers; public parts only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request
from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.queries import Primary, board, primary
from datathon.leaderboard.snapshot import live_content
from datathon.leaderboard.teams_shown import teams_now, teams_shown
from datathon.leaderboard.veil import veiled_since
from datathon.web.guards import NOWHERE, guarded, organiser, scope, the_challenge, the_edition
from datathon.web.house import now, read_db
from datathon.web.organiser.views import blueprint
from datathon.web.paging import Leaf, leaf

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the live board. ``public`` is the rank everybody sees, None where everybody sees none.

    ``alias`` is the name everybody sees where it is another one; ``reason`` says why a team left the live board.
    """

    rank: int | None
    team: str
    alias: str
    kind: str
    score: float | None
    submissions: int
    public: int | None
    reason: str = ""

    @property
    def moved(self) -> bool:
        """Whether everybody sees another rank, or none."""
        return self.rank != self.public


@dataclass(frozen=True, slots=True)
class LivePage:
    """Everything the page shows; ``moved`` counts the ranks that everybody sees otherwise."""

    edition: Edition
    challenge: Challenge
    metric: Primary
    veiled: bool
    shown: Leaf[Line]
    moved: int


@blueprint.get("/<edition>/boards")
@guarded(organiser)
def boards(edition: str) -> str:
    """Show the live board of the first challenge that has one."""
    del edition
    challenge = next((c for c in the_edition().challenges if c.takes_predictions), None)
    if challenge is None:
        raise NotFound("This challenge has no leaderboard: a jury grades its prototypes.")
    return _show(challenge)


@blueprint.get("/<edition>/boards/<challenge>")
@guarded(organiser)
def live_board(edition: str, challenge: str) -> str:
    """Show the live board of a challenge."""
    del edition, challenge
    if not the_challenge().takes_predictions:
        raise NotFound(NOWHERE)
    return _show(the_challenge())


def _show(challenge: Challenge) -> str:
    with read_db() as db:
        page = live_page(db, the_edition(), challenge, number=request.args.get("page", 1, type=int))
    return render_template("organiser/board.html", page=page)


def live_page(db: Session, edition: Edition, challenge: Challenge, *, number: int) -> LivePage:
    """Return page ``number`` (from 1) of the live board."""
    since = veiled_since(db, edition, scope().windows, now=now())
    shown = board(db, edition, challenge)
    seen = {} if shown is None else {row["slug"]: row["rank"] for row in shown.payload["rows"] if row["slug"]}
    public = teams_shown(db, edition, since=since)
    aliases = {team.slug: public[key] for key, team in teams_now(db, edition.id).items()}
    content = live_content(db, edition, challenge, now=now())
    lines = [_line(row, aliases, seen) for row in content["rows"]]
    by_name = {team.name: team.slug for team in teams_now(db, edition.id).values()}
    for one in content["unranked"]:
        row = {
            "rank": None,
            "team": one["team"],
            "slug": by_name[one["team"]],
            "kind": "gone",
            "score": None,
            "submissions": 0,
        }
        lines.append(replace(_line(row, aliases, seen), reason=one["reason"]))
    return LivePage(
        edition,
        challenge,
        primary(challenge),
        since is not None,
        leaf(lines, number, per_page=PER_PAGE),
        sum(line.moved for line in lines),
    )


def _line(row: Mapping[str, Any], aliases: Mapping[str, Any], seen: Mapping[str, int | None]) -> Line:
    alias = aliases.get(row["slug"] or "")
    return Line(
        rank=row["rank"],
        team=row["team"],
        alias="" if alias is None or alias.name == row["team"] else alias.name,
        kind=row["kind"],
        score=row["score"],
        submissions=row["submissions"],
        public=None if alias is None else seen.get(alias.slug),
    )
