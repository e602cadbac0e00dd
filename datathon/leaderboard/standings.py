"""Who stands where in a challenge, kept up to date one score at a time and never recomputed for a reader.

A standing follows from the scored submissions of its owner alone. A score that lands is compared with what stands; only
a withdrawal reads the owner's other submissions again, and only a change of the rules or of the version shown reads all.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, func, select

from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import Cutoff, Primary, order_of, primary
from datathon.leaderboard.rules import Entry, Order
from datathon.leaderboard.tables import Reached, Standing
from datathon.scoring.current import counts, is_shown
from datathon.scoring.ladder import has_step
from datathon.scoring.tables import ChallengeBasis, LadderStep, Score
from datathon.submissions.tables import FinalChoice, Submission


@dataclass(frozen=True, slots=True)
class Landed:
    """This submission has just got its score; call once for each."""

    submission_id: UUID


@dataclass(frozen=True, slots=True)
class Touched:
    """Something about the submissions of this team changed: one was withdrawn, others were chosen.

    ``submission_id`` is one that has just got its score, where that is what changed.
    """

    team_id: UUID
    submission_id: UUID | None = None


class Extent(Enum):
    """Changes that name nobody: none that is known of, or anything."""

    NOTHING = "nothing"
    EVERYTHING = "everything"


Change = Landed | Touched | Extent
COLUMNS = ("scored", "hidden", "submissions", "submission_id", "number", "value", "values", "received_at", "chosen")
"""What a standing says, besides whose it is."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What standings are computed with: the metric, the order, the version of scores shown, from when on files do not count.

    On a ``ladder`` a file that did not move it counts as a submission, without a value of its own.
    """

    edition_id: str
    challenge_id: str
    metric: Primary
    order: Order
    shown: str = ""
    cutoff: Cutoff | None = None
    ladder: bool = False

    @property
    def digest(self) -> str:
        """Return 32 figures that change when any of it does."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]

    def counts(self, row: "ScoredRow") -> bool:
        """Whether a submission came in time and has the version that is shown."""
        end = self.cutoff
        late = end is not None and row.received_at >= end.at and (end.veiled or row.team_id is not None)
        return not late and is_shown(row.version, self.shown)


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A scored submission as standings see it: public values by metric, and the version they were computed with.

    ``told`` is what its team was told: on a ladder not its own value. ``held``: a ladder has not answered it yet.
    """

    submission_id: UUID
    team_id: UUID | None
    baseline: str
    number: int
    received_at: datetime
    values: Mapping[str, float]
    version: str
    chosen: bool
    told: float | None = None
    held: bool = False

    @property
    def owner(self) -> str:
        """Key of whose it is."""
        return owner_key(self.team_id, self.baseline)


Kept = TypeVar("Kept", bound=Reached)


def basis_of(db: Session, edition: Edition, challenge: Challenge, cutoff: Cutoff | None) -> Basis:
    """Return what the standings of a challenge are computed with now. Raises Invalid as ``primary`` does."""
    version = db.get(ChallengeBasis, (edition.id, challenge.id))
    shown = "" if version is None else version.shown
    metric, order = primary(challenge), order_of(challenge)
    return Basis(edition.id, challenge.id, metric, order, shown, cutoff, challenge.board.ladder)


def owner_key(team_id: UUID | None, baseline: str) -> str:
    """Return the key of a standing: the team's id, or the baseline's name."""
    return f"baseline:{baseline}" if team_id is None else str(team_id)


def bring_up_to_date(db: Session, basis: Basis, change: Change) -> None:
    """Let the standings follow one change; the caller holds the edition's lock."""
    if isinstance(change, Landed):
        for row in rows_of(db, basis, Submission.id == change.submission_id):
            key = (basis.edition_id, basis.challenge_id, row.owner)
            standing = db.get(Standing, key)
            if standing is None:
                standing = _nothing(basis, row)
            count_row(standing, row, basis)
            db.add(standing)
    elif isinstance(change, Touched):
        here = Submission.team_id == change.team_id
        found = folded(rows_of(db, basis, here), basis, _nothing)
        _write(db, _held(db, basis, Standing.team_id == change.team_id), found)
    elif change is Extent.EVERYTHING or _miscounted(db, basis):
        _write(db, _held(db, basis), folded(rows_of(db, basis), basis, _nothing))
    db.flush()


