"""The final ranking: metrics and the jury's scores, merged by the scheme that the rules announced. Pure.

Source: ranking specification 4.2 (ties), 4.3 (anchors), 4.5 (severity), 4.8 (merge). Each number that is published is
quantised, and the next one follows from the published ones, so that anybody can recompute the ranking from the results
file.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from datathon.editions.rules import Component, RankingPlan, Rubric
from datathon.jury.grid import Marks, TeamMean, criterion_below, exact, fair_scores, reaches_threshold, team_means
from datathon.jury.pairwise import Tally, fitted, preference
from datathon.jury.panel import is_complete, islands
from datathon.jury.shrinkage import RAW, Correction
from datathon.jury.votes import Votes
from datathon.kernel.errors import Invalid
from datathon.leaderboard.rules import quantise, shared_ranks
from datathon.leaderboard.schemes import also_shown, beaten_share, geometric_mean, in_order, weighted_mean

Status = Literal["ranked", "ineligible", "out_of_competition", "withdrawn", "unranked"]
SCHEMES = ("fixed", "geometric", "rank", "lexicographic")
DECIDED: Mapping[str, tuple[Status, str]] = {
    "withdrawn": ("withdrawn", "withdrawn"),
    "out_of_competition": ("out_of_competition", "out_of_competition"),
    "ineligible": ("ineligible", "decided"),
}
"""What the organisers decided about a team -> its status and the code of the reason."""

PAIRWISE = "pairwise"
"""Name of the tie rule that reads the comparisons two by two."""

STRENGTH_DECIMALS = 6
"""Strengths are quantised to this before they are compared or published."""


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
    complete sheets only. ``rubric`` is None when no jury grades. ``correction`` is the one frozen when the jury closed.
    ``compared`` holds the comparisons two by two, None when none were made; ``votes`` the count of the public vote, None
    where there is none or while it is secret. ``by_pairs``: the comparisons make the jury's score; then ``rubric`` is None.
    """

    plan: RankingPlan
    rubric: Rubric | None
    contestants: tuple[Contestant, ...]
    metrics: Mapping[str, Mapping[str, float]]
    sheets: tuple[Marks, ...] = ()
    correction: Correction = RAW
    compared: Tally | None = None
    votes: Votes | None = None
    by_pairs: bool = False


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

    ``rank`` is set for status "ranked" only. ``reason`` is a code for every other status: below_threshold,
    below_criterion, decided, out_of_competition, withdrawn, no_jury, no_metric, no_vote. ``jury_points`` is the raw mean on the
    rubric's scale. On 0 to 100 are ``jury_raw``, the raw mean; ``jury_fair``, what an average juror would have given,
    unclipped (None: not computed); ``jury``, the one of both that counts, clipped. ``scores`` holds what the scheme
    merges. ``total`` (0 to 100, higher is better) is None where a component is missing; contributions sum to it to 1e-9,
    and ranks compare it at the plan's decimals. ``sensitive``: the fair score falls on the other side of the threshold.
    ``shared``: the whole tie chain could not separate this team from another.
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
    jury_fair: float | None = None


def anchored(value: float, *, baseline: float, target: float) -> float:
    """Return 100 * clip((value - baseline) / (target - baseline), 0, 1): baseline gives 0, target gives 100.

    Works in both directions, since the target is the better end. Raises ValueError for equal or non-finite anchors.
    """
    if baseline == target:
        raise ValueError("baseline and target must differ")
    share = (exact(value) - exact(baseline)) / (exact(target) - exact(baseline))
    return exact(100 * min(max(share, 0.0), 1.0))


def check_plan(plan: RankingPlan, rubric: Rubric | None, *, by_pairs: bool = False) -> None:
    """Raise Invalid when this ranking cannot be computed: scheme, weights, anchors, tie rules, a jury without rubric."""
    if plan.scheme not in SCHEMES:
        raise Invalid("The ranking scheme “%(scheme)s” is not known.", scheme=plan.scheme)
    if any(c.weight < 0 for c in plan.components) or sum(c.weight for c in plan.components) <= 0:
        raise Invalid("The weights of the ranking must be whole numbers, none negative and not all zero.")
    for component in plan.components:
        if component.kind == "jury" and rubric is None and not by_pairs:
            raise Invalid("The ranking counts a jury, but the edition has no rubric.")
        if component.kind != "jury" and plan.scheme != "rank" and not _has_anchors(component):
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
    return rule in {c.id for c in plan.components} | {c.kind for c in plan.components} | {PAIRWISE}


def settles_by_pairs(plan: RankingPlan) -> bool:
    """Whether comparisons two by two are a tie rule; a component of that name is meant before them."""
    return PAIRWISE in plan.tie_break and PAIRWISE not in {c.id for c in plan.components}


