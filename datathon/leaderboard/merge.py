"""The final ranking: metrics on fixed anchors and the jury's mean, merged by weight. Pure.

Source: ranking specification 4.2 (ties), 4.3 (anchors), 4.8 (merge). Each number that is published is quantised, and
the next one follows from the published ones, so that anybody can recompute the ranking from the results file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from datathon.editions.rules import Component, RankingPlan, Rubric
from datathon.jury.grid import Marks, TeamMean, exact, reaches_threshold, team_means
from datathon.kernel.errors import Invalid
from datathon.leaderboard.rules import quantise, shared_ranks

Status = Literal["ranked", "ineligible", "out_of_competition", "withdrawn", "unranked"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """A team as the ranking sees it. ``status`` is the organisers': active, withdrawn, out_of_competition, ineligible."""

    id: str
    name: str
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the ranking depends on.

    ``metrics`` maps a metric component's id to the final value of each team that has one; ``sheets`` holds submitted,
    complete sheets only. ``rubric`` is None when no jury grades.
    """

    plan: RankingPlan
    rubric: Rubric | None
    contestants: tuple[Contestant, ...]
    metrics: Mapping[str, Mapping[str, float]]
    sheets: tuple[Marks, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one component adds to a total: ``points`` = share of the weight x ``score`` (0 to 100)."""

    component: str
    weight: int
    score: float
    points: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one team ends, and why.

    ``rank`` is set for status "ranked" only. ``reason`` is a code for every other status: below_threshold, decided,
    out_of_competition, withdrawn, no_jury, no_metric. ``jury_points`` is the raw mean on the rubric's scale; ``jury_raw`` and
    ``jury`` are on 0 to 100, before and after correction. ``total`` (0 to 100, higher is better) is None where a component
    is missing; its contributions sum to it to 1e-9, and ranks compare it at the plan's decimals. ``sensitive`` tells that the corrected score falls on the
    other side of the threshold. ``shared`` tells that the whole tie chain could not separate this team from another.
    """

    team: str
    name: str
    status: Status
    reason: str | None
    rank: int | None
    scores: Mapping[str, float]
    jury_points: float | None
    jury_raw: float | None
    jury: float | None
    criteria: Mapping[str, float]
    total: float | None
    contributions: tuple[Contribution, ...]
    sensitive: bool = False
    shared: bool = False


def anchored(value: float, *, baseline: float, target: float) -> float:
    """Return 100 * clip((value - baseline) / (target - baseline), 0, 1): baseline gives 0, target gives 100.

    Works in both directions, since the target is the better end. Raises ValueError for equal or non-finite anchors.
    """
    if baseline == target:
        raise ValueError("baseline and target must differ")
    share = (exact(value) - exact(baseline)) / (exact(target) - exact(baseline))
    return exact(100 * min(max(share, 0.0), 1.0))


def check_plan(plan: RankingPlan, rubric: Rubric | None) -> None:
    """Raise Invalid when this ranking cannot be computed: scheme, weights, anchors, tie rules, a jury without rubric."""
    if plan.scheme != "fixed":
        raise Invalid("The ranking scheme “%(scheme)s” is not known.", scheme=plan.scheme)
    if any(c.weight < 0 for c in plan.components) or sum(c.weight for c in plan.components) <= 0:
        raise Invalid("The weights of the ranking must be whole numbers, none negative and not all zero.")
    for component in plan.components:
        if component.kind == "jury" and rubric is None:
            raise Invalid("The ranking counts a jury, but the edition has no rubric.")
        if component.kind == "metric" and not _has_anchors(component):
            raise Invalid(
                "The component “%(component)s” needs a baseline and a target that differ.", component=component.id
            )
    for rule in plan.tie_break:
        if not _known_rule(rule, plan, rubric):
            raise Invalid("The tie rule “%(rule)s” names nothing that is ranked.", rule=rule)


def _has_anchors(component: Component) -> bool:
    return None not in (component.baseline, component.target) and component.baseline != component.target


def _known_rule(rule: str, plan: RankingPlan, rubric: Rubric | None) -> bool:
    kind, _, name = rule.partition(":")
    if kind == "criterion":
        return rubric is not None and name in {c.id for c in rubric.criteria}
    return rule in {c.id for c in plan.components} | {c.kind for c in plan.components}


def merge(inputs: Inputs) -> tuple[Standing, ...]:
    """Return every team's standing: the ranked ones by rank, then the others by name.

    In this order: the organisers' status; the threshold, on raw marks; the weighted total; the tie chain. A team that
    misses a component with a weight is unranked, never zero. A score depends on the team alone, so that teams that
    leave, fall under the threshold or are out of competition change nobody else's place relative to another.
    Raises Invalid when the plan cannot be computed.
    """
    check_plan(inputs.plan, inputs.rubric)
    means = {} if inputs.rubric is None else team_means(inputs.rubric, inputs.sheets)
    standings = [_assess(team, inputs, means.get(team.id)) for team in inputs.contestants]
    ranked = [s for s in standings if s.status == "ranked"]
    keys = [_tie_key(s, inputs.plan) for s in ranked]
    placed = [
        replace(s, rank=rank, shared=keys.count(key) > 1)
        for s, rank, key in zip(ranked, shared_ranks(keys), keys, strict=True)
    ]
    placed.sort(key=lambda s: (s.rank or 0, s.name, s.team))
    others = sorted((s for s in standings if s.status != "ranked"), key=lambda s: (s.status, s.name, s.team))
    return (*placed, *others)


def _assess(team: Contestant, inputs: Inputs, mean: TeamMean | None) -> Standing:
    scores = _scores(team.id, inputs, mean)
    parts = _contributions(inputs.plan, scores)
    complete = all(c.id in scores for c in inputs.plan.components if c.weight)
    status, reason = _status(team, inputs, mean, scores)
    return Standing(
        team=team.id,
        name=team.name,
        status=status,
        reason=reason,
        rank=None,
        scores=scores,
        jury_points=None if mean is None else mean.points,
        jury_raw=None if mean is None else mean.score,
        jury=None if mean is None else mean.score,
        criteria={} if mean is None else mean.criteria,
        total=weighted_total(inputs.plan, scores) if complete else None,
        contributions=parts if complete else (),
    )


def _scores(team: str, inputs: Inputs, mean: TeamMean | None) -> dict[str, float]:
    scores: dict[str, float] = {}
    for component in inputs.plan.components:
        if component.kind == "jury" and mean is not None:
            scores[component.id] = mean.score
        value = inputs.metrics.get(component.id, {}).get(team)
        if component.kind == "metric" and value is not None and math.isfinite(value):
            scores[component.id] = _metric_score(component, value)
    return scores


def _metric_score(component: Component, value: float) -> float:
    if component.baseline is None or component.target is None:
        raise Invalid(
            "The component “%(component)s” needs a baseline and a target that differ.", component=component.id
        )
    return anchored(value, baseline=component.baseline, target=component.target)


def _status(
    team: Contestant, inputs: Inputs, mean: TeamMean | None, scores: Mapping[str, float]
) -> tuple[Status, str | None]:
    if team.status == "withdrawn":
        return "withdrawn", "withdrawn"
    if team.status == "out_of_competition":
        return "out_of_competition", "out_of_competition"
    if team.status == "ineligible":
        return "ineligible", "decided"
    if mean is not None and inputs.rubric is not None and not reaches_threshold(inputs.rubric, mean.points):
        return "ineligible", "below_threshold"
    for component in inputs.plan.components:
        if component.weight and component.id not in scores:
            return "unranked", "no_jury" if component.kind == "jury" else "no_metric"
    return "ranked", None


def weighted_total(plan: RankingPlan, scores: Mapping[str, float]) -> float:
    """Return sum(weight * score) / sum(weight), quantised to 1e-9; weights stay whole numbers.

    A component of weight 0 is as if it were not there. Raises KeyError when a score with a weight is missing.
    """
    weighted = [c for c in plan.components if c.weight]
    shares = math.fsum(c.weight * scores[c.id] for c in weighted)
    return exact(shares / sum(c.weight for c in weighted))


def _contributions(plan: RankingPlan, scores: Mapping[str, float]) -> tuple[Contribution, ...]:
    whole = sum(c.weight for c in plan.components)
    return tuple(
        Contribution(c.id, c.weight, scores[c.id], c.weight * scores[c.id] / whole)
        for c in plan.components
        if c.weight and c.id in scores
    )


def _tie_key(standing: Standing, plan: RankingPlan) -> tuple[float, ...]:
    if standing.total is None:
        raise ValueError("a ranked team has a total")
    return (-quantise(standing.total, plan.decimals), *(-_tie_value(standing, rule, plan) for rule in plan.tie_break))


def _tie_value(standing: Standing, rule: str, plan: RankingPlan) -> float:
    kind, _, name = rule.partition(":")
    if kind == "criterion":
        return exact(standing.criteria.get(name, 0.0))
    for component in plan.components:
        if rule in (component.id, component.kind):
            return exact(standing.scores.get(component.id, 0.0))
    raise Invalid("The tie rule “%(rule)s” names nothing that is ranked.", rule=rule)
