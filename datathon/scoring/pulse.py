"""Signs of life of workers and of what they watch, kept in the database so that pages can say what is missing."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from datathon.scoring.tables import WorkerPulse

WORKER = "worker"
SCORER = "scorer"
REDIS = "redis"

SILENT_AFTER = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(hours=1)

NO_WORKER = "No worker is running. Submissions wait and nothing is lost."
NO_SCORER = "The scorer service does not answer. Submissions wait and nothing is lost."
SCORER_REFUSES = (
    "The scorer service refuses to work: its sandbox is not safe here. Submissions wait and nothing is lost."
)
NO_REDIS = "Redis does not answer. Workers read the queue from the database, a little more slowly."

NEEDS_FULL = "It waits: this challenge needs a sandbox of the level full, which the scorer service does not have here. Nothing is lost."
"""What teams and organisers read of submissions that are held, see ``held``."""

TROUBLES_SHOWN = (NO_WORKER, NO_SCORER, SCORER_REFUSES)
"""What a team is told; the rest is for organisers only. All of them are catalogue keys."""


def beat(db: Session, name: str, kind: str, *, now: datetime, trouble: str = "") -> None:
    """Note that ``name`` was seen at ``now``, well or with ``trouble`` (a catalogue key)."""
    db.merge(WorkerPulse(name=name, kind=kind, seen_at=now, trouble=trouble))


def forget(db: Session, name: str) -> None:
    """Drop the pulses of a worker that ends, its own and those of what it watched."""
    db.exec(delete(WorkerPulse).where(col(WorkerPulse.name).startswith(name, autoescape=True)))


def forget_silent(db: Session, *, now: datetime) -> None:
    """Drop the pulses of workers that were not seen for an hour."""
    db.exec(delete(WorkerPulse).where(col(WorkerPulse.seen_at) < now - FORGOTTEN_AFTER))


def alive(db: Session, kind: str, *, now: datetime) -> list[WorkerPulse]:
    """Return the pulses of one kind that are fresh and without trouble."""
    query = select(WorkerPulse).where(WorkerPulse.kind == kind, col(WorkerPulse.seen_at) >= now - SILENT_AFTER)
    return [pulse for pulse in db.exec(query).all() if not pulse.trouble]


def troubles(db: Session, *, now: datetime) -> tuple[str, ...]:
    """Return what is missing at ``now``, as catalogue keys, the gravest first; empty when all is well."""
    fresh = db.exec(select(WorkerPulse).where(col(WorkerPulse.seen_at) >= now - SILENT_AFTER)).all()
    if not any(pulse.kind == WORKER for pulse in fresh):
        return (NO_WORKER,)
    said = {pulse.trouble for pulse in fresh}
    healthy = {pulse.kind for pulse in fresh if not pulse.trouble}
    about = {NO_SCORER: SCORER, SCORER_REFUSES: SCORER, NO_REDIS: REDIS}
    return tuple(sentence for sentence, kind in about.items() if sentence in said and kind not in healthy)
