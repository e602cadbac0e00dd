"""Boards of several challenges: of a track, of the whole edition. A pure function of the challenges' public boards.

Each challenge's public score is put on its fixed anchors (baseline 0, target 100) and merged by the weights and the
scheme of the final ranking, without the jury. Source: ranking specification 4.3. Where a challenge has no anchors the
scheme is ``rank``, in which others change who leads, and the board says so.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from datathon.editions.groups import Track
from datathon.editions.rules import Challenge, Component, Edition, RankingPlan
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge
from datathon.leaderboard.queries import Board, primary
from datathon.leaderboard.rules import quantise
from datathon.leaderboard.tables import BoardSnapshot

DECIMALS = 4
CLIPPED = 0.2
"""From this share of scores outside the anchors on, a board says that the anchors fit badly."""


@dataclass(frozen=True, slots=True)
class Combination:
    """What a board of several challenges is made of; ``track`` is None for the whole edition.

    ``warnings``: "rank" where anchors are missing, "equal" where weights are.
    """

    track: Track | None
    plan: RankingPlan
    warnings: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its key among the boards of the edition; no challenge can have it."""
        return board_key(self.track)


def board_key(track: Track | None) -> str:
    """Return the key of a track's board, or of the edition's, where a challenge's board has the challenge's id."""
    return "*" if track is None else f"*{track.id}"


def combinations(edition: Edition) -> tuple[Combination, ...]:
    """Return the boards of several challenges that an edition has: its own where several challenges rank, and its tracks'."""
    ranking = [challenge for challenge in edition.challenges if challenge.takes_predictions]
    found = [_combination(edition, None, _announced(edition, ranking))] if len(ranking) > 1 else []
    for track in edition.tracks:
        inside = [challenge for challenge in ranking if challenge.id in track.challenges]
        if inside:
            found.append(_combination(edition, track, sorted(inside, key=lambda c: track.challenges.index(c.id))))
    return tuple(found)


def combination(edition: Edition, track: Track | None) -> Combination | None:
    """Return one of them, None where the edition has it not."""
    return next((one for one in combinations(edition) if one.track == track), None)


def combine(
    db: Session, edition: Edition, *, keep: Callable[[BoardSnapshot, dict[str, Any], datetime, bool], None]
) -> None:
    """Write anew the boards of several challenges whose parts changed; ``keep`` stores content, instant and frozen.

    The caller holds the edition's lock.
    """
    for one in combinations(edition):
        parts = [component.challenge for component in one.plan.components]
        rows = select(BoardSnapshot.challenge_id, BoardSnapshot.version).where(
            BoardSnapshot.edition_id == edition.id, col(BoardSnapshot.challenge_id).in_(parts)
        )
        made_with = hashlib.sha256(repr((one, sorted(db.exec(rows).all()))).encode()).hexdigest()[:32]
        kept = db.get(BoardSnapshot, (edition.id, one.key))
        if kept is not None and kept.made_with == made_with:
            continue
        boards = {part: db.get(BoardSnapshot, (edition.id, part)) for part in parts}
        known = {part: board.payload for part, board in boards.items() if board is not None}
        if not known:
            continue
        as_of = max(board.as_of for board in boards.values() if board is not None)
        frozen = all(board is not None and board.frozen for board in boards.values())
        if kept is None:
            kept = BoardSnapshot(edition_id=edition.id, challenge_id=one.key, version=0, as_of=as_of)
        kept.made_with = made_with
        keep(kept, combined_content(edition, one, known, frozen=frozen), as_of, frozen)


def combined_board(db: Session, edition: Edition, one: Combination) -> Board | None:
    """Return a board of several challenges, None before its first score."""
    row = db.get(BoardSnapshot, (edition.id, one.key))
    return None if row is None else Board(row.version, row.as_of, row.frozen, row.payload)


def combined_version(db: Session, edition: Edition, one: Combination) -> tuple[int, datetime] | None:
    """Return version and instant of a board of several challenges, without reading its rows."""
    query = select(BoardSnapshot.version, BoardSnapshot.as_of).where(
        BoardSnapshot.edition_id == edition.id, BoardSnapshot.challenge_id == one.key
    )
    found = db.exec(query).one_or_none()
    return None if found is None else (found[0], found[1])


def combined_content(
    edition: Edition, one: Combination, boards: Mapping[str, Mapping[str, Any]], *, frozen: bool
) -> dict[str, Any]:
    """Return the JSON of a board of several challenges from the JSON of each of theirs, by challenge; no instant.

    ``rows`` are the teams with a score in every challenge, ``best_at`` when one of them last became better; ``incomplete`` names what the others lack, nothing
    for a team out of competition that cannot be placed among ranks. Points are from
    0 to 100, higher is better, quantised before they are compared.
    """
    teams, values = _teams(one, boards)
    contestants = tuple(Contestant(slug, row["team"], _status(row)) for slug, row in sorted(teams.items()))
    standings = merge(Inputs(plan=one.plan, rubric=None, contestants=contestants, metrics=values))
    latest = _latest(one, boards)
    complete = [s for s in standings if s.total is not None]
    complete.sort(key=lambda s: (-quantise(s.total or 0.0, one.plan.decimals), s.rank or 0, s.name, s.team))
    return {
        "part": "public",
        "board": "edition" if one.track is None else "track",
        "id": None if one.track is None else one.track.id,
        "scheme": one.plan.scheme,
        "direction": "higher",
        "decimals": one.plan.decimals,
        "frozen": frozen,
        "veiled": any(board.get("veiled", False) for board in boards.values()),
        **({"masked": True} if any(board.get("masked") for board in boards.values()) else {}),
        "components": [_component(edition, c, values[c.id]) for c in one.plan.components],
        "warnings": list(one.warnings),
        "rows": [_row(s, one, values, teams[s.team], latest.get(s.team)) for s in complete],
        "incomplete": [
            {"team": s.name, "slug": s.team, "missing": _missing(s, one, values), **_brackets(teams[s.team])}
            for s in sorted(standings, key=lambda s: (s.name, s.team))
            if s.total is None
        ],
        "unranked": _unranked(boards),
    }