def standing_entry(standing: Reached, order: Order) -> Entry | None:
    """Return the entry that counts for a standing, as a team's; None where nothing has a value."""
    if standing.submission_id is None or standing.value is None or standing.received_at is None:
        return None
    return Entry(
        owner=standing.owner,
        kind="team",
        value=standing.value,
        received_at=standing.received_at,
        submission=str(standing.submission_id),
        ties=order.tie_keys(standing.values),
        number=standing.number,
        chosen=standing.chosen,
    )


def rows_of(db: Session, basis: Basis, *conditions: Any) -> Iterable[ScoredRow]:
    """Yield the scored submissions of the challenge; columns only, since there may be very many."""
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            Submission.id,
            Submission.team_id,
            Submission.baseline,
            Submission.number,
            Submission.received_at,
            Score.public,
            Score.basis,
            FinalChoice.chosen_at,
            LadderStep.accepted,
            LadderStep.shown,
        )
        .join(Score, counts())
        .join(FinalChoice, col(FinalChoice.submission_id) == col(Submission.id), isouter=True)
        .join(LadderStep, has_step(), isouter=True)
        .where(
            Submission.edition_id == basis.edition_id,
            Submission.challenge_id == basis.challenge_id,
            Submission.state == "scored",
            *conditions,
        )
    )
    for key, team, baseline, number, received_at, values, version, chosen_at, accepted, level in db.exec(query):
        told, held = values.get(basis.metric.name), False
        if basis.ladder:
            # The exact value stays hidden.
            told, held = level, accepted is None and is_shown(version, basis.shown)
            values = {basis.metric.name: level} if accepted else {}  # noqa: PLW2901
        yield ScoredRow(key, team, baseline, number, received_at, values, version, chosen_at is not None, told, held)


def _held(db: Session, basis: Basis, *conditions: Any) -> list[Standing]:
    query = select(Standing).where(
        Standing.edition_id == basis.edition_id, Standing.challenge_id == basis.challenge_id, *conditions
    )
    return list(db.exec(query))


def _miscounted(db: Session, basis: Basis) -> bool:
    """Whether there are more or fewer scored submissions than standings know of: somebody forgot to tell."""
    stored = select(func.count()).where(
        Submission.edition_id == basis.edition_id,
        Submission.challenge_id == basis.challenge_id,
        Submission.state == "scored",
    )
    known = select(func.coalesce(func.sum(Standing.scored), 0)).where(
        Standing.edition_id == basis.edition_id, Standing.challenge_id == basis.challenge_id
    )
    return db.exec(stored).one() != db.exec(known).one()


def _nothing(basis: Basis, row: ScoredRow) -> Standing:
    return Standing(
        edition_id=basis.edition_id,
        challenge_id=basis.challenge_id,
        owner=row.owner,
        team_id=row.team_id,
        baseline=row.baseline,
        scored=0,
        hidden=0,
        submissions=0,
    )


def folded(rows: Iterable[ScoredRow], basis: Basis, nothing: Callable[[Basis, ScoredRow], Kept]) -> dict[str, Kept]:
    """Return what the owners of ``rows`` have reached, each counted into what ``nothing`` makes for it."""
    found: dict[str, Kept] = {}
    for row in rows:
        standing = found.get(row.owner)
        if standing is None:
            standing = found[row.owner] = nothing(basis, row)
        count_row(standing, row, basis)
    return found


def count_row(standing: Reached, row: ScoredRow, basis: Basis) -> None:
    """Add one submission to what its owner has reached."""
    standing.scored += 1
    end = basis.cutoff
    if end is not None and row.received_at >= end.at and (end.veiled or row.team_id is not None):
        return
    if not is_shown(row.version, basis.shown):
        standing.hidden += 1
        return
    value = row.values.get(basis.metric.name)
    if value is None or not math.isfinite(value):
        standing.submissions += basis.ladder
        return
    standing.submissions += 1
    ties = basis.order.tie_keys(row.values)
    new = Entry(row.owner, "team", value, row.received_at, str(row.submission_id), ties, row.number, row.chosen)
    held = standing_entry(standing, basis.order)
    if held is None or basis.order.prefers(new, held):
        standing.submission_id, standing.number, standing.value = row.submission_id, row.number, value
        standing.received_at, standing.chosen = row.received_at, row.chosen
        standing.values = dict(row.values)


def _write(db: Session, held: list[Standing], wanted: dict[str, Standing]) -> None:
    """Make the rows ``held`` say what ``wanted`` says, touching only what differs."""
    for standing in held:
        new = wanted.pop(standing.owner, None)
        if new is None:
            db.delete(standing)
            continue
        for name in COLUMNS:
            if getattr(standing, name) != getattr(new, name):
                setattr(standing, name, getattr(new, name))
        db.add(standing)
    db.add_all(wanted.values())
