"""What a campaign would change on the board, and the act that makes its records count, all of them at once.

Public values only: hidden scores are read when everything is closed, on the page of the final ranking.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from datathon.editions.rules import Challenge, Edition
from datathon.editions.shipped import best_of
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.leaderboard.queries import Scored, order_of, primary, scored
from datathon.leaderboard.snapshot import board_rows, refresh
from datathon.leaderboard.veil import hold
from datathon.scoring.claim import changed
from datathon.scoring.rescore import look_after
from datathon.scoring.tables import ChallengeBasis, Rescoring, RescoringItem, Score
from datathon.store import audit
from datathon.store.db import locked, locked_row
from datathon.submissions.rules import State, step
from datathon.submissions.tables import FinalChoice, Submission
from datathon.teams.tables import Team

NOTE_LENGTH = 2000
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the board before and after; None where it was or will not be there. ``kind`` as on boards."""

    team: str
    kind: str
    before: float | None
    after: float | None
    rank_before: int | None
    rank_after: int | None

    @property
    def same(self) -> bool:
        """Whether nothing changes for this line."""
        return (self.before, self.rank_before) == (self.after, self.rank_after)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a campaign may not be applied: a catalogue key with its parameters."""

    message: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A campaign beside what counts now. Counts are of submissions, ``ranks_changed`` of ranked teams.

    ``gained`` had no score and get one, ``lost`` lose theirs to the public contract, ``failed`` could not be computed.
    """

    changes: tuple[Change, ...]
    submissions: int
    scores_changed: int
    ranks_changed: int
    gained: int
    lost: int
    failed: int
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class _Redone:
    items: Mapping[UUID, RescoringItem]
    records: Mapping[UUID, Score]
    truth: RescoringItem | None


def compare(db: Session, edition: Edition, challenge: Challenge, campaign: Rescoring) -> Comparison:
    """Return what applying ``campaign`` would change; of one that is not ready, as far as it is computed."""
    metric = primary(challenge)
    redone = _redone(db, campaign.id)
    everybody = _submissions(db, edition.id, challenge.id)
    before, after = scored(db, edition.id, challenge.id), _after(everybody, redone, campaign.to_basis)
    old = {row.submission.id: row.score.public.get(metric.name) for row in before}
    states = {row.id: row.state for row, _, _, _ in everybody}
    pairs = [
        (old.get(key), redone.records[item.score_id].public.get(metric.name))
        for key, item in redone.items.items()
        if item.score_id is not None and item.score_id in redone.records
    ]
    had = [key for key in redone.items if states.get(key) == State.SCORED]
    changes = _changes(*(board_rows(rows, metric, order_of(challenge)) for rows in (before, after)))
    lost = sum(redone.items[key].state == "rejected" for key in had)
    failed = sum(redone.items[key].state == "failed" for key in had)
    return Comparison(
        changes,
        len(redone.items),
        sum(one != two for one, two in pairs) + lost,
        sum(c.rank_before != c.rank_after for c in changes if c.kind == "team"),
        sum(item.state == "scored" and states.get(key) in {"failed", "rejected"} for key, item in redone.items.items()),
        lost,
        failed,
        tuple(_obstacles(challenge, after, redone, failed)),
    )


def apply(
    db: Session,
    *,
    edition: Edition,
    challenge: Challenge,
    campaign_id: UUID,
    actor: UUID | None,
    notes: Mapping[str, str],
    now: datetime,
) -> Comparison:
    """Let the campaign's records count, board and note with them, and return what changed. Quotas are not touched.

    Raises NotFound, Invalid for a note that is too long, Conflict when the campaign is not ready, went stale, was
    applied or cancelled by somebody else, or when something stands in the way. All of it happens or nothing.
    """
    texts = {language: notes.get(language, "").replace("\r\n", "\n").strip() for language in ("fr", "en")}
    for language, text in texts.items():
        if len(text) > NOTE_LENGTH:
            raise Invalid("The note has at most %(limit)s characters.", field=f"note_{language}", limit=NOTE_LENGTH)
    basis = locked_row(db, ChallengeBasis, (edition.id, challenge.id))
    campaign = locked(db, Rescoring, campaign_id)
    if campaign is None or (campaign.edition_id, campaign.challenge_id) != (edition.id, challenge.id):
        raise NotFound("This rescoring does not exist.")
    state = look_after(db, campaign_id, now=now)
    if state in {"applied", "cancelled"}:
        raise Conflict("This rescoring is over already.")
    if state == "stale" or basis is None:
        raise Conflict("The challenge has changed since this rescoring began. Cancel it and start another one.")
    if state != "ready":
        raise Conflict("This rescoring is still under way.")
    found = compare(db, edition, challenge, campaign)
    for obstacle in found.obstacles:
        raise Conflict(obstacle.message, **obstacle.params)
    hold(db, edition, now=now)
    _move_pointers(db, _redone(db, campaign_id))
    basis.shown, basis.shown_parts = campaign.to_basis, dict(basis.parts)
    campaign.state, campaign.ended_at, campaign.ended_by = "applied", now, actor
    campaign.scores_changed, campaign.ranks_changed = found.scores_changed, found.ranks_changed
    campaign.note_fr, campaign.note_en = texts["fr"], texts["en"]
    db.add_all((basis, campaign))
    audit.record(
        db,
        "apply_rescoring",
        challenge.id,
        now=now,
        actor=actor,
        edition=edition.id,
        reason=campaign.reason,
        scores=found.scores_changed,
        ranks=found.ranks_changed,
    )
    db.flush()
    db.expire_all()
    refresh(db, edition, challenge, now=now)
    return found


