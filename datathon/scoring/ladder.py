"""The ladder: a public score that moves only when a file is better than the noise, so that nobody climbs by guessing.

Source: ranking specification 4.1. What was answered once is part of the ladder for good: a withdrawn file keeps its step,
or withdrawing would let a team ask again without limit. Standard library only.
"""

import array
import itertools
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select

from datathon.kernel.errors import NotFound
from datathon.scoring.current import counts, is_shown
from datathon.scoring.losses import MEAN, PARTS, REST, ROOT, read_kept
from datathon.scoring.tables import LadderStep, Score
from datathon.store.files import FileStore
from datathon.submissions.rules import MOVING
from datathon.submissions.tables import Submission
from scorers import sums


@dataclass(frozen=True, slots=True)
class Rung:
    """Where a ladder stands: ``level`` is the mean loss that is shown, a multiple of 1/n; ``losses`` those it came from."""

    level: float
    losses: Sequence[float]


def climb(held: Rung | None, losses: Sequence[float]) -> Rung | None:
    """Return the rung that ``losses`` (one per row, lower is better) reach, None where they do not pass the one held.

    They pass when their mean is below the level by more than the noise of the difference: its population standard
    deviation over the root of the rows. The first always does. Raises ValueError without a row or for a loss that is not
    finite.
    """
    if not losses:
        raise ValueError("no rows")
    rows, mean = len(losses), math.fsum(losses) / len(losses)
    if not math.isfinite(mean):
        raise ValueError("a loss is not finite")
    if held is not None and not mean < held.level - _spread(losses, held.losses) / math.sqrt(rows):
        return None
    return Rung(round(mean * rows) / rows, losses)


def _spread(losses: Sequence[float], others: Sequence[float]) -> float:
    if len(losses) != len(others):
        raise ValueError("not the same rows")
    apart = [one - other for one, other in zip(losses, others, strict=True)]
    middle = math.fsum(apart) / len(apart)
    return math.sqrt(math.fsum((one - middle) ** 2 for one in apart) / len(apart))


def value_of(level: float, made_by: str) -> float:
    """Return the metric of a mean loss: itself, its root, or 1 minus it."""
    return {MEAN: level, ROOT: math.sqrt(max(0.0, level)), REST: 1 - level}[made_by]


@dataclass(frozen=True, slots=True)
class _File:
    """A scored file of one owner, as a ladder takes it; ``losses`` is their digest, None where none were kept."""

    submission_id: UUID
    owner: str
    number: int
    score_id: UUID
    losses: str | None


def follow(db: Session, files: FileStore, *, edition_id: str, challenge_id: str, shown: str) -> frozenset[str]:
    """Bring the steps of a challenge up to date with its scores of the version ``shown``; return whose steps changed.

    Files count in the order of their receipt, whenever their scores came: one that waits holds back those behind it. The
    steps follow from the scores alone, so that it may run any number of times. The caller holds the edition's lock.
    """
    wanted = _files(db, edition_id, challenge_id, shown)
    kept: dict[str, list[LadderStep]] = {}
    here = (LadderStep.edition_id == edition_id, LadderStep.challenge_id == challenge_id)
    for step in db.exec(select(LadderStep).where(*here).order_by(col(LadderStep.number))):
        kept.setdefault(step.owner, []).append(step)
    changed = set()
    for owner in kept.keys() | wanted.keys():
        steps, given = kept.get(owner, []), wanted.get(owner, [])
        same = sum(1 for _ in itertools.takewhile(lambda pair: _agree(*pair), zip(steps, given, strict=False)))
        if same == len(steps) == len(given):
            continue
        changed.add(owner)
        for step in steps[same:]:
            db.delete(step)
        # A step is written again under the key of one that goes.
        db.flush()
        db.add_all(_steps(files, steps[:same], given[same:], edition_id, challenge_id, given))
        db.flush()
    return frozenset(changed)


def has_step() -> ColumnElement[bool]:
    """Return the condition that joins (outer) a submission with what the ladder answered to its present score."""
    return and_(
        col(LadderStep.submission_id) == col(Submission.id), col(LadderStep.score_id) == col(Submission.score_id)
    )


