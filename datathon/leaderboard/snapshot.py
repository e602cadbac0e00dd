"""Redo a challenge's public board from its standings and keep it when its content changed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import NotFound
from datathon.leaderboard import intervals
from datathon.leaderboard.combined import combine
from datathon.leaderboard.notices import notes, rescoring_due
from datathon.leaderboard.pseudonyms import draw_missing, is_masked
from datathon.leaderboard.queries import Cutoff, Primary, Scored, closed_since, pending, secondary
from datathon.leaderboard.rules import Entry, Kind, Order, Place, board, instant_text, places, quantise
from datathon.leaderboard.standings import Basis, Change, Extent, basis_of, bring_up_to_date, standing_entry
from datathon.leaderboard.tables import BoardSnapshot, Reached, Standing
from datathon.leaderboard.teams_shown import ON_BOARDS, TeamShown, teams_now, teams_shown
from datathon.leaderboard.veil import hold, let_in, veiled_board, veiled_standings
from datathon.scoring.losses import made_by
from datathon.teams.tables import Team

Pair = tuple[Reached, TeamShown | None]
"""What somebody reached, and the team whose it is; None for a baseline."""


def refresh(
    db: Session, edition: Edition, challenge: Challenge, *, now: datetime, change: Change = Extent.EVERYTHING
) -> None:
    """Bring the board of ``challenge`` up to date; a board whose content did not change keeps its version and instant.

    Boards hold public values only. Once submissions closed, or a freeze began, what came later does not count; the board
    is called frozen when nothing that came before still waits for its score. ``change`` says what happened since the last
    time; where the rules, the version shown or the closing changed too, everything is computed again.
    """
    lock_board(db, edition.id)
    draw_missing(db, edition)
    landing = None if isinstance(change, Extent) else change.submission_id
    since = hold(db, edition, now=now, landing=landing)
    basis = live_basis(db, edition, challenge, now=now)
    kept = db.get(BoardSnapshot, (edition.id, challenge.id))
    if kept is None:
        kept = BoardSnapshot(edition_id=edition.id, challenge_id=challenge.id, version=0, as_of=now)
    bring_up_to_date(db, basis, change if kept.made_with == basis.digest else Extent.EVERYTHING)
    kept.made_with = basis.digest
    teams = teams_shown(db, edition, since=since)
    if since is not None:
        content = _veiled(db, edition, challenge, teams, since=since, now=now)
        frozen, at = bool(content["frozen"]), since
    else:
        end = basis.cutoff
        frozen = end is not None and pending(db, edition.id, challenge.id, before=end.at) == 0
        standing = _standings(db, basis)
        content = _content(db, basis, challenge, standing, teams, frozen=frozen, now=now)
        content["rescoring"] = rescoring_due(db, basis, standing)
        content["notes"] = notes(db, edition.id, challenge.id)
        at = now if end is None else end.at
    if edition.brackets:
        _say_brackets(edition, content["rows"], teams)
    if is_masked(db, edition):
        content["masked"] = True
    _keep(db, kept, content, now=at if frozen else now, frozen=frozen)
    combine(db, edition, keep=lambda row, said, as_of, still: _keep(db, row, said, now=as_of, frozen=still))


def _say_brackets(edition: Edition, rows: Iterable[dict[str, Any]], teams: Mapping[UUID, TeamShown]) -> None:
    claimed = {team.slug: team.brackets for team in teams.values()}
    for row in rows:
        if row["slug"] is not None:
            row["brackets"] = [one.id for one in edition.brackets if one.id in claimed[row["slug"]]]


def refresh_all(db: Session, edition: Edition, *, now: datetime) -> None:
    """Bring every board of an edition up to date after something about its teams changed, not their scores."""
    for challenge in edition.challenges:
        if challenge.takes_predictions:
            refresh(db, edition, challenge, now=now, change=Extent.NOTHING)


def live_basis(db: Session, edition: Edition, challenge: Challenge, *, now: datetime) -> Basis:
    """Return what standings are computed with: they know of no freeze, only of the closing of submissions."""
    closed = closed_since(windows_of(db, edition, now=now))
    return basis_of(db, edition, challenge, None if closed is None else Cutoff(closed, veiled=False))


def live_content(db: Session, edition: Edition, challenge: Challenge, *, now: datetime) -> dict[str, Any]:
    """Return the board as it would be without a freeze: for organisers, from the standings, without intervals."""
    basis = live_basis(db, edition, challenge, now=now)
    standing, teams = _standings(db, basis), teams_now(db, edition.id)
    content = board_content(
        paired(standing, teams), basis.metric, basis.order, frozen=False, others=secondary(challenge)
    )
    return content | {"as_of": instant_text(now), "unranked": _unranked(paired(standing, teams))}


def _veiled(
    db: Session,
    edition: Edition,
    challenge: Challenge,
    teams: Mapping[UUID, TeamShown],
    *,
    since: datetime,
    now: datetime,
) -> dict[str, Any]:
    """Return the content of a frozen board, from the copy that the freeze has."""
    board = veiled_board(db, edition.id, challenge.id, since=since)
    if board is None:
        raise NotFound("This challenge is not in the catalogue, or its folder is broken.")
    basis = replace(basis_of(db, edition, challenge, Cutoff(since, veiled=True)), shown=board.shown)
    let_in(db, basis, board)
    standing = veiled_standings(db, edition.id, challenge.id)
    content = _content(db, basis, challenge, standing, teams, frozen=not board.awaited, now=now)
    return content | board.said | {"veiled": True}


def _content(
    db: Session,
    basis: Basis,
    challenge: Challenge,
    standing: Sequence[Reached],
    teams: Mapping[UUID, TeamShown],
    *,
    frozen: bool,
    now: datetime,
) -> dict[str, Any]:
    pairs = paired(standing, teams)
    content = board_content(pairs, basis.metric, basis.order, frozen=frozen, others=secondary(challenge))
    if basis.ladder:
        content["mode"] = "ladder"
    content["unranked"] = _unranked(pairs)
    content["intervals"] = _intervals(db, basis, challenge, pairs, content["rows"], now=now)
    return content


def paired(standing: Iterable[Reached], teams: Mapping[UUID, TeamShown]) -> list[Pair]:
    """Return each standing with its team, None for a baseline; teams that are not known are left out."""
    return [
        (one, None if one.team_id is None else teams[one.team_id])
        for one in standing
        if one.team_id is None or one.team_id in teams
    ]


def lock_board(db: Session, edition_id: str) -> None:
    """Let two workers that score at the same time redo a board one after the other, each seeing what is committed."""
    db.exec(select(EditionRow.id).where(EditionRow.id == edition_id).with_for_update(key_share=True)).one_or_none()


def _keep(db: Session, kept: BoardSnapshot, content: dict[str, Any], *, now: datetime, frozen: bool) -> None:
    # A frozen board shows how things stood at the freeze, whenever its last score came out.
    if kept.version == 0 or {k: v for k, v in kept.payload.items() if k != "as_of"} != content:
        # A clock that went back must not make a board older than it was.
        now = now if kept.version == 0 or frozen else max(now, kept.as_of)
        kept.version += 1
        kept.as_of = now
        kept.frozen = frozen
        kept.payload = {"as_of": instant_text(now), **content}
    db.add(kept)
    db.flush()


def _intervals(
    db: Session,
    basis: Basis,
    challenge: Challenge,
    standing: Iterable[Pair],
    rows: list[dict[str, Any]],
    *,
    now: datetime,
) -> dict[str, Any]:
    """Write beside the rows what is known of their certainty; what is not known of these scores is asked for."""
    stands = {team.slug: one.submission_id for one, team in standing if team is not None and one.submission_id}
    ranked = [(row["slug"], stands[row["slug"]]) for row in rows if row["kind"] == "team"]
    request = intervals.request_of(
        ranked, made_by=made_by(challenge), decimals=basis.metric.decimals, version=basis.shown
    )
    known = intervals.want(db, basis.edition_id, basis.challenge_id, intervals.PUBLIC, request, now=now)
    return intervals.lay(rows, intervals.coarse(known) if basis.ladder else known)


def _unranked(standing: Iterable[Pair]) -> list[dict[str, Any]]:
    """Return the teams that had a score and left the board, by name, each with its status as the reason."""
    gone = (
        (team.name, team.status)
        for one, team in standing
        if team is not None and team.status not in ON_BOARDS and one.submissions
    )
    return [{"team": name, "reason": status} for name, status in sorted(gone)]


def distrust(db: Session, edition_id: str, challenge_id: str) -> None:
    """Have the standings computed from all scores at the next refresh: something went wrong with one."""
    board_of = (col(BoardSnapshot.edition_id) == edition_id, col(BoardSnapshot.challenge_id) == challenge_id)
    db.execute(update(BoardSnapshot).where(*board_of).values(made_with=""))


def _standings(db: Session, basis: Basis) -> list[Standing]:
    query = select(Standing).where(Standing.edition_id == basis.edition_id, Standing.challenge_id == basis.challenge_id)
    return list(db.exec(query))


def board_content(
    standing: Iterable[Pair],
    metric: Primary,
    order: Order,
    *,
    frozen: bool,
    others: tuple[Primary, ...] = (),
) -> dict[str, Any]:
    """Return leaderboard.json without its instant: one submission per owner, best first, ties sharing a rank.

    Every value is rounded as its metric declares. ``others`` are shown beside, of the same submission.
    """
    names: dict[str, Owner] = {}
    values: dict[str, Mapping[str, float]] = {}
    shown = []
    for one, team in standing:
        owner, entry = _owner(team, one.baseline), standing_entry(one, order)
        if owner is not None and entry is not None:
            names[owner.key], values[owner.key] = owner, one.values
            shown.append((replace(entry, owner=owner.key, kind=owner.kind), one.submissions))
    placed = places(shown, order)
    content: dict[str, Any] = {
        "part": "public",
        "metric": metric.name,
        "direction": metric.direction,
        "decimals": metric.decimals,
        "frozen": frozen,
        "rows": [_row(place, names[place.owner]) for place in placed],
    }
    if others:
        content["others"] = [{"name": o.name, "direction": o.direction, "decimals": o.decimals} for o in others]
        for line, place in zip(content["rows"], placed, strict=True):
            line["others"] = {o.name: _rounded(values[place.owner].get(o.name), o) for o in others}
    return content


def _rounded(value: float | None, metric: Primary) -> float | None:
    return None if value is None or not math.isfinite(value) else quantise(value, metric.decimals)


def board_rows(rows: Iterable[Scored], metric: Primary, order: Order) -> list[dict[str, Any]]:
    """Return the rows of the board that these submissions would give: the pure function standings follow step by step."""
    names: dict[str, Owner] = {}
    entries = []
    for row in rows:
        owner, value = _owner(row.team, row.submission.baseline), row.score.public.get(metric.name)
        if owner is None or value is None or not math.isfinite(value):
            continue
        names[owner.key] = owner
        entries.append(
            Entry(
                owner.key,
                owner.kind,
                value,
                row.submission.received_at,
                str(row.submission.id),
                order.tie_keys(row.score.public),
                row.submission.number,
                chosen=row.chosen_at is not None,
            )
        )
    return [_row(place, names[place.owner]) for place in board(entries, order)]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose line it is: a key that no other line has, its kind, the name shown, the team's slug."""

    key: str
    kind: Kind
    name: str
    slug: str | None


def _owner(team: Team | TeamShown | None, baseline: str) -> Owner | None:
    if team is None:
        return Owner(f"baseline:{baseline}", "baseline", baseline, None)
    kind = ON_BOARDS.get(team.status)
    if kind is None:
        return None
    return Owner(team.slug, "team" if kind == "team" else "out_of_competition", team.name, team.slug)


def _row(place: Place, owner: Owner) -> dict[str, Any]:
    return {
        "rank": place.rank,
        "team": owner.name,
        "slug": owner.slug,
        "score": place.score,
        "submissions": place.submissions,
        "interval": None,
        "tied": [],
        "kind": place.kind,
        "best_at": instant_text(place.best.received_at),
    }
