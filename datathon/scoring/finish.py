"""Write what an attempt gave: score record, private log, state and quota, in one transaction, or nothing at all."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session

from datathon.scoring.claim import Claim, changed, holding
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.stages import PLATFORM
from datathon.scoring.tables import Score, ScoringLog
from datathon.submissions.ledger import settle
from datathon.submissions.rules import State, step
from datathon.submissions.tables import Submission


def finish(
    db: Session, held: Claim, outcome: ScoringOutcome, *, now: datetime, losses_digest: str | None = None
) -> bool:
    """End the attempt with ``outcome``; False, and nothing is written, when the attempt is no longer held.

    The guard is the claim itself (submission, attempt, worker, still running), so that a worker that was given up for
    dead cannot overwrite the result of the one that took over. ``losses_digest`` names the losses kept beforehand.
    """
    record = record_of(held, outcome, losses_digest, now) if outcome.outcome == State.SCORED else None
    statement = (
        update(Submission)
        .where(*holding(held))
        .values(
            state=step(State.RUNNING, State(outcome.outcome)),
            finished_at=now,
            lease_until=None,
            score_id=None if record is None else record.id,
            code=outcome.code or "",
            problems=[problem.as_json() for problem in outcome.problems],
        )
    )
    if not changed(db, statement):
        return False
    if record is not None:
        db.add(record)
    logs = outcome.logs or ({PLATFORM: ""} if outcome.outcome == State.FAILED else {})
    for stage, text in logs.items():
        log(db, held, stage=stage, code=outcome.code or "", text=text, now=now)
    settle(db, held.submission_id, State(outcome.outcome), now=now)
    return True


def log(db: Session, held: Claim, *, stage: str, code: str, text: str, now: datetime) -> None:
    """Keep what one stage of an attempt said; ``traces`` decides who reads it, teams never."""
    db.add(
        ScoringLog(
            submission_id=held.submission_id,
            attempt=held.attempt,
            stage=stage[:20],
            code=code[:40],
            text=text[:20_000],
            at=now,
        )
    )


def record_of(held: Claim, outcome: ScoringOutcome, losses_digest: str | None, now: datetime) -> Score:
    """Return the record of a scored outcome, not yet added to the database."""
    return Score(
        submission_id=held.submission_id,
        attempt=held.attempt,
        public=dict(outcome.values["public"]),
        private=dict(outcome.values["private"]),
        all_rows=dict(outcome.values["all"]),
        scorer=outcome.scorer["name"],
        scorer_version=outcome.scorer["version"],
        scorer_digest=outcome.scorer["digest"],
        reference_digest=outcome.reference,
        submission_digest=outcome.submission,
        environment_digest=outcome.environment,
        basis=outcome.basis,
        sandbox=outcome.sandbox,
        losses_digest=losses_digest,
        timings_ms=dict(outcome.timings_ms),
        cpu_s=float(outcome.resources.get("cpu_s", 0.0)),
        max_rss_bytes=int(outcome.resources.get("max_rss_bytes", 0)),
        scored_at=now,
    )