def ladder_values(db: Session, submission_ids: Iterable[UUID]) -> Mapping[UUID, tuple[float | None, bool]]:
    """Return what the ladder answered to each submission: the value shown and whether it moved; without a step, absent."""
    query = (
        select(LadderStep.submission_id, LadderStep.shown, LadderStep.accepted)
        .join(Submission, has_step())
        .where(col(LadderStep.submission_id).in_(list(submission_ids)))
    )
    return {key: (value, accepted) for key, value, accepted in db.exec(query)}


def _agree(step: LadderStep, file: _File) -> bool:
    return (step.submission_id, step.score_id) == (file.submission_id, file.score_id)


def _files(db: Session, edition_id: str, challenge_id: str, shown: str) -> dict[str, list[_File]]:
    here = (Submission.edition_id == edition_id, Submission.challenge_id == challenge_id)
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            Submission.id,
            Submission.team_id,
            Submission.baseline,
            Submission.number,
            Score.id,
            Score.losses_digest,
            Score.basis,
        )
        .join(Score, counts())
        .where(*here, col(Submission.state).in_(("scored", "withdrawn")))
        .order_by(col(Submission.number), col(Submission.received_at))
    )
    waits = (
        select(Submission.team_id, Submission.baseline, func.min(Submission.number))
        .where(*here, col(Submission.state).in_(MOVING))
        .group_by(col(Submission.team_id), Submission.baseline)
    )
    before = {_owner(team, baseline): number for team, baseline, number in db.exec(waits)}
    found: dict[str, list[_File]] = {}
    for key, team, baseline, number, score, digest, basis in db.exec(query):
        owner = _owner(team, baseline)
        if is_shown(basis, shown) and number < before.get(owner, math.inf):
            found.setdefault(owner, []).append(_File(key, owner, number, score, digest))
    return found


def _owner(team_id: UUID | None, baseline: str) -> str:
    return f"baseline:{baseline}" if team_id is None else str(team_id)


def _steps(
    files: FileStore,
    kept: Sequence[LadderStep],
    given: Sequence[_File],
    edition_id: str,
    challenge_id: str,
    everything: Sequence[_File],
) -> list[LadderStep]:
    """Return the steps of ``given``, which follow those ``kept``."""
    shown, held, best = None, None, None
    if kept:
        shown, held, best = kept[-1].shown, _rung(files, kept[-1], everything), kept[-1].best_id
    made = []
    for file in given:
        read = _losses(files, file.losses)
        reached = None if read is None else _climbed(held, read[0])
        if read is not None and reached is not None:
            held, shown, best = reached, value_of(reached.level, read[1]), file.submission_id
        made.append(
            LadderStep(
                submission_id=file.submission_id,
                edition_id=edition_id,
                challenge_id=challenge_id,
                owner=file.owner,
                number=file.number,
                score_id=file.score_id,
                accepted=reached is not None,
                shown=shown,
                level=None if held is None else held.level,
                best_id=best,
            )
        )
    return made


def _climbed(held: Rung | None, losses: Sequence[float]) -> Rung | None:
    try:
        return climb(held, losses)
    except ValueError:
        # Rows of another reference, or none: nothing can be compared, so nothing moves.
        return None


def _rung(files: FileStore, step: LadderStep, everything: Sequence[_File]) -> Rung | None:
    digest = next((file.losses for file in everything if file.submission_id == step.best_id), None)
    read = _losses(files, digest)
    return None if read is None or step.level is None else Rung(step.level, read[0])


def _losses(files: FileStore, digest: str | None) -> tuple[Sequence[float], str] | None:
    """Return the losses of the public rows and how the metric is made of them; None where they were not kept."""
    if digest is None:
        return None
    try:
        kept = read_kept(files, digest)
    except (NotFound, ValueError):
        return None
    if kept.made_by not in sums.BY_ROW:
        return None
    numbers = array.array("d", kept.values)
    if sys.byteorder == "big":
        numbers.byteswap()
    public = PARTS.index("public")
    return list(itertools.compress(numbers, (part == public for part in kept.parts))), kept.made_by
