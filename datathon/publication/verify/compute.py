"""Work a ranking out again: marks, thresholds, severity, totals, ties. Numbers are rounded where the rules round them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from datathon.publication.verify.read import Component, Published, Team

CORRECTIONS = 4
"""Rounds of refinement with exact residuals; each is worth ten decimal digits or more."""


@dataclass(slots=True)
class Worked:
    """What one team comes to. Scores are on 0 to 100."""

    team: str
    name: str
    status: str
    reason: str | None
    rank: int | None = None
    shared: bool = False
    points: float | None = None
    jury_raw: float | None = None
    jury_fair: float | None = None
    jury: float | None = None
    total: float | None = None
    sensitive: bool = False
    criteria: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    contributions: dict[str, float] = field(default_factory=dict)


def nine(value: float) -> float:
    """Return ``value`` rounded to nine decimals, never minus zero."""
    return round(value, 9) + 0.0


def recompute(published: Published) -> dict[str, Worked]:
    """Return every team's result by team, from the facts in the file and the rules it states."""
    worked = {team.id: Worked(team.id, team.name, team.status, team.reason) for team in published.teams}
    _grade(published, worked)
    for team in published.teams:
        _score(published, worked[team.id])
        worked[team.id].status, worked[team.id].reason = _status(published, team, worked[team.id])
    _total(published, worked)
    _rank(published, worked)
    return worked


def maximum(published: Published) -> float:
    """Return the highest total of a sheet, in points."""
    return math.fsum(published.weights.get(c, most) for c, (most, _) in published.criteria.items())


def worth(published: Published, criterion: str, mark: float) -> float:
    """Return what a mark adds to its sheet's total: itself, or its share of the criterion's weight."""
    weight = published.weights.get(criterion)
    return mark if weight is None else mark * weight / published.criteria[criterion][0]


def jury_of(published: Published) -> Component | None:
    """Return the jury's component, None where no jury counts."""
    return next((c for c in published.components if c.kind == "jury"), None)


def _prefer(published: Published, worked: dict[str, Worked]) -> None:
    """Give each compared team the jury's score: 100 × the chance to be preferred to a strength of 0."""
    if published.pairs is None:
        return
    from datathon.publication.verify.pairs import worked_pairs  # noqa: PLC0415 - most rankings need no equations

    theta = worked_pairs(published.pairs).theta
    for one, other, first, second in published.pairs.wins:
        for team in (one, other) if first + second else ():
            worked[team].jury = nine(100 * _sigmoid(theta[team]))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _grade(published: Published, worked: dict[str, Worked]) -> None:
    by_pairs = jury_of(published)
    if by_pairs is not None and by_pairs.by_pairs:
        _prefer(published, worked)
        return
    by_team: dict[str, list[Mapping[str, float]]] = {}
    for _, team, marks in published.sheets:
        by_team.setdefault(team, []).append(marks)
    for team, sheets in by_team.items():
        found = worked[team]
        found.criteria = {c: nine(math.fsum(m[c] for m in sheets) / len(sheets)) for c in published.criteria}
        found.points = nine(
            math.fsum(worth(published, c, m[c]) for m in sheets for c in published.criteria) / len(sheets)
        )
        found.jury_raw = found.jury = nine(100 * found.points / maximum(published))
    part = jury_of(published)
    lam = None if part is None else part.lam or part.shown
    if part is None or lam is None or not _correctable(published):
        return
    for team, mu in fair_points(published, lam).items():
        worked[team].jury_fair = nine(100 * nine(mu) / maximum(published))
        if published.threshold is not None:
            least, fair = nine(published.threshold), nine((worked[team].jury_fair or 0.0) * maximum(published) / 100)
            worked[team].sensitive = (fair >= least) != ((worked[team].points or 0.0) >= least)
        if part.lam is not None:
            worked[team].jury = nine(min(max(worked[team].jury_fair or 0.0, 0.0), 100.0))


def _correctable(published: Published) -> bool:
    """Whether the sheets are incomplete and hang together."""
    pairs = {(juror, team) for juror, team, _ in published.sheets}
    jurors, teams = {j for j, _ in pairs}, {t for _, t in pairs}
    if len(pairs) == len(jurors) * len(teams):
        return False
    reached, edge = set[str](), {next(iter(teams))}
    while edge:
        reached |= edge
        around = {j for j, t in pairs if t in edge}
        edge = {t for j, t in pairs if j in around} - reached
    return reached == teams


def fair_points(published: Published, lam: float) -> dict[str, float]:
    """Return mu of each graded team in points: the exact solution of the mixed model equations, as nearest doubles."""
    import numpy as np  # noqa: PLC0415 - most rankings need no equations

    teams = sorted({team for _, team, _ in published.sheets})
    jurors = sorted({juror for juror, _, _ in published.sheets})
    place = {name: n for n, name in enumerate([*(("t", t) for t in teams), *(("j", j) for j in jurors)])}
    grades = [
        (
            place["t", team],
            place["j", juror],
            Fraction(math.fsum(worth(published, c, marks[c]) for c in published.criteria)),
        )
        for juror, team, marks in published.sheets
    ]
    matrix = np.zeros((len(place), len(place)))
    for i, j, _ in grades:
        matrix[i, i] += 1
        matrix[j, j] += 1
        matrix[i, j] += 1
        matrix[j, i] += 1
    for j in range(len(teams), len(place)):
        matrix[j, j] += lam
    backwards = np.linalg.inv(matrix)
    solution = [Fraction(0)] * len(place)
    weight = Fraction(lam)
    for _ in range(CORRECTIONS):
        rest = [Fraction(0) if n < len(teams) else -weight * value for n, value in enumerate(solution)]
        for i, j, points in grades:
            gap = points - solution[i] - solution[j]
            rest[i] += gap
            rest[j] += gap
        step = backwards @ np.array([float(r) for r in rest])
        solution = [value + Fraction(float(s)) for value, s in zip(solution, step, strict=True)]
    return {team: float(solution[n]) for n, team in enumerate(teams)}


