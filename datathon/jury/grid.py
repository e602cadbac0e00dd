"""The rubric's arithmetic: marks, totals, means, threshold. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datathon.editions.rules import Criterion, Rubric
from datathon.jury.panel import Grade
from datathon.jury.severity import fair_points
from datathon.kernel.errors import Invalid

EXACT_DECIMALS = 9
"""Sums of marks are quantised to this before any comparison: ten times 0.1 is not 1.0 in floats, quantised it is."""


@dataclass(frozen=True, slots=True)
class Marks:
    """A submitted, complete sheet: who graded whom, and marks by criterion id, unweighted. Higher is better."""

    juror: str
    team: str
    points: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TeamMean:
    """What the jury gave one team, without any correction.

    ``points`` is the mean total on the rubric's own scale, ``score`` the same on 0 to 100, ``criteria`` the mean mark
    by criterion id, unweighted, ``sheets`` how many sheets were averaged (at least 1).
    """

    team: str
    points: float
    score: float
    criteria: Mapping[str, float]
    sheets: int


def exact(value: float) -> float:
    """Return ``value`` rounded to 1e-9. NaN and infinities are refused with ValueError."""
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value!r}")
    return round(value, EXACT_DECIMALS) + 0.0


def read_mark(criterion: Criterion, text: str) -> float | None:
    """Return the mark typed as ``text`` ("17,5" and "17.5" alike), None when nothing was typed.

    Raises Invalid, with the criterion's id as field, for text that is no number and for a mark that does not fit.
    """
    typed = text.strip().replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace(",", ".")
    if not typed:
        return None
    try:
        value = float(typed)
    except ValueError:
        raise Invalid("“%(found)s” is not a number.", field=criterion.id, found=text.strip()[:40]) from None
    return check_mark(criterion, value)


def check_mark(criterion: Criterion, value: float) -> float:
    """Return ``value`` when it lies in 0..maximum (both included) on one of the criterion's steps.

    Raises Invalid otherwise, with the criterion's id as field; NaN and infinities lie nowhere.
    """
    if not (math.isfinite(value) and 0 <= value <= criterion.maximum):
        raise Invalid("The mark must lie between 0 and %(maximum)s.", field=criterion.id, maximum=criterion.maximum)
    steps = exact(value / criterion.step)
    if steps != round(steps):
        raise Invalid("The mark must be a multiple of %(step)s.", field=criterion.id, step=criterion.step)
    return round(steps) * criterion.step


def check_marks(rubric: Rubric, marks: Mapping[str, float]) -> dict[str, float]:
    """Return the marks in the rubric's order, each checked; a criterion without a mark is left out.

    Raises Invalid for a mark that does not fit or that belongs to no criterion.
    """
    unknown = sorted(set(marks) - {c.id for c in rubric.criteria})
    if unknown:
        raise Invalid("The rubric has no criterion “%(criterion)s”.", criterion=unknown[0])
    return {c.id: check_mark(c, marks[c.id]) for c in rubric.criteria if c.id in marks}


def uncommented(rubric: Rubric, marks: Mapping[str, float], comment: str) -> int | None:
    """Return the number, from 1, of the first criterion whose mark asks for a comment that is not there; None: none."""
    if comment.strip():
        return None
    for number, criterion in enumerate(rubric.criteria, start=1):
        if criterion.comment_below is not None and marks.get(criterion.id, math.inf) < criterion.comment_below:
            return number
    return None


def missing(rubric: Rubric, marks: Mapping[str, float]) -> tuple[Criterion, ...]:
    """Return the criteria that have no mark yet, in the rubric's order."""
    return tuple(c for c in rubric.criteria if c.id not in marks)


def total(rubric: Rubric, marks: Mapping[str, float]) -> float:
    """Return what the marks given so far add up to, in points of the total."""
    return exact(math.fsum(c.worth(marks[c.id]) for c in rubric.criteria if c.id in marks))


def marked_maximum(rubric: Rubric, marks: Mapping[str, float]) -> float:
    """Return the highest total of the criteria marked so far, in points: 59.5 *out of 80*."""
    return exact(math.fsum(c.counts for c in rubric.criteria if c.id in marks))


def team_means(rubric: Rubric, sheets: Iterable[Marks]) -> dict[str, TeamMean]:
    """Return the raw mean of each team that has at least one sheet, by team.

    Every sheet must be complete (KeyError otherwise): rescaling or zero-filling a blank criterion would be a decision.
    On a complete design (every juror grades every team) this equals the fair score of the additive severity model for
    every shrinkage (ranking specification 4.5). The order of the sheets does not matter, to the last bit.
    """
    by_team: dict[str, list[Marks]] = {}
    for sheet in sheets:
        by_team.setdefault(sheet.team, []).append(sheet)
    return {team: _team_mean(rubric, team, given) for team, given in sorted(by_team.items())}


def _team_mean(rubric: Rubric, team: str, sheets: list[Marks]) -> TeamMean:
    count = len(sheets)
    criteria = {c.id: exact(math.fsum(s.points[c.id] for s in sheets) / count) for c in rubric.criteria}
    points = exact(math.fsum(c.worth(s.points[c.id]) for s in sheets for c in rubric.criteria) / count)
    return TeamMean(team, points, exact(100 * points / rubric.maximum), criteria, count)


def fair_scores(rubric: Rubric, sheets: Sequence[Marks], lam: float) -> dict[str, float]:
    """Return what an average juror would have given each team, on 0 to 100 but unclipped, with the frozen lambda.

    Rounded like the raw means: points to 1e-9, then the share of the maximum to 1e-9. Raises Invalid when the sheets do
    not connect all teams.
    """
    fair = fair_points(grades_of(rubric, sheets), lam)
    return {team: exact(100 * exact(mu) / rubric.maximum) for team, mu in fair.items()}


def grades_of(rubric: Rubric, sheets: Iterable[Marks]) -> list[Grade]:
    """Return each complete sheet's total in points as the model of severity reads it."""
    return [Grade(s.juror, s.team, math.fsum(c.worth(s.points[c.id]) for c in rubric.criteria)) for s in sheets]


def criterion_below(rubric: Rubric, mean: TeamMean) -> Criterion | None:
    """Return the first criterion whose own threshold the raw mean misses, quantised as in ``reaches_threshold``."""
    for criterion in rubric.criteria:
        if criterion.threshold is not None and mean.criteria[criterion.id] < exact(criterion.threshold):
            return criterion
    return None


def reaches_threshold(rubric: Rubric, points: float) -> bool:
    """Whether a raw mean total in points makes a team eligible: equal to the threshold is enough.

    Decided on the unrounded marks, quantised to 1e-9: 49.9 is below 50, 50 is not.
    """
    return exact(points) >= exact(rubric.threshold)