def _redone(db: Session, campaign_id: UUID) -> _Redone:
    items = db.exec(select(RescoringItem).where(RescoringItem.rescoring_id == campaign_id)).all()
    records = db.exec(select(Score).where(Score.rescoring_id == campaign_id)).all()
    return _Redone(
        {item.submission_id: item for item in items if item.submission_id is not None},
        {record.id: record for record in records},
        next((item for item in items if item.submission_id is None), None),
    )


Row = tuple[Submission, Team | None, datetime | None, Score | None]


def _submissions(db: Session, edition_id: str, challenge_id: str) -> list[Row]:
    query = (
        select(Submission, Team, FinalChoice.chosen_at, Score)
        .join(Team, col(Team.id) == col(Submission.team_id), isouter=True)
        .join(FinalChoice, col(FinalChoice.submission_id) == col(Submission.id), isouter=True)
        .join(Score, col(Score.id) == col(Submission.score_id), isouter=True)
        .where(Submission.edition_id == edition_id, Submission.challenge_id == challenge_id)
        .where(col(Submission.state).in_(("scored", "failed", "rejected")))
    )
    return [(submission, team, chosen_at, score) for submission, team, chosen_at, score in db.exec(query)]


def _after(everybody: list[Row], redone: _Redone, to_basis: str) -> tuple[Scored, ...]:
    rows = []
    for submission, team, chosen_at, score in everybody:
        item = redone.items.get(submission.id)
        new = None if item is None or item.score_id is None else redone.records.get(item.score_id)
        if new is not None:
            rows.append(Scored(submission, new, team, chosen_at))
        elif item is None and score is not None and score.basis == to_basis and submission.state == State.SCORED:
            rows.append(Scored(submission, score, team, chosen_at))
    return tuple(rows)


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[Change, ...]:
    old, new = ({(row["kind"], row["slug"] or row["team"]): row for row in rows} for rows in (before, after))
    keys = [*new, *(key for key in old if key not in new)]
    nothing: dict[str, Any] = {"score": None, "rank": None}
    return tuple(
        Change(
            (new.get(key) or old[key])["team"],
            key[0],
            old.get(key, nothing)["score"],
            new.get(key, nothing)["score"],
            old.get(key, nothing)["rank"],
            new.get(key, nothing)["rank"],
        )
        for key in keys
    )


def _obstacles(challenge: Challenge, after: tuple[Scored, ...], redone: _Redone, failed: int) -> list[Obstacle]:
    found = []
    if failed:
        found.append(
            Obstacle(
                "%(count)s submissions that had a score could not be scored again; read their log.", {"count": failed}
            )
        )
    truth = redone.truth
    if truth is not None and truth.state in {"rejected", "failed"}:
        found.append(
            Obstacle(
                "The reference itself could not be scored (%(code)s): the change is not sound.", {"code": truth.code}
            )
        )
    if truth is not None and truth.state == "scored" and not _truth_is_best(challenge, after, truth):
        found.append(Obstacle("The reference itself does not get the best score: the change is not sound.", {}))
    return found


def _truth_is_best(challenge: Challenge, after: tuple[Scored, ...], truth: RescoringItem) -> bool:
    """Whether the truth reaches the best value a shipped metric can take, and nothing beats it on any part."""
    metric = primary(challenge)
    best = None if challenge.scorer else best_of(challenge.metrics[0].function, challenge.metrics[0].params)
    sign = 1.0 if metric.direction == "higher" else -1.0
    for part in ("public", "private", "all"):
        value = truth.truth_values.get(part, {}).get(metric.name)
        if value is None:
            continue  # a part without rows
        if best is not None and not math.isclose(value, best, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            return False
        others = (getattr(row.score, "all_rows" if part == "all" else part).get(metric.name) for row in after)
        if any(other is not None and sign * (other - value) > TOLERANCE for other in others):
            return False
    return True


def _move_pointers(db: Session, redone: _Redone) -> None:
    for key, item in redone.items.items():
        if item.state == "scored":
            before: tuple[State, ...] = (State.SCORED, State.FAILED, State.REJECTED)
            after = State.SCORED
            values: dict[str, Any] = {"score_id": item.score_id, "code": "", "problems": []}
        elif item.state == "rejected":
            before, after = (State.SCORED,), State.REJECTED
            values = {"score_id": None, "code": item.code, "problems": item.problems}
        else:
            continue
        # What was withdrawn meanwhile stays withdrawn.
        for state in before:
            reached = after if state == after else step(state, after)
            moved = update(Submission).where(col(Submission.id) == key, col(Submission.state) == state)
            if changed(db, moved.values(state=reached, **values)):
                break
