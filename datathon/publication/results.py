"""The object of results.json: all that anybody needs to recompute a published ranking. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datathon.editions.rules import Component, Criterion
from datathon.jury.grid import Marks
from datathon.jury.pairwise import PRIOR, Tally, fitted
from datathon.jury.votes import Votes
from datathon.leaderboard.merge import STRENGTH_DECIMALS, Inputs, Standing, corrects, shown_beside, strengths_of
from datathon.leaderboard.rules import quantise

FORMAT = "datathon-results/1"


@dataclass(frozen=True, slots=True)
class Counted:
    """The submission that counts for a team: its number, whether the team chose it, its SHA-256."""

    number: int
    chosen: bool
    digest: str


@dataclass(frozen=True, slots=True)
class MetricName:
    """What a metric component measures: the metric's name and the decimals its values are quantised to."""

    name: str
    decimals: int


def results_object(
    *,
    edition: str,
    inputs: Inputs,
    standings: tuple[Standing, ...],
    metric_names: Mapping[str, MetricName],
    counted: Mapping[str, Mapping[str, Counted]],
    digests: Mapping[str, str],
    code: str,
    rubrics: Sequence[Mapping[str, Any]] = (),
    closings: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the results as JSON values; jurors are pseudonyms already, teams go by their slug.

    ``metric`` holds the values of the first metric component; where there are several, ``metrics`` holds all of them by
    component. ``ranking`` holds ranked teams only, best first; the others stand in ``teams`` with status and reason.
    ``sheets`` hold marks as they were given; a criterion with a ``weight`` adds mark × weight / max to a total.
    ``rubrics`` are the versions of the rubric, told where a corrected one was adopted; the last one is in ``criteria``.
    ``closings`` are the corrections of severity frozen at the closing and after each sheet that was corrected since.
    ``vote`` holds the count of the public vote, where there was one: a part of kind "vote" is worth the share of the
    ballots that name a team, on its anchors; ``frozen`` has its weight and the sum of all weights when it opened. ``jury_fair`` (unclipped) stands beside ``jury_raw`` wherever severity was estimated; ``jury`` is the one that counts.
    """
    metrics = {c.id: dict(inputs.metrics.get(c.id, {})) for c in inputs.plan.components if c.kind == "metric"}
    return {
        "format": FORMAT,
        "edition": edition,
        "scheme": inputs.plan.scheme,
        "decimals": inputs.plan.decimals,
        "components": [_component(c, inputs, metric_names.get(c.id)) for c in inputs.plan.components],
        "criteria": [] if inputs.rubric is None else [_criterion(c) for c in inputs.rubric.criteria],
        **_lone_threshold(inputs),
        **({"rubric": [dict(one) for one in rubrics]} if len(rubrics) > 1 else {}),
        **({"closings": [dict(one) for one in closings]} if len(closings) > 1 else {}),
        "tie_break": list(inputs.plan.tie_break),
        "teams": [_team(s) for s in standings],
        "metric": next(iter(metrics.values()), {}),
        **({"metrics": metrics} if len(metrics) > 1 else {}),
        "counted": {
            component: {
                team: {"submission": c.number, "chosen": c.chosen, "digest": c.digest} for team, c in teams.items()
            }
            for component, teams in counted.items()
        },
        "sheets": [{"juror": s.juror, "team": s.team, "marks": dict(s.points)} for s in _ordered(inputs.sheets)],
        "ranking": [_row(s, inputs) for s in standings if s.status == "ranked"],
        **({"also_shown": shown_beside(inputs, standings)} if inputs.plan.also_shown else {}),
        **({"vote": _vote(inputs.votes)} if inputs.votes is not None else {}),
        **({"pairwise": _pairwise(inputs.compared)} if inputs.compared is not None else {}),
        "decided": [],
        "inputs": dict(sorted(digests.items())),
        "code": code,
    }


def _ordered(sheets: tuple[Marks, ...]) -> list[Marks]:
    return sorted(sheets, key=lambda s: (s.team, len(s.juror), s.juror))


def _component(component: Component, inputs: Inputs, metric: MetricName | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": component.id,
        "kind": component.kind,
        "weight": component.weight,
        "challenge": component.challenge,
    }
    if component.kind == "jury":
        threshold = None if inputs.rubric is None else inputs.rubric.threshold
        if inputs.by_pairs:
            return {**said, "mode": "pairwise", **_correction(inputs), "threshold": None}
        return {**said, **_correction(inputs), "threshold": threshold}
    named = {} if metric is None else {"metric": metric.name, "metric_decimals": metric.decimals}
    return {
        **said,
        "direction": component.direction,
        "baseline": component.baseline,
        "target": component.target,
        **named,
    }


def _lone_threshold(inputs: Inputs) -> dict[str, Any]:
    """Return the jury's threshold where no component carries it: marks decide who is eligible, not the total."""
    if inputs.rubric is None or any(c.kind == "jury" for c in inputs.plan.components):
        return {}
    return {"threshold": inputs.rubric.threshold}


def _correction(inputs: Inputs) -> dict[str, Any]:
    """Return what counts ("raw" where nothing is corrected) and, under "shown", what is only printed beside."""
    frozen = inputs.correction
    effective = corrects(frozen, inputs.sheets)
    named: dict[str, Any] = {"correction": frozen.method, "lambda": frozen.lam}
    said = named if effective and frozen.applied else {"correction": "raw", "lambda": None}
    return {**said, "why": frozen.why, **({"shown": named} if effective and not frozen.applied else {})}


def _pairwise(compared: Tally) -> dict[str, Any]:
    """Return the comparisons two by two: wins by pair, never by juror, and the strengths that follow from them."""
    found = fitted(compared)
    return {
        "prior": PRIOR,
        "decimals": STRENGTH_DECIMALS,
        "teams": list(compared.items),
        "wins": [{"teams": list(pair), "wins": list(won)} for pair, won in compared.wins.items()],
        "theta": strengths_of(compared),
        "sd": {team: quantise(sd, STRENGTH_DECIMALS) for team, sd in found.sd.items()},
        "connected": found.connected,
    }


def _criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "max": criterion.maximum,
        "threshold": criterion.threshold,
        "title": dict(criterion.title),
        "step": criterion.step,
        **({} if criterion.weight is None else {"weight": criterion.weight}),
    }


