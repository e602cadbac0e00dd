"""Redo a challenge's public board from its standings and keep it when its content changed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition
from datathon.editions.tables import EditionRow
from datathon.leaderboard import intervals
from datathon.leaderboard.queries import Primary, Scored, cutoff, order_of, pending, primary, secondary
from datathon.leaderboard.rules import Entry, Kind, Order, Place, board, places, quantise
from datathon.leaderboard.standings import Basis, Change, Extent, bring_up_to_date, standing_entry
from datathon.leaderboard.tables import BoardSnapshot, Standing
from datathon.scoring.losses import made_by
from datathon.scoring.rescore import campaigns
from datathon.scoring.tables import ChallengeBasis
from datathon.teams.tables import Team

SHOWN = {"active": "team", "out_of_competition": "out_of_competition"}
"""Team status -> how a board shows it; withdrawn and ineligible teams are named below it, without a score."""


def refresh(
    db: Session, edition: Edition, challenge: Challenge, *, now: datetime, change: Change = Extent.EVERYTHING
) -> None:
    """Bring the board of ``challenge`` up to date; a board whose content did not change keeps its version and instant.

    Boards hold public values only. Once submissions closed, or a freeze began, what came later does not count; the board
    is called frozen when nothing that came before still waits for its score. ``change`` says what happened since the last
    time; where the rules, the version shown or the closing changed too, everything is computed again.
    """
    # Two workers that score at the same time redo the board one after the other, each seeing what is committed.
    db.exec(select(EditionRow.id).where(EditionRow.id == edition.id).with_for_update(key_share=True)).one_or_none()
    end = cutoff(windows_of(db, edition, now=now))
    version = db.get(ChallengeBasis, (edition.id, challenge.id))
    shown = "" if version is None else version.shown
    metric, order = primary(challenge), order_of(challenge)
    basis = Basis(edition.id, challenge.id, metric, order, shown, end)
    kept = db.get(BoardSnapshot, (edition.id, challenge.id))
    if kept is None:
        kept = BoardSnapshot(edition_id=edition.id, challenge_id=challenge.id, version=0, as_of=now)
    bring_up_to_date(db, basis, change if kept.made_with == basis.digest else Extent.EVERYTHING)
    kept.made_with = basis.digest
    frozen = end is not None and pending(db, edition.id, challenge.id, before=end.at) == 0
    standing = _standings(db, basis)
    content = board_content(standing, metric, order, frozen=frozen, others=secondary(challenge))
    content |= {
        "unranked": _unranked(standing),
        "rescoring": rescoring_due(version, [one for one, _ in standing]),
        "notes": notes(db, edition.id, challenge.id),
        "intervals": _intervals(db, basis, challenge, standing, content["rows"], now=now),
    }
    if end is not None and end.veiled:
        content["veiled"] = True
    _keep(db, kept, content, now=end.at if frozen and end is not None else now, frozen=frozen)


def _keep(db: Session, kept: BoardSnapshot, content: dict[str, Any], *, now: datetime, frozen: bool) -> None:
    # A frozen board shows how things stood at the freeze, whenever its last score came out.
    if kept.version == 0 or {k: v for k, v in kept.payload.items() if k != "as_of"} != content:
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
    standing: list[tuple[Standing, Team | None]],
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
    return intervals.lay(rows, known)


def _unranked(standing: Iterable[tuple[Standing, Team | None]]) -> list[dict[str, Any]]:
    """Return the teams that had a score and left the board, by name, each with its status as the reason."""
    gone = (
        (team.name, team.status)
        for one, team in standing
        if team is not None and team.status not in SHOWN and one.submissions
    )
    return [{"team": name, "reason": status} for name, status in sorted(gone)]


def distrust(db: Session, edition_id: str, challenge_id: str) -> None:
    """Have the standings computed from all scores at the next refresh: something went wrong with one."""
    board_of = (col(BoardSnapshot.edition_id) == edition_id, col(BoardSnapshot.challenge_id) == challenge_id)
    db.execute(update(BoardSnapshot).where(*board_of).values(made_with=""))


def _standings(db: Session, basis: Basis) -> list[tuple[Standing, Team | None]]:
    query = (
        select(Standing, Team)
        .join(Team, col(Team.id) == col(Standing.team_id), isouter=True)
        .where(Standing.edition_id == basis.edition_id, Standing.challenge_id == basis.challenge_id)
    )
    return list(db.exec(query))


def rescoring_due(version: ChallengeBasis | None, standings: Iterable[Standing]) -> dict[str, Any] | None:
    """Return since when scores are computed otherwise than those of the board and how many wait, None while all agree."""
    if version is None or not version.shown:
        return None
    # What came after the cutoff is in neither number: it may not show.
    counted = [(one.submissions, one.hidden) for one in standings]
    waiting = sum(hidden for _, hidden in counted)
    # While files are scored otherwise than the board shows, every score is behind or waits.
    mixed = waiting > 0 if version.present == version.shown else any(map(any, counted))
    return {"since": instant_text(version.noticed_at), "waiting": waiting} if mixed else None


def notes(db: Session, edition_id: str, challenge_id: str) -> list[dict[str, Any]]:
    """Return what was announced of applied rescorings, newest first."""
    return [
        {"at": instant_text(one.ended_at), "fr": one.note_fr, "en": one.note_en}
        for one in campaigns(db, edition_id)
        if one.challenge_id == challenge_id and one.state == "applied" and one.ended_at and (one.note_fr or one.note_en)
    ]


def board_content(
    standing: Iterable[tuple[Standing, Team | None]],
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


def _owner(team: Team | None, baseline: str) -> Owner | None:
    if team is None:
        return Owner(f"baseline:{baseline}", "baseline", baseline, None)
    kind = SHOWN.get(team.status)
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


def instant_text(at: datetime) -> str:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
