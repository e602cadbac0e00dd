"""Would the podium change? Exact answers about weights, and what-ifs about jurors, criteria and noise. Pure.

Source: ranking specification 4.9. All of it is about totals that are weighted means of scores on 0 to 100 (scheme
``fixed``); what-ifs merge again with the frozen lambda, so that they work with every scheme.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from datathon.editions.rules import Component
from datathon.jury.grid import exact
from datathon.leaderboard.merge import Inputs, Standing, corrects, merge
from datathon.leaderboard.schemes import weighted_mean

TIED = 1e-9
"""Totals closer than this are equal: they are published to nine decimals."""

Row = Mapping[str, float]
"""component -> score of one team."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Two teams and the share of a component (0 to 1) at which their totals are equal; the others keep their proportions.

    ``ahead`` leads with the declared weights. ``declared`` is the component's declared share.
    """

    ahead: str
    behind: str
    component: str
    declared: float
    share: float


@dataclass(frozen=True, slots=True)
class Nudge:
    """The smallest change of all weights that ties two teams: ``weights`` in shares, ``distance`` the sum of |changes|."""

    ahead: str
    behind: str
    weights: Mapping[str, float]
    distance: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A ranking computed otherwise: ``subject`` names what was changed, ``ranks`` the ranks of the ranked teams.

    ``order`` lists the ranked teams, best first; ``changed`` tells that it differs from the published one.
    """

    subject: str
    order: tuple[str, ...]
    ranks: Mapping[str, int]
    totals: Mapping[str, float]
    changed: bool


def shares(components: Sequence[Component]) -> dict[str, float]:
    """Return each component's share of the weights; they sum to 1."""
    whole = sum(c.weight for c in components)
    return {c.id: c.weight / whole for c in components}


def ranked_rows(standings: Iterable[Standing]) -> dict[str, dict[str, float]]:
    """Return the scores of the ranked teams, best first."""
    return {s.team: dict(s.scores) for s in standings if s.status == "ranked"}


def swaps(components: Sequence[Component], rows: Mapping[str, Row], component: str) -> tuple[Swap, ...]:
    """Return every pair of teams whose order depends on the share of one component, the nearest share first.

    The other components keep their proportions. A pair is missing when no share strictly between 0 and 1 ties it.
    """
    declared = shares(components)
    if not 0 < declared[component] < 1:
        return ()
    found = []
    teams = sorted(rows, key=lambda t: -weighted_mean(components, rows[t]))
    for n, one in enumerate(teams):
        for other in teams[n + 1 :]:
            share = swap_share(declared, rows[one], rows[other], component)
            if share is not None:
                found.append(Swap(one, other, component, declared[component], share))
    return tuple(sorted(found, key=lambda s: (abs(s.share - s.declared), s.ahead, s.behind)))


def swap_share(declared: Mapping[str, float], one: Row, other: Row, component: str) -> float | None:
    """Return the share of ``component`` at which both totals are equal, None when none lies strictly between 0 and 1.

    w = r / (r - c), where c is the difference of their scores there and r the difference of the means of the rest.
    """
    rest = 1 - declared[component]
    apart = math.fsum(w * (one[c] - other[c]) for c, w in declared.items() if c != component and w) / rest
    here = one[component] - other[component]
    if apart == here:
        return None
    share = apart / (apart - here)
    return share if 0 < share < 1 else None


def reweighted(declared: Mapping[str, float], component: str, share: float) -> dict[str, float]:
    """Return shares with one component at ``share`` and the others in their declared proportions."""
    rest = 1 - declared[component]
    return {c: share if c == component else w * (1 - share) / rest for c, w in declared.items()}


def total_at(weights: Mapping[str, float], row: Row) -> float:
    """Return a weighted mean for any weights, which need not sum to 1."""
    return math.fsum(w * row[c] for c, w in weights.items() if w) / math.fsum(weights.values())