def _score(published: Published, found: Worked) -> None:
    for part in published.components:
        if part.kind == "jury":
            if found.jury is not None:
                found.scores[part.id] = found.jury
            continue
        value = published.metrics[part.id].get(found.team)
        if value is None:
            continue
        if part.baseline is None or part.target is None:
            found.scores[part.id] = -value if part.direction == "lower" else value
        else:
            share = (nine(value) - nine(part.baseline)) / (nine(part.target) - nine(part.baseline))
            found.scores[part.id] = nine(100 * min(max(share, 0.0), 1.0))


def _status(published: Published, team: Team, found: Worked) -> tuple[str, str | None]:
    if team.status in {"withdrawn", "out_of_competition"}:
        return team.status, team.status
    if team.status == "ineligible" and team.reason == "decided":
        return "ineligible", "decided"
    if found.points is not None:
        if published.threshold is not None and found.points < nine(published.threshold):
            return "ineligible", "below_threshold"
        for name, (_, threshold) in published.criteria.items():
            if threshold is not None and found.criteria[name] < nine(threshold):
                return "ineligible", "below_criterion"
    for component in published.components:
        if component.weight and component.id not in found.scores:
            return "unranked", f"no_{component.kind}"
    return "ranked", None


def heaviest_first(published: Published) -> list[Component]:
    """Return the components with a weight in the order in which the lexicographic scheme reads them."""
    return sorted((c for c in published.components if c.weight), key=lambda c: -c.weight)


def _total(published: Published, worked: dict[str, Worked]) -> None:
    parts = [c for c in published.components if c.weight]
    whole = sum(c.weight for c in parts)
    ranked = [w for w in worked.values() if w.status == "ranked"]
    if published.scheme == "rank":
        places = {c.id: {w.team: _share_beaten(w, ranked, c.id) for w in ranked} for c in parts}
        for found in worked.values():
            found.scores = {c.id: places[c.id][found.team] for c in parts} if found.status == "ranked" else {}
    for found in worked.values():
        if any(c.id not in found.scores for c in parts):
            continue
        mean = nine(math.fsum(c.weight * found.scores[c.id] for c in parts) / whole)
        found.total, factor = mean, 1.0
        if published.scheme == "geometric":
            found.total = _geometric(parts, found.scores)
            factor = found.total / mean if mean else 0.0
        found.contributions = {c.id: factor * (c.weight * found.scores[c.id] / whole) for c in parts}
        if published.scheme == "lexicographic":
            first = heaviest_first(published)[0].id
            found.total = nine(found.scores[first])
            found.contributions = {c.id: found.total if c.id == first else 0.0 for c in parts}


def _share_beaten(one: Worked, ranked: list[Worked], component: str) -> float:
    if len(ranked) == 1:
        return 100.0
    own = one.scores[component]
    won = sum(w.scores[component] < own for w in ranked)
    equal = sum(w.scores[component] == own for w in ranked) - 1
    return nine(100 * (won + equal / 2) / (len(ranked) - 1))


def _geometric(parts: list[Component], scores: Mapping[str, float]) -> float:
    if min(scores[c.id] for c in parts) <= 0:
        return 0.0
    with localcontext() as context:
        context.prec = 40
        logs = sum((c.weight * Decimal(scores[c.id]).ln() for c in parts), Decimal(0))
        return nine(float((logs / sum(c.weight for c in parts)).exp()))


def _rank(published: Published, worked: dict[str, Worked]) -> None:
    keys = _keys(published, {w.team: w for w in worked.values() if w.status == "ranked"})
    for team, key in keys.items():
        worked[team].rank = 1 + sum(other > key for other in keys.values())
        worked[team].shared = list(keys.values()).count(key) > 1


def _keys(published: Published, ranked: Mapping[str, Worked]) -> dict[str, tuple[float, ...]]:
    """Return what is compared, by team: larger is better."""
    keys: dict[str, tuple[float, ...]] = {}
    for team, found in ranked.items():
        values = [found.total or 0.0]
        if published.scheme == "lexicographic":
            values = [found.scores[c.id] for c in heaviest_first(published)]
        keys[team] = tuple(round(v, published.decimals) + 0.0 for v in values)
    named = {c.id for c in published.components}
    for rule in published.tie_break:
        if rule == "pairwise" and rule not in named:
            column = _by_pairs(published, keys)
        else:
            column = {team: _tie_value(published, ranked[team], rule) for team in keys}
        keys = {team: (*key, column[team]) for team, key in keys.items()}
    return keys


def _by_pairs(published: Published, keys: Mapping[str, tuple[float, ...]]) -> dict[str, float]:
    """Return strengths where all teams that tie so far were compared, 0 where one was not."""
    theta: Mapping[str, float] = {}
    if published.pairs is not None:
        from datathon.publication.verify.pairs import worked_pairs  # noqa: PLC0415 - as above

        theta = worked_pairs(published.pairs).theta
    strange = {key for team, key in keys.items() if team not in theta}
    return {team: 0.0 if key in strange else theta[team] for team, key in keys.items()}


def _tie_value(published: Published, found: Worked, rule: str) -> float:
    if rule.startswith("criterion:"):
        return nine(found.criteria.get(rule.removeprefix("criterion:"), 0.0))
    part = next(c for c in published.components if rule in (c.id, c.kind))
    if part.kind == "jury" and part.lam is not None and found.jury_fair is not None:
        return nine(found.jury_fair)
    return nine(found.scores.get(part.id, 0.0))
