"""Redo a challenge's public board and keep it when its content changed."""

import math
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition
from datathon.editions.tables import EditionRow
from datathon.leaderboard.queries import Primary, Scored, closed_since, pending, primary, scored, secondary
from datathon.leaderboard.rules import Entry, Kind, Place, board, quantise
from datathon.leaderboard.tables import BoardSnapshot
from datathon.scoring.notice import versions
from datathon.scoring.rescore import campaigns

SHOWN = {"active": "team", "out_of_competition": "out_of_competition"}
"""Team status -> how a board shows it; withdrawn and ineligible teams are not shown."""


def refresh(db: Session, edition: Edition, challenge: Challenge, *, now: datetime) -> None:
    """Bring the board of ``challenge`` up to date; a board whose content did not change keeps its version and instant.

    Boards hold public values only. Once the submissions phase closed, what came later does not count; the board is
    called frozen when nothing that came before still waits for its score.
    """
    # Two workers that score at the same time redo the board one after the other, each seeing what is committed.
    db.exec(select(EditionRow.id).where(EditionRow.id == edition.id).with_for_update(key_share=True)).one_or_none()
    metric = primary(challenge)
    closed_at = closed_since(windows_of(db, edition, now=now))
    frozen = closed_at is not None and pending(db, edition.id, challenge.id) == 0
    rows = scored(db, edition.id, challenge.id)
    content = board_content(rows, metric, frozen=frozen, closed_at=closed_at, others=secondary(challenge))
    content |= {"rescoring": rescoring_due(db, edition.id, challenge.id), "notes": notes(db, edition.id, challenge.id)}
    kept = db.get(BoardSnapshot, (edition.id, challenge.id))
    if kept is not None and {k: v for k, v in kept.payload.items() if k != "as_of"} == content:
        return
    # A frozen board shows how things stood when submissions closed, whenever its last score came out.
    as_of = closed_at if frozen and closed_at is not None else now
    if kept is None:
        kept = BoardSnapshot(edition_id=edition.id, challenge_id=challenge.id, version=0, as_of=as_of)
    kept.version += 1
    kept.as_of = as_of
    kept.frozen = frozen
    kept.payload = {"as_of": instant_text(as_of), **content}
    db.add(kept)
    db.flush()


def rescoring_due(db: Session, edition_id: str, challenge_id: str) -> dict[str, Any] | None:
    """Return since when scores are computed otherwise than those of the board and how many wait, None while all agree."""
    found = versions(db, edition_id, challenge_id)
    if found is None or not found.mixed:
        return None
    return {"since": instant_text(found.noticed_at), "waiting": found.waiting}


def notes(db: Session, edition_id: str, challenge_id: str) -> list[dict[str, Any]]:
    """Return what was announced of applied rescorings, newest first."""
    return [
        {"at": instant_text(one.ended_at), "fr": one.note_fr, "en": one.note_en}
        for one in campaigns(db, edition_id)
        if one.challenge_id == challenge_id and one.state == "applied" and one.ended_at and (one.note_fr or one.note_en)
    ]


def board_content(
    rows: tuple[Scored, ...],
    metric: Primary,
    *,
    frozen: bool,
    closed_at: datetime | None,
    others: tuple[Primary, ...] = (),
) -> dict[str, Any]:
    """Return leaderboard.json without its instant: best public score per team, best first, ties sharing a rank.

    Every value is rounded as its metric declares. ``others`` are shown beside, of the same submission.
    """
    names: dict[str, tuple[str, str | None]] = {}
    entries = []
    for row in rows:
        owner = _owner(row)
        value = row.score.public.get(metric.name)
        late = closed_at is not None and row.team is not None and row.submission.received_at >= closed_at
        if owner is None or value is None or not math.isfinite(value) or late:
            continue
        key, kind, name, slug = owner
        names[key] = (name, slug)
        entries.append(Entry(key, kind, value, row.submission.received_at, str(row.submission.id)))
    places = board(entries, direction=metric.direction, decimals=metric.decimals)
    content: dict[str, Any] = {
        "part": "public",
        "metric": metric.name,
        "direction": metric.direction,
        "decimals": metric.decimals,
        "frozen": frozen,
        "rows": [_row(place, *names[place.owner]) for place in places],
    }
    if others:
        values = {str(row.submission.id): row.score.public for row in rows}
        content["others"] = [{"name": o.name, "direction": o.direction, "decimals": o.decimals} for o in others]
        for line, place in zip(content["rows"], places, strict=True):
            line["others"] = {o.name: _rounded(values[place.best.submission].get(o.name), o) for o in others}
    return content


def _rounded(value: float | None, metric: Primary) -> float | None:
    return None if value is None or not math.isfinite(value) else quantise(value, metric.decimals)


def _owner(row: Scored) -> tuple[str, Kind, str, str | None] | None:
    if row.team is None:
        return f"baseline:{row.submission.baseline}", "baseline", row.submission.baseline, None
    kind = SHOWN.get(row.team.status)
    if kind is None:
        return None
    return row.team.slug, "team" if kind == "team" else "out_of_competition", row.team.name, row.team.slug


def _row(place: Place, name: str, slug: str | None) -> dict[str, Any]:
    return {
        "rank": place.rank,
        "team": name,
        "slug": slug,
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