def nudge(components: Sequence[Component], ahead: str, behind: str, rows: Mapping[str, Row]) -> Nudge | None:
    """Return the smallest change of the weights, in sum of absolute changes, that ties two teams; None: impossible.

    The linear program on the simplex has this solution: weight goes to the component where ``behind`` is best compared
    with ``ahead``, and is taken from those where it is worst, one after the other, until both are equal.
    """
    declared = shares(components)
    apart = {c: rows[ahead][c] - rows[behind][c] for c in declared if c in rows[ahead] and c in rows[behind]}
    gap = math.fsum(declared[c] * d for c, d in apart.items())
    target = min(apart, key=lambda c: (apart[c], c))
    if gap < -TIED or apart[target] > 0:
        return None
    weights = {c: declared[c] for c in apart}
    left = gap
    for source in sorted(apart, key=lambda c: (-apart[c], c)):
        per_unit = apart[source] - apart[target]
        if left <= 0 or per_unit <= 0:
            break
        moved = min(weights[source], left / per_unit)
        weights[source] -= moved
        weights[target] += moved
        left -= moved * per_unit
    distance = math.fsum(abs(weights[c] - declared[c]) for c in weights)
    return Nudge(ahead, behind, weights, distance)


def neighbours(inputs: Inputs, standings: Sequence[Standing]) -> tuple[Nudge | None, ...]:
    """Return, for each ranked team but the last, the smallest change of weights that ties it with the next one."""
    rows = ranked_rows(standings)
    teams = list(rows)
    parts = [c for c in inputs.plan.components if c.weight]
    return tuple(nudge(parts, one, other, rows) for one, other in itertools.pairwise(teams))


def _what_if(subject: str, inputs: Inputs, published: Sequence[Standing]) -> WhatIf:
    found = [s for s in merge(inputs) if s.status == "ranked"]
    ranks = {s.team: s.rank or 0 for s in found}
    before = {s.team: s.rank for s in published if s.status == "ranked"}
    return WhatIf(subject, tuple(ranks), ranks, {s.team: s.total or 0.0 for s in found}, changed=ranks != before)


def nudged_weights(inputs: Inputs, *, by: float = 0.1) -> tuple[WhatIf, ...]:
    """Return the ranking with each weight relatively lower and higher by ``by``, the sum renormalised by the merge.

    Weights stay whole numbers: they are scaled so that the nudge is exact to six digits.
    """
    published = merge(inputs)
    found = []
    for component in inputs.plan.components:
        for sign in (-1, 1):
            parts = tuple(
                replace(c, weight=round(c.weight * 1_000_000 * (1 + sign * by * (c.id == component.id))))
                for c in inputs.plan.components
            )
            if sum(c.weight for c in parts):
                subject = f"{component.id}{'-+'[sign > 0]}"
                found.append(_what_if(subject, replace(inputs, plan=replace(inputs.plan, components=parts)), published))
    return tuple(found)


def nudged_criteria(inputs: Inputs, *, by: float = 0.1) -> tuple[WhatIf, ...]:
    """Return the ranking with each criterion counting relatively less and more by ``by``, totals brought back to scale.

    Eligibility is decided again on the re-weighted raw means: a threshold that only just holds shows here.
    """
    rubric = inputs.rubric
    if rubric is None:
        return ()
    published = merge(inputs)
    found = []
    for criterion in rubric.criteria:
        for sign in (-1, 1):
            factor = {c.id: 1 + sign * by * (c.id == criterion.id) for c in rubric.criteria}
            back = rubric.maximum / math.fsum(c.counts * factor[c.id] for c in rubric.criteria)
            criteria = tuple(replace(c, weight=c.counts * factor[c.id] * back) for c in rubric.criteria)
            changed = replace(inputs, rubric=replace(rubric, criteria=criteria))
            found.append(_what_if(f"{criterion.id}{'-+'[sign > 0]}", changed, published))
    return tuple(found)