def strengths_of(compared: Tally) -> dict[str, float]:
    """Return each compared team's strength as it is published and compared; higher is better."""
    return {team: quantise(theta, STRENGTH_DECIMALS) for team, theta in fitted(compared).theta.items()}


def pair_scores(compared: Tally) -> dict[str, float]:
    """Return the jury's score, 0 to 100, of each team that was compared at least once; the others have none."""
    met = {team for pair, won in compared.wins.items() if sum(won) for team in pair}
    return {team: preference(theta) for team, theta in strengths_of(compared).items() if team in met}


def merge(inputs: Inputs) -> tuple[Standing, ...]:
    """Return every team's standing: the ranked ones by rank, then the others by name.

    In this order: the organisers' status; the thresholds, on raw marks; the weighted total; the tie chain. A team that
    misses a component with a weight is unranked, never zero. Except under ``rank`` a score depends on the team alone, so
    that teams that leave, fall under the threshold or are out of competition change nobody else's place relative to
    another. Raises Invalid when the plan cannot be computed.
    """
    check_plan(inputs.plan, inputs.rubric, by_pairs=inputs.by_pairs)
    preferred = pair_scores(inputs.compared) if inputs.by_pairs and inputs.compared is not None else {}
    means = {} if inputs.rubric is None else team_means(inputs.rubric, inputs.sheets)
    fair = _fair(inputs)
    standings = [
        _assess(team, inputs, means.get(team.id), fair.get(team.id), preferred.get(team.id))
        for team in inputs.contestants
    ]
    if inputs.plan.scheme == "rank":
        standings = _by_rank(standings, inputs.plan)
    ranked = [s for s in standings if s.status == "ranked"]
    keys = _tie_keys(ranked, inputs)
    placed = [
        replace(s, rank=rank, shared=keys.count(key) > 1)
        for s, rank, key in zip(ranked, shared_ranks(keys), keys, strict=True)
    ]
    placed.sort(key=lambda s: (s.rank or 0, s.name, s.team))
    others = sorted((s for s in standings if s.status != "ranked"), key=lambda s: (s.status, s.name, s.team))
    return (*placed, *others)


def shown_beside(inputs: Inputs, standings: tuple[Standing, ...]) -> dict[str, dict[str, float]]:
    """Return, for each scheme the plan shows beside, the totals of the ranked teams by team. They decide nothing."""
    rows = {s.team: _scores(s.team, inputs, s.jury) for s in standings if s.status == "ranked"}
    return {scheme: also_shown(scheme, inputs.plan.components, rows) for scheme in inputs.plan.also_shown}


def corrects(correction: Correction, sheets: tuple[Marks, ...]) -> bool:
    """Whether a correction changes anything with these sheets: there is one, and they are incomplete and connected.

    After the closing a team may withdraw, with its sheets. What remains may be complete, where raw and fair are equal,
    or in parts that cannot be compared, where nothing is corrected.
    """
    pairs = [(s.juror, s.team) for s in sheets]
    return correction.lam is not None and bool(pairs) and not is_complete(pairs) and len(islands(pairs)) == 1


def _fair(inputs: Inputs) -> dict[str, float]:
    lam = inputs.correction.lam
    graded = any(c.kind == "jury" for c in inputs.plan.components)
    if inputs.rubric is None or lam is None or not graded or not corrects(inputs.correction, inputs.sheets):
        return {}
    return fair_scores(inputs.rubric, inputs.sheets, lam)


def _assess(
    team: Contestant, inputs: Inputs, mean: TeamMean | None, fair: float | None, preferred: float | None
) -> Standing:
    jury = preferred if mean is None else mean.score
    if fair is not None and inputs.correction.applied:
        jury = exact(min(max(fair, 0.0), 100.0))
    scores = _scores(team.id, inputs, jury)
    complete = all(c.id in scores for c in inputs.plan.components if c.weight)
    total = scheme_total(inputs.plan, scores) if complete and inputs.plan.scheme != "rank" else None
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
        jury=jury,
        criteria={} if mean is None else mean.criteria,
        total=total,
        contributions=() if total is None else _contributions(inputs.plan, scores, total),
        sensitive=_sensitive(inputs.rubric, mean, fair),
        jury_fair=fair,
    )


def _sensitive(rubric: Rubric | None, mean: TeamMean | None, fair: float | None) -> bool:
    if rubric is None or mean is None or fair is None:
        return False
    return reaches_threshold(rubric, mean.points) != reaches_threshold(rubric, fair * rubric.maximum / 100)


def _scores(team: str, inputs: Inputs, jury: float | None) -> dict[str, float]:
    scores: dict[str, float] = {}
    for component in inputs.plan.components:
        if component.kind == "jury" and jury is not None:
            scores[component.id] = jury
        value = inputs.metrics.get(component.id, {}).get(team)
        if component.kind == "vote" and inputs.votes is not None:
            value = inputs.votes.share(team)
        if component.kind != "jury" and value is not None and math.isfinite(value):
            scores[component.id] = _metric_score(component, value)
    return scores


