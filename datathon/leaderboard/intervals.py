"""What is known of the certainty of a board's order: asked for with its scores, shown only while it belongs to them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from datathon.leaderboard.tables import BoardInterval
from datathon.scoring.claim import changed
from datathon.scoring.tables import Score
from datathon.submissions.tables import Submission

EVERY = timedelta(seconds=10)
"""How soon after the last time the intervals of a board are computed again."""
LEASE = timedelta(seconds=60)
TRIES = 3
PUBLIC, PRIVATE = "public", "private"

NO_LOSSES_DECLARED, TOO_FEW_TEAMS, LOSSES_MISSING, VERSIONS, TOO_FEW_ROWS, FAILED = (
    "metric", "teams", "losses", "versions", "rows", "failed"
)  # fmt: skip
"""Why a board has no intervals: its metric is not made row by row; fewer than two teams; a score without losses; losses
of different versions; fewer than two rows; the computation failed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A board whose intervals are to be computed, claimed by ``worker`` for the scores that ``wanted`` stands for."""

    edition_id: str
    challenge_id: str
    part: str
    wanted: str
    worker: str
    request: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """Primary key of its row."""
        return self.edition_id, self.challenge_id, self.part


def request_of(teams: Iterable[tuple[str, UUID]], *, made_by: str, decimals: int, version: str) -> dict[str, Any]:
    """Return what is to be computed: ``teams`` as (key, submission that stands for it) in the order of the board."""
    named = [[key, str(submission)] for key, submission in teams]
    return {"teams": named, "made_by": made_by, "decimals": decimals, "version": version}


def want(
    db: Session, edition_id: str, challenge_id: str, part: str, request: Mapping[str, Any], *, now: datetime
) -> Mapping[str, Any]:
    """Return what is known for ``request``: state "ready" with the figures, "none" with a reason, or "computing".

    What is not known yet is asked for; a worker finds it. The caller holds the edition's lock.
    """
    if not request["made_by"]:
        return {"state": "none", "reason": NO_LOSSES_DECLARED}
    if len(request["teams"]) < 2:
        return {"state": "none", "reason": TOO_FEW_TEAMS}
    wanted = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    row = db.get(BoardInterval, (edition_id, challenge_id, part))
    if row is None:
        row = BoardInterval(
            edition_id=edition_id, challenge_id=challenge_id, part=part, wanted="", wanted_since=now, request={}
        )
    if row.wanted != wanted:
        row.wanted, row.wanted_since, row.request, row.tries = wanted, now, dict(request), 0
        db.add(row)
        db.flush()
    return row.found if row.found_for == wanted else {"state": "computing"}


def coarse(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the ranks and the groups alone: finer figures would tell of a ladder's scores what it hides."""
    if "teams" not in known:
        return known
    kept = [{name: one[name] for name in ("team", "ranks", "tied")} for one in known["teams"]]
    return {**{name: value for name, value in known.items() if name != "critical"}, "teams": kept}