def without_each_juror(inputs: Inputs) -> tuple[WhatIf, ...]:
    """Return the ranking without each juror in turn, with the frozen lambda: what a president asks first."""
    published = merge(inputs)
    jurors = sorted({s.juror for s in inputs.sheets}, key=lambda j: (len(j), j))
    return tuple(
        _what_if(juror, replace(inputs, sheets=tuple(s for s in inputs.sheets if s.juror != juror)), published)
        for juror in jurors
    )


def without_each_criterion(inputs: Inputs) -> tuple[WhatIf, ...]:
    """Return the ranking without each criterion in turn; the threshold keeps its share of the maximum."""
    rubric = inputs.rubric
    if rubric is None or len(rubric.criteria) < 2:
        return ()
    published = merge(inputs)
    found = []
    for criterion in rubric.criteria:
        kept = tuple(c for c in rubric.criteria if c.id != criterion.id)
        share = math.fsum(c.counts for c in kept) / rubric.maximum
        rules = tuple(rule for rule in inputs.plan.tie_break if rule != f"criterion:{criterion.id}")
        changed = replace(
            inputs,
            rubric=replace(rubric, criteria=kept, threshold=rubric.threshold * share),
            plan=replace(inputs.plan, tie_break=rules),
            sheets=tuple(
                replace(s, points={c: p for c, p in s.points.items() if c != criterion.id}) for s in inputs.sheets
            ),
        )
        found.append(_what_if(criterion.id, changed, published))
    return tuple(found)


def by_scheme(
    inputs: Inputs, schemes: Sequence[str] = ("fixed", "geometric", "rank", "lexicographic")
) -> tuple[WhatIf, ...]:
    """Return the ranking under each scheme, the announced one included; those that lack anchors are left out.

    Then by the jury's raw marks alone ("raw_jury"), and with the correction of severity turned off ("raw") or on
    ("corrected"), against the rules, where it changes any score.
    """
    published = merge(inputs)
    anchored = all(c.baseline is not None for c in inputs.plan.components if c.kind == "metric")
    found = [
        _what_if(scheme, replace(inputs, plan=replace(inputs.plan, scheme=scheme)), published)
        for scheme in schemes
        if anchored or scheme == "rank"
    ]
    parts = inputs.plan.components
    if any(c.kind == "jury" and c.weight for c in parts) and any(c.kind != "jury" and c.weight for c in parts):
        alone = tuple(c if c.kind == "jury" else replace(c, weight=0) for c in parts)
        uncorrected = replace(inputs.correction, applied=False)
        plan = replace(inputs.plan, components=alone, scheme="fixed" if anchored else inputs.plan.scheme)
        found.append(_what_if("raw_jury", replace(inputs, plan=plan, correction=uncorrected), published))
    if corrects(inputs.correction, inputs.sheets):
        other = replace(inputs.correction, applied=not inputs.correction.applied)
        subject = "corrected" if other.applied else "raw"
        found.append(_what_if(subject, replace(inputs, correction=other), published))
    return tuple(found)


def first_places(
    components: Sequence[Component],
    rows: Mapping[str, Row],
    errors: Mapping[str, float],
    *,
    seed: int,
    draws: int = 20_000,
) -> dict[str, float]:
    """Return how often each team comes first when scores carry noise, P in 0..1; ties share the place.

    ``errors`` maps a component to the standard error of its scores; a total's noise is normal with variance
    sum((share * error)^2). The same seed gives the same answer.
    """
    import numpy as np  # noqa: PLC0415 - only this question needs draws

    if not rows:
        return {}
    declared = shares(components)
    spread = math.sqrt(math.fsum((declared[c] * error) ** 2 for c, error in errors.items()))
    totals = np.array([weighted_mean(components, rows[t]) for t in rows])
    noisy = totals + np.random.default_rng(seed).normal(0.0, spread, size=(draws, len(totals)))
    best = noisy == noisy.max(axis=1, keepdims=True)
    won = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return {t: exact(float(p)) for t, p in zip(rows, won, strict=True)}