def _metric_score(component: Component, value: float) -> float:
    if component.baseline is None or component.target is None:
        # Only the scheme "rank" gets here: it asks no more than which value is better.
        return -value if component.direction == "lower" else value
    return anchored(value, baseline=component.baseline, target=component.target)


def _by_rank(standings: list[Standing], plan: RankingPlan) -> list[Standing]:
    """Give each ranked team the share of the other ranked teams it beats, component by component."""
    ranked = [s for s in standings if s.status == "ranked"]
    columns = {c.id: beaten_share({s.team: s.scores[c.id] for s in ranked}) for c in plan.components if c.weight}
    found = []
    for standing in standings:
        if standing.status != "ranked":
            found.append(replace(standing, scores={}))
            continue
        scores = {c: column[standing.team] for c, column in columns.items()}
        total = weighted_mean(plan.components, scores)
        found.append(replace(standing, scores=scores, total=total, contributions=_contributions(plan, scores, total)))
    return found


def _status(
    team: Contestant, inputs: Inputs, mean: TeamMean | None, scores: Mapping[str, float]
) -> tuple[Status, str | None]:
    if team.status in DECIDED:
        return DECIDED[team.status]
    if mean is not None and inputs.rubric is not None:
        if not reaches_threshold(inputs.rubric, mean.points):
            return "ineligible", "below_threshold"
        if criterion_below(inputs.rubric, mean) is not None:
            return "ineligible", "below_criterion"
    for component in inputs.plan.components:
        if component.weight and component.id not in scores:
            return "unranked", f"no_{component.kind}"
    return "ranked", None


def scheme_total(plan: RankingPlan, scores: Mapping[str, float]) -> float:
    """Return the total of one team from 0 to 100, quantised to 1e-9; KeyError when a score with a weight is missing."""
    if plan.scheme == "geometric":
        return geometric_mean(plan.components, scores)
    if plan.scheme == "lexicographic":
        return exact(scores[in_order(plan.components)[0].id])
    return weighted_mean(plan.components, scores)


def _contributions(plan: RankingPlan, scores: Mapping[str, float], total: float) -> tuple[Contribution, ...]:
    """Split a total: by weight x score where it is their mean, in the same proportions where it is geometric."""
    weighted = [c for c in plan.components if c.weight]
    whole = sum(c.weight for c in weighted)
    if plan.scheme == "lexicographic":
        first = in_order(plan.components)[0].id
        return tuple(Contribution(c.id, c.weight, scores[c.id], total if c.id == first else 0.0) for c in weighted)
    factor = 1.0
    if plan.scheme == "geometric":
        mean = weighted_mean(plan.components, scores)
        factor = total / mean if mean else 0.0
    return tuple(
        Contribution(c.id, c.weight, scores[c.id], factor * (c.weight * scores[c.id] / whole)) for c in weighted
    )


def _tie_keys(ranked: list[Standing], inputs: Inputs) -> list[tuple[float, ...]]:
    """Return what is compared, smaller first: total, then one number for each tie rule.

    Comparisons two by two separate teams that tie so far only where every one of them was compared; a team that was
    not could stand anywhere among them.
    """
    keys = [_first_key(standing, inputs.plan) for standing in ranked]
    strengths = {} if inputs.compared is None else strengths_of(inputs.compared)
    by_pairs = settles_by_pairs(inputs.plan)
    for rule in inputs.plan.tie_break:
        if rule == PAIRWISE and by_pairs:
            strange = {key for key, s in zip(keys, ranked, strict=True) if s.team not in strengths}
            values = [0.0 if key in strange else strengths[s.team] for key, s in zip(keys, ranked, strict=True)]
        else:
            values = [_tie_value(standing, rule, inputs) for standing in ranked]
        keys = [(*key, -value) for key, value in zip(keys, values, strict=True)]
    return keys


def _first_key(standing: Standing, plan: RankingPlan) -> tuple[float, ...]:
    if standing.total is None:
        raise ValueError("a ranked team has a total")
    first = [standing.total]
    if plan.scheme == "lexicographic":
        first = [standing.scores[c.id] for c in in_order(plan.components)]
    return tuple(-quantise(value, plan.decimals) for value in first)


def _tie_value(standing: Standing, rule: str, inputs: Inputs) -> float:
    kind, _, name = rule.partition(":")
    if kind == "criterion":
        return exact(standing.criteria.get(name, 0.0))
    for component in inputs.plan.components:
        if rule not in (component.id, component.kind):
            continue
        if component.kind == "jury" and inputs.correction.applied and standing.jury_fair is not None:
            # Unclipped: two teams above the maximum are still told apart.
            return exact(standing.jury_fair)
        return exact(standing.scores.get(component.id, 0.0))
    raise Invalid("The tie rule “%(rule)s” names nothing that is ranked.", rule=rule)