def _vote(votes: Votes) -> dict[str, Any]:
    """Return the count of the public vote: how many ballots came, and how many of them name each team."""
    return {
        "title": dict(votes.rules.title),
        "most": votes.rules.most,
        "target": votes.rules.target,
        "ballots": votes.ballots,
        "counts": dict(sorted(votes.counts.items())),
        **({} if votes.frozen is None else {"frozen": dict(votes.frozen)}),
        **({"void": [dict(sheet) for sheet in votes.void]} if votes.void else {}),
    }


def _team(standing: Standing) -> dict[str, Any]:
    team: dict[str, Any] = {"id": standing.team, "name": standing.name, "status": standing.status}
    if standing.reason is not None:
        team["reason"] = standing.reason
    if standing.status not in ("ranked", "withdrawn"):
        team.update(jury_raw=standing.jury_raw, jury=standing.jury, scores=dict(standing.scores), total=standing.total)
        if standing.jury_fair is not None:
            team["jury_fair"] = standing.jury_fair
    if standing.sensitive:
        team["sensitive"] = True
    return team


def _row(standing: Standing, inputs: Inputs) -> dict[str, Any]:
    metric = next((c.id for c in inputs.plan.components if c.kind == "metric"), None)
    return {
        "team": standing.team,
        "rank": standing.rank,
        "metric": None if metric is None else standing.scores.get(metric),
        "jury_raw": standing.jury_raw,
        "jury": standing.jury,
        **({} if standing.jury_fair is None else {"jury_fair": standing.jury_fair}),
        "total": standing.total,
        "scores": dict(standing.scores),
        "contributions": {c.component: c.points for c in standing.contributions},
        "criteria": dict(standing.criteria),
        "shared": standing.shared,
    }


def digest_of(results: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of a results object written as canonical JSON."""
    text = json.dumps(results, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
