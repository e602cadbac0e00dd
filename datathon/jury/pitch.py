"""Pitches before the jury: draw the order, lead the room from one team and phase to the next, read where it is."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.pitch_tables import PitchRun
from datathon.jury.queries import GradedTeam, graded_teams, rubric_of
from datathon.jury.rules import REASON_LIMIT
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store import audit
from datathon.store.db import locked

PHASES = ("pitch", "questions", "grading")
USUAL_MINUTES: Mapping[str, int] = {"pitch": 5, "questions": 5, "grading": 2}
MOST_MINUTES = 120
MOVES = ("start", "pause", "next", "previous", "skip")


@dataclass(frozen=True, slots=True)
class Turn:
    """One team in the drawn order; ``state`` is done, now, next or later."""

    team: GradedTeam
    state: str


@dataclass(frozen=True, slots=True)
class Room:
    """Where the room is. ``now`` is None before the first team and after the last; ``left`` seconds, below 0 overtime.

    ``running``: the clock counts. ``over``: the last team is done.
    """

    version: int
    turns: tuple[Turn, ...]
    now: GradedTeam | None
    following: GradedTeam | None
    phase: str
    left: float
    length: int
    running: bool
    over: bool
    seed: int
    draws: int
    drawn_at: datetime
    minutes: Mapping[str, int]


def draw_order(
    db: Session,
    *,
    edition: Edition,
    organiser_id: UUID,
    minutes: Mapping[str, int],
    seed: int,
    version: int,
    reason: str,
    now: datetime,
) -> tuple[str, ...]:
    """Draw the order of the pitches among the prototypes handed in and return the slugs; the seed repeats it.

    ``version`` is 0 for the first draw. Drawing again needs a reason, which stands in the journal. Raises Invalid
    (minutes, no reason, no prototype); Conflict once the pitches have begun or when somebody drew meanwhile.
    """
    rubric_of(edition)
    _check_minutes(minutes)
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    row = locked(db, PitchRun, edition.id)
    _check_version(row, version)
    if row is not None and row.place >= 0:
        raise Conflict("The pitches have begun; their order stands.")
    if row is not None and not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    teams = sorted(graded_teams(db, edition), key=lambda t: t.slug)
    if not teams:
        raise Invalid("No prototype is handed in yet: there is no order to draw.")
    random.Random(seed).shuffle(teams)  # noqa: S311 - a fair order that anybody can repeat, not a secret
    row = row or PitchRun(
        edition_id=edition.id, seed=seed, draws=0, version=0, drawn_at=now, drawn_by=organiser_id,
        pitch_minutes=0, questions_minutes=0, grading_minutes=0,
    )  # fmt: skip
    row.teams, row.seed, row.draws, row.version = [str(t.team_id) for t in teams], seed, row.draws + 1, version + 1
    row.drawn_at, row.drawn_by = now, organiser_id
    row.pitch_minutes, row.questions_minutes, row.grading_minutes = (minutes[phase] for phase in PHASES)
    db.add(row)
    audit.record(
        db, "draw_pitches", edition.id, now=now, actor=organiser_id, edition=edition.id, seed=seed,
        draw=row.draws, order=[t.slug for t in teams], **({"reason": reason.strip()} if row.draws > 1 else {}),
    )  # fmt: skip
    db.flush()
    return tuple(t.slug for t in teams)


def lead_room(db: Session, *, edition: Edition, organiser_id: UUID, version: int, move: str, now: datetime) -> PitchRun:
    """Move the room: start or pause the clock, go to the next or previous phase, or ``skip`` to the next team.

    The next phase starts its clock at once; the next team waits for ``start``, so that it can set up. Raises Conflict
    when somebody moved it meanwhile or there is nowhere to go, Invalid for an unknown move, NotFound before the draw.
    """
    row = locked(db, PitchRun, edition.id)
    if row is None:
        raise NotFound("The order of the pitches is not drawn yet.")
    _check_version(row, version)
    if move not in MOVES:
        raise Invalid("The room knows no such move.", field="move")
    there = _there(db, edition, row)
    if move in {"start", "pause"}:
        _tick(row, move, there, now)
    elif move == "previous":
        _back(row, there)
    else:
        _on(row, there, now, whole_team=move == "skip")
    row.version += 1
    db.add(row)
    audit.record(
        db, "lead_pitches", edition.id, now=now, actor=organiser_id, edition=edition.id, move=move,
        place=row.place, phase=row.phase,
    )  # fmt: skip
    db.flush()
    return row


def _tick(row: PitchRun, move: str, there: Mapping[int, GradedTeam], now: datetime) -> None:
    if move == "pause":
        if row.started_at is None:
            raise Conflict("The clock is stopped already.")
        row.spent, row.started_at = row.spent + (now - row.started_at).total_seconds(), None
        return
    if row.started_at is not None:
        raise Conflict("The clock is running already.")
    if row.place < 0:
        _on(row, there, now, whole_team=True)
    if row.place >= len(row.teams):
        raise Conflict("Every team has had its turn.")
    row.started_at = now


def _on(row: PitchRun, there: Mapping[int, GradedTeam], now: datetime, *, whole_team: bool) -> None:
    if row.place >= len(row.teams):
        raise Conflict("Every team has had its turn.")
    after = PHASES.index(row.phase) + 1
    if row.place >= 0 and not whole_team and after < len(PHASES):
        _enter(row, row.place, PHASES[after])
        row.started_at = now
    else:
        _enter(row, min((n for n in there if n > row.place), default=len(row.teams)), "pitch")


def _back(row: PitchRun, there: Mapping[int, GradedTeam]) -> None:
    before = PHASES.index(row.phase) - 1
    place = max((n for n in there if n < row.place), default=-1)
    if before >= 0 and row.place < len(row.teams):
        _enter(row, row.place, PHASES[before])
    elif place >= 0:
        _enter(row, place, "grading")
    else:
        raise Conflict("The room is at its beginning.")


def _enter(row: PitchRun, place: int, phase: str) -> None:
    row.place, row.phase, row.spent, row.started_at = place, phase, 0.0, None


def room(db: Session, edition: Edition, *, now: datetime) -> Room | None:
    """Return where the room is, None before the draw; teams that withdrew since are passed over."""
    row = db.get(PitchRun, edition.id)
    if row is None:
        return None
    there = _there(db, edition, row)
    minutes = {"pitch": row.pitch_minutes, "questions": row.questions_minutes, "grading": row.grading_minutes}
    length = 60 * minutes[row.phase]
    gone = row.spent + ((now - row.started_at).total_seconds() if row.started_at is not None else 0.0)
    coming = min((n for n in there if n > row.place), default=None)

    def state(n: int) -> str:
        if n <= row.place:
            return "now" if n == row.place else "done"
        return "next" if n == coming else "later"

    return Room(
        version=row.version,
        turns=tuple(Turn(team, state(n)) for n, team in there.items()),
        now=there.get(row.place),
        following=None if coming is None else there[coming],
        phase=row.phase,
        left=length - gone,
        length=length,
        running=row.started_at is not None,
        over=row.place >= len(row.teams),
        seed=row.seed,
        draws=row.draws,
        drawn_at=row.drawn_at,
        minutes=minutes,
    )


def _there(db: Session, edition: Edition, row: PitchRun) -> dict[int, GradedTeam]:
    """Return the teams by their place in the drawn order, without those that left since: places never shift."""
    known = {str(team.team_id): team for team in graded_teams(db, edition)}
    return {n: known[key] for n, key in enumerate(row.teams) if key in known}


def _check_minutes(minutes: Mapping[str, int]) -> None:
    for phase in PHASES:
        if not (0 if phase == "grading" else 1) <= minutes.get(phase, 0) <= MOST_MINUTES:
            raise Invalid("From 1 to %(most)s minutes.", field=phase, most=MOST_MINUTES)


def _check_version(row: PitchRun | None, version: int) -> None:
    if (0 if row is None else row.version) != version:
        raise Conflict("The room moved meanwhile, or the button was pressed twice. Here is where it is now.")
