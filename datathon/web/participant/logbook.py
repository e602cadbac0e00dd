"""The logbook of a team: its submissions to one challenge, newest first, with what each says."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge, Edition
from datathon.leaderboard.queries import Primary, board, primary, rank_of
from datathon.leaderboard.veil import line_of
from datathon.scoring import explain
from datathon.scoring.held import is_held
from datathon.scoring.line import Line, line
from datathon.scoring.logbook import PublicScore, baseline_value, public_scores
from datathon.scoring.problem import Problem
from datathon.scoring.pulse import NEEDS_FULL
from datathon.scoring.queries import why_waiting
from datathon.submissions.queries import SubmissionView, submissions_of
from datathon.submissions.rules import MOVING, State
from datathon.teams.queries import TeamView

DETAILED = 3
"""Entries shown in full; the others are lines of a table."""

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One line of the table that says where to correct a refused file, in the page's language.

    ``more`` counts the faults of this kind that are not listed; ``further`` says so.
    """

    line: int | None
    column: str | None
    what: str
    found: str | None
    expected: str
    more: int = 0
    further: str = ""


@dataclass(frozen=True, slots=True)
class Secondary:
    """A metric that is shown but does not rank."""

    name: str
    value: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission with what a page says of it.

    ``value`` is the public score; ``gain`` is value minus the best of the team's earlier scored files, ``over_baseline``
    value minus the best baseline, both in the metric's own unit; ``better`` tells whether the gain is one in the
    metric's direction. ``ahead`` counts the files taken before this one while it waits, None when it does not, or when
    more than a page can count are before it; ``wait_s`` is about how many seconds remain, None where nothing is known.
    ``held``: it waits for another sandbox, in no line.
    """

    submission: SubmissionView
    score: PublicScore | None
    value: float | None
    others: tuple[Secondary, ...]
    gain: float | None
    better: bool
    earlier_best: int | None
    over_baseline: float | None
    rank: int | None
    ahead: int | None
    wait_s: int | None
    held: bool
    problems: tuple[ProblemLine, ...]

    @property
    def moving(self) -> bool:
        """Whether the entry will change by itself."""
        return self.submission.state in MOVING

    @property
    def choosable(self) -> bool:
        """Whether the submission may be chosen to count."""
        return self.submission.state == State.SCORED


@dataclass(frozen=True, slots=True)
class Logbook:
    """A team's entries, newest first; ``best`` is the number of its best scored file; ``trouble`` a catalogue key or empty.

    ``workers`` counts those that share the queue; ``service_s`` is what a file of this challenge takes one of them, in
    the middle, None while nothing is known.
    """

    metric: Primary
    entries: tuple[Entry, ...]
    best: int | None
    baseline: float | None
    workers: int
    service_s: float | None
    trouble: str

    @property
    def moving(self) -> bool:
        """Whether the page should look again."""
        return any(e.moving for e in self.entries)

    @property
    def detailed(self) -> tuple[Entry, ...]:
        """The entries shown in full: the newest ones and everything that is not at its end."""
        return tuple(e for n, e in enumerate(self.entries) if n < DETAILED or e.moving)

    @property
    def earlier(self) -> tuple[Entry, ...]:
        """The entries shown as lines of a table."""
        shown = {e.submission.id for e in self.detailed}
        return tuple(e for e in self.entries if e.submission.id not in shown)

    @property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the submissions chosen to count, in order."""
        return tuple(sorted(e.submission.number for e in self.entries if e.submission.chosen))

    def tag(self, lang: str) -> str:
        """Return a tag that changes when anything on the page would: for ETag and If-None-Match."""
        facts = (
            [
                (e.submission.id, e.submission.state, e.submission.attempt, e.ahead, e.wait_s, e.submission.chosen)
                for e in self.entries
            ],
            [(e.value, e.rank) for e in self.entries],
            self.trouble,
            self.workers,
            self.baseline,
            lang,
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def logbook(
    db: Session,
    *,
    edition: Edition,
    challenge: Challenge,
    team: TeamView,
    known: Catalogue,
    lang: str,
    now: datetime,
) -> Logbook:
    """Return the logbook of ``team`` for a challenge that takes predictions, with sentences in ``lang``.

    The queue is read once, and only while something moves.
    """
    metric = primary(challenge)
    submissions = submissions_of(db, team_id=team.id, challenge_id=challenge.id)
    ladder = metric.name if challenge.board.ladder else ""
    scores = public_scores(db, [s.id for s in submissions if s.state == State.SCORED], ladder=ladder)
    baseline = baseline_value(
        db,
        edition_id=edition.id,
        challenge_id=challenge.id,
        metric=metric.name,
        higher_is_better=metric.direction == "higher",
    )
    shown = board(db, edition, challenge)
    called = line_of(db, edition, windows_of(db, edition, now=now), team.id, now=now)
    rank = None if shown is None or called is None else rank_of(shown, called)
    queue = line(db, known, now=now) if any(s.state in MOVING for s in submissions) else None
    held = queue is not None and is_held(db, challenge, now=now)
    values = values_of(submissions, scores, metric)
    best = best_of(values, metric)
    entries = tuple(
        _entry(
            submission,
            score=scores.get(submission.id),
            values=values,
            baseline=baseline,
            rank=rank if submission.number == best else None,
            queue=queue,
            held=held,
            challenge=challenge,
            lang=lang,
        )
        for submission in submissions
    )
    return Logbook(
        metric=metric,
        entries=entries,
        best=best,
        baseline=baseline,
        workers=0 if queue is None else queue.workers,
        service_s=None if queue is None else queue.service_s.get(challenge.id),
        trouble="" if queue is None else why_waiting(db, now=now) or (NEEDS_FULL if held else ""),
    )


def values_of(
    submissions: Sequence[SubmissionView], scores: Mapping[UUID, PublicScore], metric: Primary
) -> dict[int, float]:
    """Return the public value that may be seen of each submission by number."""
    there = {s.number: scores[s.id].values for s in submissions if s.id in scores}
    return {number: values[metric.name] for number, values in there.items() if metric.name in values}


def best_of(values: Mapping[int, float], metric: Primary) -> int | None:
    """Return the number of the best value, the earliest one where several are equal; None without any."""
    if not values:
        return None
    sign = -1 if metric.direction == "higher" else 1
    return min(values, key=lambda number: (sign * values[number], number))


def problem_lines(stored: Sequence[Mapping[str, Any]], lang: str) -> tuple[ProblemLine, ...]:
    """Return the recorded problems of a refused file as lines in ``lang``."""
    return tuple(_line(Problem.from_json(one), lang) for one in stored)


def _line(problem: Problem, lang: str) -> ProblemLine:
    return ProblemLine(
        line=problem.line,
        column=problem.column,
        what=explain.what(problem, lang),
        found=problem.found,
        expected=explain.expected(problem, lang),
        more=int(problem.params.get("more") or 0),
        further=explain.further(problem, lang),
    )


def _entry(
    submission: SubmissionView,
    *,
    score: PublicScore | None,
    values: Mapping[int, float],
    baseline: float | None,
    rank: int | None,
    queue: Line | None,
    held: bool,
    challenge: Challenge,
    lang: str,
) -> Entry:
    metric = primary(challenge)
    value = values.get(submission.number)
    earlier = best_of({n: v for n, v in values.items() if n < submission.number}, metric)
    moved = score is None or score.moved
    gain = None if value is None or earlier is None or not moved else value - values[earlier]
    others = () if score is None else _others(challenge, score)
    return Entry(
        submission=submission,
        score=score,
        value=value,
        others=others,
        gain=gain,
        better=gain is not None and (gain > 0) == (metric.direction == "higher") and gain != 0,
        earlier_best=earlier,
        over_baseline=None if value is None or baseline is None else value - baseline,
        rank=rank,
        ahead=None if queue is None else queue.ahead(submission.id),
        wait_s=None if queue is None else queue.wait_s(submission.id),
        held=held and submission.state == State.RECEIVED,
        problems=problem_lines(submission.problems, lang) if submission.state == State.REJECTED else (),
    )


def _others(challenge: Challenge, score: PublicScore) -> tuple[Secondary, ...]:
    return tuple(
        Secondary(m.name, score.values[m.name], m.decimals) for m in challenge.metrics[1:] if m.name in score.values
    )


def entry_of(book: Logbook, submission_id: UUID) -> Entry | None:
    """Return one entry of a logbook, None when the submission is not in it."""
    return next((e for e in book.entries if e.submission.id == submission_id), None)