def lay(rows: Sequence[dict[str, Any]], known: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is known beside the ``rows`` of a board and return what is said of all of them."""
    by_team = {one["team"]: one for one in known.get("teams", ())}
    names = {row["slug"]: row["team"] for row in rows}
    for row in rows:
        one = by_team.get(row["slug"])
        if one is None or row["rank"] is None:
            continue
        # The tie rules may place a team further within its equals than its score alone does.
        low, high = one["ranks"]
        row["interval"] = [min(low, row["rank"]), max(high, row["rank"])]
        row["tied"] = [names[other] for other in one["tied"] if other in names]
        row |= {name: one[name] for name in ("p_first", "p_podium", "p_ahead", "drawn") if name in one}
    return {name: value for name, value in known.items() if name != "teams"}


def claim_due(db: Session, *, worker: str, now: datetime) -> Asked | None:
    """Claim the board that has waited longest for its intervals and return it, None when there is none.

    Each board at most once in EVERY; a claim that was not renewed for LEASE is free again, and so is one from a clock
    that went back.
    """
    free = or_(
        col(BoardInterval.lease_until).is_(None),
        col(BoardInterval.lease_until) < now,
        col(BoardInterval.lease_until) > now + 2 * LEASE,
    )
    rested = or_(
        col(BoardInterval.computed_at).is_(None),
        col(BoardInterval.computed_at) <= now - EVERY,
        col(BoardInterval.computed_at) > now,
    )
    due = (col(BoardInterval.wanted) != col(BoardInterval.found_for), free, rested)
    row = db.exec(select(BoardInterval).where(*due).order_by(col(BoardInterval.wanted_since)).limit(1)).one_or_none()
    if row is None:
        return None
    mine = update(BoardInterval).where(*_is(row.edition_id, row.challenge_id, row.part), free)
    if not changed(db, mine.values(worker=worker, lease_until=now + LEASE, progress=0.0)):
        return None
    return Asked(row.edition_id, row.challenge_id, row.part, row.wanted, worker, dict(row.request))


def renew(db: Session, asked: Asked, *, progress: float, now: datetime) -> bool:
    """Note how far the computation is and keep the claim; False when it is lost."""
    mine = update(BoardInterval).where(*_is(*asked.key), col(BoardInterval.worker) == asked.worker)
    return changed(db, mine.values(lease_until=now + LEASE, progress=progress))


def keep(db: Session, asked: Asked, found: Mapping[str, Any] | None, *, now: datetime) -> bool:
    """Keep what was found (None: the computation failed, and is tried again up to TRIES times); False when taken over.

    Scores that came meanwhile are asked for already, so that what was found is kept for those it belongs to.
    """
    row = db.exec(select(BoardInterval).where(*_is(*asked.key)).with_for_update()).one_or_none()
    if row is None or row.worker != asked.worker:
        return False
    row.worker, row.lease_until, row.computed_at = "", None, now
    if found is None and row.wanted == asked.wanted:
        row.tries += 1
        found = {"state": "none", "reason": FAILED} if row.tries >= TRIES else None
    if found is not None:
        row.found_for, row.found, row.progress = asked.wanted, dict(found), 1.0
    db.add(row)
    db.flush()
    return True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the intervals of one part are: "ready", "none" for ``reason``, "running" or "waiting" ``since`` then.

    ``share`` of the draws is done. ``silent``: the worker that had it gives no sign of life, and another will take it.
    """

    part: str
    state: str
    reason: str
    share: float
    since: datetime
    tries: int
    silent: bool


def progress_of(db: Session, edition_id: str, challenge_id: str, *, now: datetime) -> tuple[Progress, ...]:
    """Return how far the intervals of a challenge are, the public part first; a part that nobody asked for is absent."""
    found = []
    for part in (PUBLIC, PRIVATE):
        row = db.get(BoardInterval, (edition_id, challenge_id, part))
        if row is None:
            continue
        done = row.found_for == row.wanted
        held = row.lease_until is not None and bool(row.worker)
        running = held and row.lease_until is not None and row.lease_until >= now
        state = str(row.found.get("state", "none")) if done else "running" if running else "waiting"
        since = row.computed_at if done and row.computed_at is not None else row.wanted_since
        share = 1.0 if done else row.progress if running else 0.0
        reason = str(row.found.get("reason", "")) if done else ""
        found.append(Progress(part, state, reason, share, since, row.tries, held and not running and not done))
    return tuple(found)


def losses_of(db: Session, request: Mapping[str, Any]) -> list[str] | str:
    """Return the digests of the losses of a request's teams in its order, or why they cannot be compared."""
    wanted = [UUID(submission) for _, submission in request["teams"]]
    query = (
        select(Submission.id, Score.losses_digest, Score.basis, Score.reference_digest)
        .join(Score, col(Score.id) == col(Submission.score_id))
        .where(col(Submission.id).in_(wanted))
    )
    found = {key: (digest, basis, reference) for key, digest, basis, reference in db.exec(query)}
    digests = [found[key][0] for key in wanted if key in found]
    if len(digests) < len(wanted) or None in digests:
        return LOSSES_MISSING
    if len({(basis, reference) for _, basis, reference in found.values()}) > 1:
        return VERSIONS
    return [str(digest) for digest in digests]


def _is(edition_id: str, challenge_id: str, part: str) -> tuple[Any, ...]:
    return (
        col(BoardInterval.edition_id) == edition_id,
        col(BoardInterval.challenge_id) == challenge_id,
        col(BoardInterval.part) == part,
    )