def _announced(edition: Edition, ranking: Sequence[Challenge]) -> list[Challenge]:
    """Return the challenges whose metric the final ranking counts, or all where it counts none."""
    named = [c.challenge for c in _declared(edition).values()]
    return [challenge for challenge in ranking if challenge.id in named] or list(ranking)


def _declared(edition: Edition) -> dict[str, Component]:
    """Return by challenge the component of the final ranking that its metric makes, where it has a weight."""
    given = () if edition.ranking is None else edition.ranking.components
    return {c.challenge: c for c in given if c.kind == "metric" and c.weight > 0}


def _combination(edition: Edition, track: Track | None, challenges: Sequence[Challenge]) -> Combination:
    declared, plan = _declared(edition), edition.ranking
    equal = any(challenge.id not in declared for challenge in challenges)
    components = tuple(_part(challenge, declared.get(challenge.id), equal=equal) for challenge in challenges)
    anchored = plan is not None and all(c.baseline is not None and c.target is not None for c in components)
    if not anchored:
        # Places are of values as they are: half of the anchors must not cut some of them off.
        components = tuple(replace(c, baseline=None, target=None) for c in components)
    ids = {c.id for c in components}
    made = RankingPlan(
        scheme=plan.scheme if plan is not None and anchored else "rank",
        decimals=DECIMALS if plan is None else plan.decimals,
        components=components,
        tie_break=() if plan is None else tuple(rule for rule in plan.tie_break if rule in ids),
    )
    warnings = [
        name for name, due in (("rank", made.scheme == "rank"), ("equal", equal and len(components) > 1)) if due
    ]
    return Combination(track, made, tuple(warnings))


def _part(challenge: Challenge, declared: Component | None, *, equal: bool) -> Component:
    direction = primary(challenge).direction
    if declared is None:
        return Component(challenge.id, "metric", 1, challenge.id, direction)
    weight = 1 if equal else declared.weight
    return Component(declared.id, "metric", weight, challenge.id, direction, declared.baseline, declared.target)


def _teams(
    one: Combination, boards: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Mapping[str, Any]], dict[str, dict[str, float]]]:
    """Return the rows of teams by slug, of any of the boards, and by component the score of each."""
    teams: dict[str, Mapping[str, Any]] = {}
    values: dict[str, dict[str, float]] = {component.id: {} for component in one.plan.components}
    for component in one.plan.components:
        for row in boards.get(component.challenge, {}).get("rows", ()):
            if row["slug"] is not None:
                teams[row["slug"]] = row
                values[component.id][row["slug"]] = row["score"]
    return teams, values


def _latest(one: Combination, boards: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return by team when one of its scores last became better; instants of boards are written alike and sort as text."""
    latest: dict[str, str] = {}
    for component in one.plan.components:
        for row in boards.get(component.challenge, {}).get("rows", ()):
            if row["slug"] is not None and row.get("best_at"):
                latest[row["slug"]] = max(row["best_at"], latest.get(row["slug"], ""))
    return latest


def _status(row: Mapping[str, Any]) -> str:
    return "active" if row["kind"] == "team" else "out_of_competition"


def _component(edition: Edition, component: Component, values: Mapping[str, float]) -> dict[str, Any]:
    challenge = edition.challenge(component.challenge)
    metric = None if challenge is None else primary(challenge)
    return {
        "id": component.id,
        "challenge": component.challenge,
        "metric": None if metric is None else metric.name,
        "metric_decimals": None if metric is None else metric.decimals,
        "direction": component.direction,
        "baseline": component.baseline,
        "target": component.target,
        "weight": component.weight,
        "outside": _outside(component, list(values.values())),
    }


def _outside(component: Component, values: Sequence[float]) -> float | None:
    """Return which share of the scores lies beyond the anchors, None without anchors or scores."""
    if component.baseline is None or component.target is None or not values:
        return None
    low, high = sorted((component.baseline, component.target))
    return round(sum(not low <= value <= high for value in values) / len(values), 4)


def _row(
    standing: Standing,
    one: Combination,
    values: Mapping[str, Mapping[str, float]],
    row: Mapping[str, Any],
    best_at: str | None,
) -> dict[str, Any]:
    return {
        "rank": standing.rank,
        "team": standing.name,
        "slug": standing.team,
        "score": quantise(standing.total or 0.0, one.plan.decimals),
        "kind": row["kind"],
        "best_at": best_at,
        "points": {c.id: quantise(standing.scores[c.id], one.plan.decimals) for c in one.plan.components},
        "values": {c.id: values[c.id][standing.team] for c in one.plan.components},
        **_brackets(row),
    }


def _brackets(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"brackets": row["brackets"]} if "brackets" in row else {}


def _missing(standing: Standing, one: Combination, values: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [c.challenge for c in one.plan.components if standing.team not in values[c.id]]


def _unranked(boards: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = {(one["team"], one["reason"]) for board in boards.values() for one in board.get("unranked", ())}
    return [{"team": team, "reason": reason} for team, reason in sorted(found)]
